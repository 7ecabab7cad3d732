from odoo import api, models
from odoo.tools import SQL

from ...tools import payment_index
from .figure import FigureFloat, FigureInteger, FigureMonetary


class FulfilmentProfileMixin(models.AbstractModel):
    """What the receivable lines of the ledger say: what is owed, since when, and how it was paid before.

    An instalment is a posted debit line on a receivable account that is no payment itself. What settles it counts by the day of the
    reconciliation (``max_date``); it is a payment when it comes from a bank, cash or card journal, else a credit or a write-off.
    """
    _inherit = 'fulfilment.profile.mixin'

    receivable_open = FigureMonetary(
        string="Owed", facts='payments', total=True,
        help="What the customer owes: everything posted on receivable accounts, less what was paid or credited, due or not.",
    )
    receivable_overdue = FigureMonetary(
        string="Overdue", facts='payments', total=True, help="Open part of the instalments whose due date has passed.",
    )
    receivable_credit = FigureMonetary(
        string="Unused credit", facts='payments', total=True,
        help="Payments and credit notes not yet set against an instalment, as a positive amount.",
    )
    age_current = FigureMonetary(string="Not due", facts='payments', total=True, help="Open instalments due today or later.")
    age_1_30 = FigureMonetary(string="1–30 days", facts='payments', total=True, help="Open instalments, 1 to 30 days overdue.")
    age_31_60 = FigureMonetary(string="31–60 days", facts='payments', total=True, help="Open instalments, 31 to 60 days overdue.")
    age_61_90 = FigureMonetary(string="61–90 days", facts='payments', total=True, help="Open instalments, 61 to 90 days overdue.")
    age_over_90 = FigureMonetary(string="Over 90 days", facts='payments', total=True, help="Open instalments, more than 90 days overdue.")
    overdue_days_open = FigureInteger(
        string="Days overdue now", facts='payments', total=True, aggregator='max',
        help="Of the instalment that has been overdue longest and is still open; 0 when nothing is overdue.",
    )
    overdue_days_max = FigureInteger(
        string="Longest delay (days)", facts='payments', aggregator='max',
        help="The most days an instalment was late that is open and late now, or was paid in the window (12 months unless set otherwise).",
    )
    overdue_days_avg = FigureFloat(
        string="Average delay (days)", facts='payments',
        help="Days late of the instalments paid in the window or open and late now, weighted by amount; on time or early counts 0.",
    )
    days_beyond_terms = FigureFloat(
        string="Days beyond terms", facts='payments',
        help="Days between due date and payment in the window, weighted by the amount paid; early payments count as negative days.",
    )
    payment_count = FigureInteger(
        string="Instalments judged", facts='payments', total=True,
        help="Instalments fully settled in the window by at least one payment, or open and late now. The base of the on-time rate.",
    )
    on_time_payment_rate = FigureFloat(
        string="Paid on time (%)", facts='payments',
        help="Share of the instalments judged whose last payment came on or before the due date. Paid in part and late is late.",
    )
    payment_index = FigureFloat(
        string="Payment index", facts='payments',
        help="How early or late money came, weighted by amount: 100 is 30 days early, 80 on time, 50 thirty days late, 20 four months "
             "late. Over 24 months and from 3 payments on, unless set otherwise.",
    )
    payment_event_count = FigureInteger(
        string="Payments", facts='payments', total=True, help="Payments received in the months of the payment index.",
    )
    credit_sales_12m = FigureMonetary(
        string="Sold on credit", facts='payments', total=True, help="Invoiced with taxes in the last 365 days, less credit notes.",
    )
    dso = FigureFloat(
        string="DSO (days)", facts='payments', help="Days sales outstanding: owed ÷ sold on credit in the last 365 days × 365.",
    )
    dso_best = FigureFloat(
        string="Best possible DSO", facts='payments', help="The same with what is not due yet only: what DSO would be if nothing were late.",
    )
    days_delinquent = FigureFloat(
        string="Average days delinquent", facts='payments', help="DSO less best possible DSO: the days that lateness costs.",
    )
    collection_effectiveness = FigureFloat(
        string="Collection effectiveness (%)", facts='payments',
        help="Collected of what could be collected in 365 days: (opening + sales − closing) ÷ (opening + sales − closing not yet due).",
    )

    @api.model
    def _facts(self, scope):
        return {**super()._facts(scope), 'payments': self._payments_sql(scope)}

    @api.model
    def _index_case(self, days):
        """The payment index of ``days`` late, as SQL."""
        first = payment_index.POINTS[0]
        branches = [SQL("WHEN %s <= %s THEN %s", days, first[0], first[1])] + [
            SQL("WHEN %(days)s <= %(right)s THEN %(high)s + (%(days)s - %(right)s) * %(slope)s::float8",
                days=days, right=right, high=high, slope=round(slope, 12))
            for right, high, slope in payment_index.segments()
        ]
        return SQL("CASE %s ELSE %s END", SQL(" ").join(branches), payment_index.POINTS[-1][1])

    @api.model
    def _index_case_of(self, days):
        """The payment index of a number of days as a query: what the figure uses, for a look at single points."""
        return SQL("SELECT %s", self._index_case(SQL("%s::int", days)))

    @api.model
    def _payments_sql(self, scope):
        """Three aggregates by the contact a line names, brought together by company only at the end, when little is left.

        What was open on a day is what is open now and what was settled after it.
        """
        receivable = SQL("ANY(%s)", list(scope.accounts))
        of_debit = scope.of(SQL("debit.partner_id"))
        own_lines = SQL(
            "ANY(ARRAY(SELECT line.id FROM account_move_line line WHERE line.account_id = %s AND %s))", receivable, scope.of(SQL("line.partner_id")),
        )
        known = SQL("TRUE") if scope.partner_ids is None else None
        return SQL(
            """
            WITH settled AS (
                SELECT debit.partner_id, debit.balance::float8 AS balance, debit.journal_id, COALESCE(debit.date_maturity, debit.date) AS due, debit.reconciled,
                       part.amount::float8 AS amount, part.max_date AS day, credit.journal_id = %(money)s AS money,
                       max(part.max_date) FILTER (WHERE credit.journal_id = %(money)s) OVER instalment AS paid_on,
                       lead(part.id) OVER (PARTITION BY debit.id ORDER BY part.max_date, part.id) IS NULL AS is_last
                  FROM account_partial_reconcile part
                  JOIN account_move_line debit ON debit.id = part.debit_move_id
                  JOIN account_move_line credit ON credit.id = part.credit_move_id
                 WHERE debit.account_id = %(receivable)s AND debit.parent_state = 'posted' AND debit.company_id = ANY(%(companies)s)
                   AND part.max_date > LEAST(%(index_since)s, %(since)s) AND %(of_debit)s
                WINDOW instalment AS (PARTITION BY debit.id)
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
                 WHERE day <= %(day)s AND journal_id != ALL(%(money_journals)s)
              GROUP BY partner_id
            ),
            undone AS (
                SELECT line_id, sum(amount) AS amount
                  FROM (
                       SELECT debit_move_id AS line_id, amount FROM account_partial_reconcile
                        WHERE max_date > %(day)s AND %(debit_known)s
                       UNION ALL
                       SELECT credit_move_id, -amount FROM account_partial_reconcile WHERE max_date > %(day)s AND %(credit_known)s
                       ) later
              GROUP BY line_id
            ),
            residual AS (
                SELECT line.partner_id, line.balance, line.amount_residual + COALESCE(undone.amount, 0) AS amount,
                       %(day)s - COALESCE(line.date_maturity, line.date) AS age,
                       line.balance > 0 AND line.journal_id != ALL(%(money_journals)s) AS is_due
                  FROM account_move_line line
             LEFT JOIN undone ON undone.line_id = line.id
                 WHERE line.reconciled IS NOT TRUE AND line.account_id = %(receivable)s AND line.parent_state = 'posted'
                   AND line.company_id = ANY(%(companies)s) AND line.date <= %(day)s AND %(of_line)s
             UNION ALL
                SELECT line.partner_id, line.balance, line.amount_residual + undone.amount,
                       %(day)s - COALESCE(line.date_maturity, line.date),
                       line.balance > 0 AND line.journal_id != ALL(%(money_journals)s)
                  FROM undone
                  JOIN account_move_line line ON line.id = undone.line_id
                 WHERE line.reconciled AND line.account_id = %(receivable)s AND line.parent_state = 'posted'
                   AND line.company_id = ANY(%(companies)s) AND line.date <= %(day)s AND %(of_line)s
            ),
            owed AS (
                SELECT partner_id, sum(amount) AS net,
                       sum(amount) FILTER (WHERE is_due) AS open,
                       sum(amount) FILTER (WHERE is_due AND age <= 0) AS current,
                       sum(amount) FILTER (WHERE is_due AND age BETWEEN 1 AND 30) AS to_30,
                       sum(amount) FILTER (WHERE is_due AND age BETWEEN 31 AND 60) AS to_60,
                       sum(amount) FILTER (WHERE is_due AND age BETWEEN 61 AND 90) AS to_90,
                       sum(amount) FILTER (WHERE is_due AND age > 90) AS over_90,
                       count(*) FILTER (WHERE is_due AND age > 0) AS overdue,
                       max(age) FILTER (WHERE is_due AND age > 0) AS days_max,
                       sum(balance * age) FILTER (WHERE is_due AND age > 0)::float8 AS days_sum,
                       sum(balance) FILTER (WHERE is_due AND age > 0)::float8 AS days_weight
                  FROM residual
              GROUP BY partner_id
            ),
            year AS (
                SELECT line.partner_id, sum(line.balance) AS moved,
                       sum(line.balance) FILTER (WHERE line.journal_id = ANY(%(sale_journals)s)) AS sales
                  FROM account_move_line line
                 WHERE line.account_id = %(receivable)s AND line.parent_state = 'posted' AND line.company_id = ANY(%(companies)s)
                   AND line.date > %(day)s - 365 AND line.date <= %(day)s AND %(of_line)s
              GROUP BY line.partner_id
            ),
            figures AS (
                SELECT partner.commercial_partner_id AS partner_id,
                       COALESCE(sum(net), 0) AS closing, COALESCE(sum(open), 0) AS open, COALESCE(sum(current), 0) AS current,
                       sum(to_30) AS to_30, sum(to_60) AS to_60, sum(to_90) AS to_90, sum(over_90) AS over_90, max(late_now) AS days_open,
                       max(days_max) AS days_max, sum(days_sum) / NULLIF(sum(days_weight), 0) AS days_avg,
                       sum(judged) AS judged, sum(on_time) AS on_time, sum(payments) AS payments,
                       sum(index_sum) / NULLIF(sum(index_weight), 0) AS index_mean, sum(terms_sum) / NULLIF(sum(terms_weight), 0) AS terms_mean,
                       COALESCE(sum(moved), 0) AS moved, COALESCE(sum(sales), 0) AS sales
                  FROM (
                       SELECT partner_id, NULL::numeric AS net, NULL::numeric AS open, NULL::numeric AS current, NULL::numeric AS to_30,
                              NULL::numeric AS to_60, NULL::numeric AS to_90, NULL::numeric AS over_90, NULL::int AS late_now,
                              days_max, days_sum, days_weight, judged, on_time, payments, index_sum, index_weight, terms_sum, terms_weight,
                              NULL::numeric AS moved, NULL::numeric AS sales
                         FROM paid
                       UNION ALL
                       SELECT partner_id, net, open, current, to_30, to_60, to_90, over_90, days_max, days_max, days_sum, days_weight, overdue, 0,
                              NULL, NULL, NULL, NULL, NULL, NULL, NULL
                         FROM owed
                       UNION ALL
                       SELECT partner_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                              moved, sales
                         FROM year
                       ) parts
                  JOIN res_partner partner ON partner.id = parts.partner_id
              GROUP BY partner.commercial_partner_id
            )
            SELECT partner_id,
                   closing AS receivable_open,
                   open - current AS receivable_overdue,
                   GREATEST(open - closing, 0) AS receivable_credit,
                   current AS age_current, to_30 AS age_1_30, to_60 AS age_31_60, to_90 AS age_61_90, over_90 AS age_over_90,
                   days_open AS overdue_days_open,
                   days_max AS overdue_days_max,
                   round(days_avg::numeric, 2) AS overdue_days_avg,
                   round(terms_mean::numeric, 2) AS days_beyond_terms,
                   judged AS payment_count,
                   %(rate)s AS on_time_payment_rate,
                   CASE WHEN payments >= %(minimum)s THEN round(index_mean::numeric, 2) END AS payment_index,
                   payments AS payment_event_count,
                   sales AS credit_sales_12m,
                   CASE WHEN sales > 0 THEN round(closing / sales * 365, 2) END AS dso,
                   CASE WHEN sales > 0 THEN round(current / sales * 365, 2) END AS dso_best,
                   CASE WHEN sales > 0 THEN round((closing - current) / sales * 365, 2) END AS days_delinquent,
                   CASE WHEN closing - moved + sales > current THEN round((sales - moved) / (closing - moved + sales - current) * 100, 2)
                   END AS collection_effectiveness
              FROM figures
            """,
            receivable=receivable, companies=list(scope.companies), day=scope.day, since=scope.since, index_since=scope.index_since,
            money=SQL("ANY(%s)", list(scope.money_journals)), money_journals=list(scope.money_journals), sale_journals=list(scope.sale_journals),
            index=self._index_case(SQL("(day - due)")), of_debit=of_debit,
            debit_known=known or SQL("debit_move_id = %s", own_lines), credit_known=known or SQL("credit_move_id = %s", own_lines),
            of_line=scope.of(SQL("line.partner_id")),
            rate=self._quotient(SQL("on_time"), SQL("judged")), minimum=scope.company.fulfilment_index_payments,
        )
