from odoo import api, models
from odoo.tools import SQL

from ...tools import payment_index
from .figure import FigureFloat, FigureInteger


class FulfilmentProfileMixin(models.AbstractModel):
    """How instalments were paid: when against their due dates, and how regularly.

    What settles an instalment is a payment when it comes from a bank, cash or card journal, else a credit or a write-off.
    """
    _inherit = 'fulfilment.profile.mixin'

    overdue_days_max = FigureInteger(
        string="Longest delay (days)", facts='derived', needs=('receivables', 'payments'), aggregator='max',
        help="The most days an instalment was late that is open and late now, or was paid in the window (12 months unless set otherwise).",
    )
    overdue_days_avg = FigureFloat(
        string="Average delay (days)", facts='derived', needs=('receivables', 'payments'),
        help="Days late of the instalments paid in the window or open and late now, weighted by amount; on time or early counts 0.",
    )
    payment_count = FigureInteger(
        string="Instalments judged", facts='derived', needs=('receivables', 'payments'), total=True,
        help="Instalments fully settled in the window by at least one payment, or open and late now. The base of the on-time rate.",
    )
    on_time_payment_rate = FigureFloat(
        string="Paid on time (%)", facts='derived', needs=('receivables', 'payments'),
        help="Share of the instalments judged whose last payment came on or before the due date. Paid in part and late is late.",
    )
    days_beyond_terms = FigureFloat(
        string="Days beyond terms", facts='payments',
        help="Days between due date and payment in the window, weighted by the amount paid; early payments count as negative days.",
    )
    payment_index = FigureFloat(
        string="Payment index", facts='payments',
        help="How early or late money came, weighted by amount: 100 is 30 days early, 80 on time, 50 thirty days late, 20 four months "
             "late. Over 24 months and from 3 payments on, unless set otherwise.",
    )
    payment_event_count = FigureInteger(
        string="Payments", facts='payments', total=True, help="Payments received in the months of the payment index.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'payments': self._payments_sql}

    @api.model
    def _derived(self, scope):
        """Instalments are judged when they are settled by a payment, or late now: the two come from two SELECTs."""
        judged = SQL("(COALESCE(payments.judged, 0) + COALESCE(receivables.late, 0))")
        weight = SQL("NULLIF(COALESCE(payments.days_weight, 0) + COALESCE(receivables.late_days_weight, 0), 0)")
        return {
            **super()._derived(scope),
            'payment_count': judged,
            'on_time_payment_rate': self._quotient(SQL("COALESCE(payments.on_time, 0)"), judged),
            'overdue_days_max': SQL("GREATEST(payments.days_max, receivables.overdue_days_open)"),
            'overdue_days_avg': SQL(
                "round(((COALESCE(payments.days_sum, 0) + COALESCE(receivables.late_days_sum, 0)) / %s)::numeric, 2)", weight,
            ),
        }

    @api.model
    def _index_case(self, days, points):
        """Return the payment index of ``days`` late, as SQL."""
        first = points[0]
        branches = [SQL("WHEN %s <= %s THEN %s", days, first[0], first[1])] + [
            SQL("WHEN %(days)s <= %(right)s THEN %(high)s + (%(days)s - %(right)s) * %(slope)s::float8",
                days=days, right=right, high=high, slope=round(slope, 12))
            for right, high, slope in payment_index.segments(points)
        ]
        return SQL("CASE %s ELSE %s END", SQL(" ").join(branches), points[-1][1])

    @api.model
    def _index_case_of(self, days, company):
        """Return the payment index of a number of days as a query: what the figure uses, for a look at single points."""
        return SQL("SELECT %s", self._index_case(SQL("%s::int", days), company._fulfilment_index_points()))

    @api.model
    def _payments_sql(self, scope):
        """Beside the figures: the instalments settled in the window, how many on time, and their days late weighted by amount."""
        return SQL(
            """
            WITH settled AS (
                SELECT debit.partner_id, debit.balance::float8 AS balance, debit.journal_id, debit.move_id,
                       COALESCE(debit.date_maturity, debit.date) AS due, debit.reconciled,
                       part.amount::float8 AS amount, part.max_date AS day, credit.id IS NOT NULL AS money,
                       max(part.max_date) FILTER (WHERE credit.id IS NOT NULL) OVER so_far AS paid_on,
                       lead(part.id) OVER so_far IS NULL AS is_last
                  FROM account_partial_reconcile part
                  JOIN account_move_line debit ON debit.id = part.debit_move_id
             LEFT JOIN account_move_line credit
                       ON credit.id = part.credit_move_id AND credit.journal_id = %(money)s AND credit.account_id = ANY(%(accounts)s)
                 WHERE debit.account_id = ANY(%(accounts)s) AND debit.parent_state = 'posted' AND debit.company_id = ANY(%(companies)s)
                   AND part.max_date > LEAST(%(index_since)s, %(since)s) AND %(of_debit)s
                WINDOW so_far AS (PARTITION BY debit.id ORDER BY part.max_date, part.id ROWS UNBOUNDED PRECEDING)
            ),
            paid AS (
                SELECT partner_id,
                       count(*) FILTER (WHERE money AND day > %(index_since)s) AS payments,
                       sum(amount) FILTER (WHERE money AND day > %(index_since)s) AS index_weight,
                       sum(amount * %(index)s) FILTER (WHERE money AND day > %(index_since)s) AS index_sum,
                       sum(amount) FILTER (WHERE money AND day > %(since)s) AS terms_weight,
                       sum(amount * (day - due)) FILTER (WHERE money AND day > %(since)s) AS terms_sum,
                       count(*) FILTER (WHERE is_done) AS judged,
                       count(*) FILTER (WHERE is_done AND paid_on <= due) AS on_time,
                       max(GREATEST(paid_on - due, 0)) FILTER (WHERE is_done) AS days_max,
                       sum(balance * GREATEST(paid_on - due, 0)) FILTER (WHERE is_done) AS days_sum,
                       sum(balance) FILTER (WHERE is_done) AS days_weight
                  FROM (SELECT *, is_last AND reconciled AND paid_on > %(since)s AS is_done FROM settled) event
                 WHERE day <= %(day)s AND %(instalment)s
              GROUP BY partner_id
            )
            SELECT partner.commercial_partner_id AS partner_id,
                   round((sum(terms_sum) / NULLIF(sum(terms_weight), 0))::numeric, 2) AS days_beyond_terms,
                   CASE WHEN sum(payments) >= %(minimum)s THEN round((sum(index_sum) / NULLIF(sum(index_weight), 0))::numeric, 2) END
                       AS payment_index,
                   sum(payments) AS payment_event_count,
                   sum(judged) AS judged, sum(on_time) AS on_time, max(days_max) AS days_max, sum(days_sum) AS days_sum,
                   sum(days_weight) AS days_weight
              FROM paid
              JOIN res_partner partner ON partner.id = paid.partner_id
          GROUP BY partner.commercial_partner_id
            """,
            accounts=list(scope.accounts), companies=list(scope.companies), day=scope.day, since=scope.since, index_since=scope.index_since,
            money=SQL("ANY(%s)", list(scope.money_journals)), instalment=scope.instalment('event'),
            index=self._index_case(SQL("(day - due)"), scope.company._fulfilment_index_points()),
            of_debit=scope.of(SQL("debit.partner_id")),
            minimum=scope.company.fulfilment_index_payments,
        )
