from odoo import api, models
from odoo.tools import SQL

from .figure import FigureFloat, FigureMonetary


class FulfilmentProfileMixin(models.AbstractModel):
    """How long money takes to come in, from what was sold on credit in the last 365 days and what of it is still owed."""
    _inherit = 'fulfilment.profile.mixin'

    credit_sales_12m = FigureMonetary(
        string="Sold on credit", facts='year', total=True, help="Invoiced with taxes in the last 365 days, less credit notes.",
    )
    dso = FigureFloat(
        string="DSO (days)", facts='derived', needs=('receivables', 'year'),
        help="Days sales outstanding: owed ÷ sold on credit in the last 365 days × 365.",
    )
    dso_best = FigureFloat(
        string="Best possible DSO", facts='derived', needs=('receivables', 'year'),
        help="The same with what is not due yet only: what DSO would be if nothing were late.",
    )
    days_delinquent = FigureFloat(
        string="Average days delinquent", facts='derived', needs=('receivables', 'year'),
        help="DSO less best possible DSO: the days that lateness costs.",
    )
    collection_effectiveness = FigureFloat(
        string="Collection effectiveness (%)", facts='derived', needs=('receivables', 'year'),
        help="Collected of what could be collected in 365 days: (opening + sales − closing) ÷ (opening + sales − closing not yet due).",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'year': self._year_sql}

    @api.model
    def _derived(self, scope):
        closing, current, sales, moved = (
            SQL("COALESCE(%s, 0)", SQL.identifier(facts, name)) for facts, name in (
                ('receivables', 'receivable_open'), ('receivables', 'age_current'), ('year', 'credit_sales_12m'), ('year', 'moved'),
            )
        )

        def days(amount):
            return SQL("CASE WHEN %(sales)s > 0 THEN round(%(amount)s / %(sales)s * 365, 2) END", sales=sales, amount=amount)

        collectable = SQL("(%s - %s + %s - %s)", closing, moved, sales, current)  # opening + sales − closing not yet due
        return {
            **super()._derived(scope),
            'dso': days(closing), 'dso_best': days(current), 'days_delinquent': days(SQL("(%s - %s)", closing, current)),
            'collection_effectiveness': SQL(
                "CASE WHEN %(whole)s > 0 THEN round((%(sales)s - %(moved)s) / %(whole)s * 100, 2) END",
                whole=collectable, sales=sales, moved=moved,
            ),
        }

    @api.model
    def _year_sql(self, scope):
        """Beside the figure: by how much all that is owed has changed in the year."""
        return SQL(
            """
            WITH moved AS (
                SELECT line.partner_id, sum(line.balance) AS moved,
                       sum(line.balance) FILTER (WHERE line.journal_id = ANY(%(sales)s)) AS sales
                  FROM account_move_line line
                 WHERE line.account_id = ANY(%(accounts)s) AND line.parent_state = 'posted' AND line.company_id = ANY(%(companies)s)
                   AND line.date > %(day)s - 365 AND line.date <= %(day)s AND %(of_line)s
              GROUP BY line.partner_id
            )
            SELECT partner.commercial_partner_id AS partner_id, COALESCE(sum(sales), 0) AS credit_sales_12m, sum(moved) AS moved
              FROM moved
              JOIN res_partner partner ON partner.id = moved.partner_id
          GROUP BY partner.commercial_partner_id
            """,
            accounts=list(scope.accounts), companies=list(scope.companies), day=scope.day, sales=list(scope.sale_journals),
            of_line=scope.of(SQL("line.partner_id")),
        )
