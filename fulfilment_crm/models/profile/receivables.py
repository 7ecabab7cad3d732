from odoo import api, models
from odoo.tools import SQL

from .figure import FigureAge, FigureInteger, FigureMonetary


class FulfilmentProfileMixin(models.AbstractModel):
    """What the customer owes, and since when.

    An instalment is a posted debit line on a receivable account that is neither a payment itself nor a difference of exchange rates.
    What was open on a day is what is open now and what was settled after it; what settles an instalment counts by the day of the
    reconciliation (``max_date``).
    """
    _inherit = 'fulfilment.profile.mixin'

    receivable_open = FigureMonetary(
        string="Owed", facts='receivables', total=True,
        help="What the customer owes: everything posted on receivable accounts, less what was paid or credited, due or not.",
    )
    receivable_overdue = FigureMonetary(
        string="Overdue", facts='receivables', total=True, help="Open part of the instalments whose due date has passed.",
    )
    receivable_credit = FigureMonetary(
        string="Unused credit", facts='receivables', total=True,
        help="Payments and credit notes not yet set against an instalment, as a positive amount.",
    )
    age_current = FigureMonetary(string="Not due", facts='receivables', total=True, help="Open instalments due today or later.")
    # Named after the limits shipped; the company's own decide.
    age_1_30 = FigureAge(
        string="1–30 days", bucket=1, facts='receivables', total=True, help="Open instalments, up to the first limit of the settings.",
    )
    age_31_60 = FigureAge(
        string="31–60 days", bucket=2, facts='receivables', total=True, help="Open instalments, up to the second limit of the settings.",
    )
    age_61_90 = FigureAge(
        string="61–90 days", bucket=3, facts='receivables', total=True, help="Open instalments, up to the third limit of the settings.",
    )
    age_over_90 = FigureAge(
        string="Over 90 days", bucket=4, facts='receivables', total=True, help="Open instalments, overdue longer than all limits.",
    )
    overdue_days_open = FigureInteger(
        string="Days overdue now", facts='receivables', total=True, aggregator='max',
        help="Of the instalment that has been overdue longest and is still open; 0 when nothing is overdue.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'receivables': self._receivables_sql}

    @api.model
    def _receivables_sql(self, scope):
        """Beside the figures: how many instalments are late now, and their days weighted by amount, which the payments join with theirs."""
        everybody = scope.partner_ids is None
        known = SQL("ANY(ARRAY(SELECT id FROM ledger))")
        first, second, third = scope.company._fulfilment_age_limits()
        return SQL(
            """
            WITH %(ledger)s
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
                       line.balance > 0 AND %(instalment)s AS is_due
                  FROM %(lines)s line
             LEFT JOIN undone ON undone.line_id = line.id
                 WHERE line.reconciled IS NOT TRUE AND %(counts)s
             UNION ALL
                SELECT line.partner_id, line.balance, line.amount_residual + undone.amount,
                       %(day)s - COALESCE(line.date_maturity, line.date), line.balance > 0 AND %(instalment)s
                  FROM undone
                  JOIN %(lines)s line ON line.id = undone.line_id
                 WHERE line.reconciled AND %(counts)s
            ),
            owed AS (
                SELECT partner_id, sum(amount) AS net,
                       sum(amount) FILTER (WHERE is_due) AS open,
                       sum(amount) FILTER (WHERE is_due AND age <= 0) AS current,
                       sum(amount) FILTER (WHERE is_due AND age BETWEEN 1 AND %(first)s) AS to_30,
                       sum(amount) FILTER (WHERE is_due AND age > %(first)s AND age <= %(second)s) AS to_60,
                       sum(amount) FILTER (WHERE is_due AND age > %(second)s AND age <= %(third)s) AS to_90,
                       sum(amount) FILTER (WHERE is_due AND age > %(third)s) AS over_90,
                       count(*) FILTER (WHERE is_due AND age > 0) AS late,
                       max(age) FILTER (WHERE is_due AND age > 0) AS days_max,
                       sum(balance * age) FILTER (WHERE is_due AND age > 0) AS days_sum,
                       sum(balance) FILTER (WHERE is_due AND age > 0) AS days_weight
                  FROM residual
              GROUP BY partner_id
            )
            SELECT partner.commercial_partner_id AS partner_id,
                   sum(net) AS receivable_open,
                   sum(COALESCE(open, 0) - COALESCE(current, 0)) AS receivable_overdue,
                   GREATEST(COALESCE(sum(open), 0) - sum(net), 0) AS receivable_credit,
                   sum(current) AS age_current, sum(to_30) AS age_1_30, sum(to_60) AS age_31_60, sum(to_90) AS age_61_90,
                   sum(over_90) AS age_over_90,
                   max(days_max) AS overdue_days_open,
                   sum(late) AS late, sum(days_sum)::float8 AS late_days_sum, sum(days_weight)::float8 AS late_days_weight
              FROM owed
              JOIN res_partner partner ON partner.id = owed.partner_id
          GROUP BY partner.commercial_partner_id
            """,
            day=scope.day, instalment=scope.instalment('line'), first=first, second=second, third=third,
            debit_known=SQL("TRUE") if everybody else SQL("debit_move_id = %s", known),
            credit_known=SQL("TRUE") if everybody else SQL("credit_move_id = %s", known),
            lines=SQL("account_move_line") if everybody else SQL("ledger"),
            counts=self._counting_lines(scope) if everybody else SQL("TRUE"),
            # Of a few customers all lines are read once, which is less than planning to read them four times.
            ledger=SQL("") if everybody else SQL(
                "ledger AS MATERIALIZED (SELECT id, move_id, journal_id, partner_id, balance, amount_residual, date, date_maturity, "
                "reconciled FROM account_move_line line WHERE %s AND %s), ", self._counting_lines(scope), scope.of(SQL("line.partner_id")),
            ),
        )

    @api.model
    def _counting_lines(self, scope):
        """Return the condition for a ``line`` of the ledger to count as owed, or as paid, on the day."""
        return SQL(
            "(line.account_id = ANY(%s) AND line.parent_state = 'posted' AND line.company_id = ANY(%s) AND line.date <= %s)",
            list(scope.accounts), list(scope.companies), scope.day,
        )
