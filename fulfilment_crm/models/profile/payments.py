from odoo import api, models
from odoo.tools import SQL

from ...tools import payment_index
from .figure import FigureFloat, FigureInteger, FigureMonetary
from .scope import MONEY_JOURNALS


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
    def _receivable_lines(self, scope):
        """All posted lines on receivable accounts up to the day: ``id, partner_id, balance, day, due, journal``."""
        # safe: the figures count every posted line; who may see a profile is the profile's own matter
        accounts = self.env['account.account'].sudo().with_context(active_test=False).search([
            ('account_type', '=', 'asset_receivable'), ('company_ids', 'in', list(scope.companies)),
        ])
        return SQL(
            """
            SELECT line.id, partner.commercial_partner_id AS partner_id, line.balance, line.date AS day,
                   COALESCE(line.date_maturity, line.date) AS due, journal.type AS journal
              FROM account_move_line line
              JOIN res_partner partner ON partner.id = line.partner_id
              JOIN account_journal journal ON journal.id = line.journal_id
             WHERE line.account_id = ANY(%(accounts)s) AND line.parent_state = 'posted' AND line.company_id = ANY(%(companies)s)
               AND line.date <= %(day)s AND %(partners)s
            """,
            accounts=accounts.ids, companies=list(scope.companies), day=scope.day, partners=scope.partners('partner'),
        )

    @api.model
    def _index_case(self, days):
        """The payment index of ``days`` late, as SQL."""
        first = payment_index.POINTS[0]
        branches = [SQL("WHEN %s <= %s THEN %s", days, first[0], first[1])] + [
            SQL("WHEN %(days)s <= %(right)s THEN %(high)s + (%(days)s - %(right)s) * %(slope)s::numeric",
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
        late = SQL("GREATEST(%s - due, 0)", scope.day)
        return SQL(
            """
            WITH line AS MATERIALIZED (%(lines)s),
            instalment AS (
                SELECT line.partner_id, line.balance, line.due,
                       line.balance - COALESCE(sum(settled.amount), 0) AS open,
                       max(settled.max_date) FILTER (WHERE settled.money) AS paid_on,
                       count(*) FILTER (WHERE settled.money AND settled.max_date > %(index_since)s) AS payments,
                       sum(settled.amount) FILTER (WHERE settled.money AND settled.max_date > %(index_since)s) AS index_weight,
                       sum(settled.amount * %(index)s)
                           FILTER (WHERE settled.money AND settled.max_date > %(index_since)s) AS index_sum,
                       sum(settled.amount) FILTER (WHERE settled.money AND settled.max_date > %(since)s) AS terms_weight,
                       sum(settled.amount * (settled.max_date - line.due))
                           FILTER (WHERE settled.money AND settled.max_date > %(since)s) AS terms_sum
                  FROM line
             LEFT JOIN (
                       SELECT partial.debit_move_id, partial.amount, partial.max_date, journal.type IN %(money)s AS money
                         FROM account_partial_reconcile partial
                         JOIN account_move_line credit ON credit.id = partial.credit_move_id
                         JOIN account_journal journal ON journal.id = credit.journal_id
                        WHERE partial.max_date <= %(day)s AND %(only_partials)s
                       ) settled ON settled.debit_move_id = line.id
                 WHERE line.balance > 0 AND line.journal NOT IN %(money)s
              GROUP BY line.id, line.partner_id, line.balance, line.due
            ),
            judged AS (
                SELECT *, open > 0 AND due < %(day)s AS overdue,
                       CASE WHEN open > 0 AND due < %(day)s THEN %(late)s
                            WHEN open <= 0 AND paid_on > %(since)s THEN GREATEST(paid_on - due, 0) END AS days
                  FROM instalment
            ),
            owed AS (
                SELECT partner_id,
                       sum(open) FILTER (WHERE open > 0) AS open,
                       sum(open) FILTER (WHERE overdue) AS overdue,
                       sum(open) FILTER (WHERE open > 0 AND NOT overdue) AS current,
                       sum(open) FILTER (WHERE overdue AND %(late)s <= 30) AS to_30,
                       sum(open) FILTER (WHERE overdue AND %(late)s BETWEEN 31 AND 60) AS to_60,
                       sum(open) FILTER (WHERE overdue AND %(late)s BETWEEN 61 AND 90) AS to_90,
                       sum(open) FILTER (WHERE overdue AND %(late)s > 90) AS over_90,
                       max(%(late)s) FILTER (WHERE overdue) AS days_open,
                       max(days) AS days_max,
                       sum(balance * days) / NULLIF(sum(balance) FILTER (WHERE days IS NOT NULL), 0) AS days_avg,
                       count(days) AS judged,
                       count(*) FILTER (WHERE days = 0) AS on_time,
                       sum(payments) AS payments,
                       sum(index_sum) AS index_sum, sum(index_weight) AS index_weight,
                       sum(terms_sum) AS terms_sum, sum(terms_weight) AS terms_weight
                  FROM judged
              GROUP BY partner_id
            ),
            net AS (
                SELECT partner_id, sum(balance) AS closing,
                       COALESCE(sum(balance) FILTER (WHERE day <= %(day)s - 365), 0) AS opening,
                       COALESCE(sum(balance) FILTER (WHERE journal = 'sale' AND day > %(day)s - 365), 0) AS sales
                  FROM line
              GROUP BY partner_id
            )
            SELECT net.partner_id,
                   closing AS receivable_open,
                   owed.overdue AS receivable_overdue,
                   GREATEST(COALESCE(owed.open, 0) - closing, 0) AS receivable_credit,
                   owed.current AS age_current, to_30 AS age_1_30, to_60 AS age_31_60, to_90 AS age_61_90, over_90 AS age_over_90,
                   days_open AS overdue_days_open,
                   days_max AS overdue_days_max,
                   round(days_avg, 2) AS overdue_days_avg,
                   round(terms_sum / NULLIF(terms_weight, 0), 2) AS days_beyond_terms,
                   judged AS payment_count,
                   %(rate)s AS on_time_payment_rate,
                   CASE WHEN payments >= %(minimum)s THEN round(index_sum / NULLIF(index_weight, 0), 2) END AS payment_index,
                   payments AS payment_event_count,
                   sales AS credit_sales_12m,
                   CASE WHEN sales > 0 THEN round(closing / sales * 365, 2) END AS dso,
                   CASE WHEN sales > 0 THEN round(COALESCE(owed.current, 0) / sales * 365, 2) END AS dso_best,
                   CASE WHEN sales > 0 THEN round((closing - COALESCE(owed.current, 0)) / sales * 365, 2) END AS days_delinquent,
                   CASE WHEN opening + sales > COALESCE(owed.current, 0) THEN
                       round((opening + sales - closing) / (opening + sales - COALESCE(owed.current, 0)) * 100, 2)
                   END AS collection_effectiveness
              FROM net
         LEFT JOIN owed ON owed.partner_id = net.partner_id
            """,
            lines=self._receivable_lines(scope), day=scope.day, since=scope.since, index_since=scope.index_since, money=MONEY_JOURNALS,
            index=self._index_case(SQL("(settled.max_date - line.due)")), late=late, rate=self._quotient(SQL("on_time"), SQL("judged")),
            minimum=scope.company.fulfilment_index_payments,
            only_partials=SQL("TRUE") if scope.partner_ids is None else SQL("partial.debit_move_id IN (SELECT id FROM line)"),
        )
