from odoo import api, models
from odoo.tools import SQL

from .figure import FigureDate, FigureFloat, FigureInteger, FigureMonetary

SALES = ('out_invoice', 'out_refund', 'out_receipt')


class FulfilmentProfileMixin(models.AbstractModel):
    """What was invoiced: posted customer invoices, receipts and credit notes, without taxes, in the company's currency."""
    _inherit = 'fulfilment.profile.mixin'

    revenue_12m = FigureMonetary(
        string="Turnover", facts='invoices', total=True,
        help="Invoiced without taxes, less credit notes, in the last 12 months (or the window set), by invoice date.",
    )
    revenue_previous = FigureMonetary(
        string="Turnover before", facts='invoices', total=True, help="The same for the period of equal length before that one.",
    )
    revenue_total = FigureMonetary(string="Turnover ever", facts='invoices', total=True, help="Invoiced without taxes since the beginning.")
    revenue_growth = FigureFloat(
        string="Growth (%)", facts='invoices', help="Turnover against the period before. Empty without turnover before.",
    )
    margin_12m = FigureMonetary(
        string="Contribution", facts='invoices', total=True,
        help="Turnover less the cost of the products invoiced, at the cost they have today. What has no product or no cost costs nothing.",
    )
    margin_rate = FigureFloat(string="Contribution (%)", facts='invoices', help="Contribution ÷ turnover of the last 12 months.")
    invoice_count_12m = FigureInteger(string="Invoices", facts='invoices', total=True, help="Invoices posted in the last 12 months.")
    first_invoice_on = FigureDate(string="First invoice", facts='invoices')
    last_invoice_on = FigureDate(string="Last invoice", facts='invoices')

    @api.model
    def _facts(self):
        return {**super()._facts(), 'invoices': self._invoices_sql}

    @api.model
    def _invoices_sql(self, scope):
        cost = self.env['product.product'].with_company(scope.company)._field_to_sql('product', 'standard_price')
        return SQL(
            """
            WITH invoice AS (
                SELECT move.commercial_partner_id AS partner_id, move.id, move.invoice_date AS day, move.amount_untaxed_signed AS amount,
                       move.move_type != 'out_refund' AS is_sale
                  FROM account_move move
                 WHERE move.move_type IN %(types)s AND move.state = 'posted' AND move.company_id = ANY(%(companies)s)
                   AND move.invoice_date <= %(day)s AND %(of_move)s
            ),
            priced AS MATERIALIZED (
                SELECT product.id, %(cost)s::numeric / NULLIF(own_unit.factor, 0) AS cost
                  FROM product_product product
                  JOIN product_template template ON template.id = product.product_tmpl_id
             LEFT JOIN uom_uom own_unit ON own_unit.id = template.uom_id
                 WHERE %(cost)s != 0
            ),
            cost AS (
                SELECT invoice.partner_id,
                       sum(CASE WHEN invoice.is_sale THEN line.quantity ELSE -line.quantity END
                           * priced.cost * COALESCE(unit.factor, 1)) AS amount
                  FROM account_move_line line
                  JOIN invoice ON invoice.id = line.move_id AND invoice.day > %(since)s
                  JOIN priced ON priced.id = line.product_id
             LEFT JOIN uom_uom unit ON unit.id = line.product_uom_id
                 WHERE line.display_type = 'product' AND line.product_id = ANY(ARRAY(SELECT id FROM priced)) AND %(of_line)s
              GROUP BY invoice.partner_id
            ),
            turnover AS (
                SELECT partner_id,
                       sum(amount) FILTER (WHERE day > %(since)s) AS now,
                       sum(amount) FILTER (WHERE day > %(before)s AND day <= %(since)s) AS before,
                       sum(amount) AS ever,
                       count(*) FILTER (WHERE is_sale AND day > %(since)s) AS number,
                       min(day) FILTER (WHERE is_sale) AS first,
                       max(day) FILTER (WHERE is_sale) AS last
                  FROM invoice
              GROUP BY partner_id
            ),
            figures AS (
                SELECT partner.commercial_partner_id AS partner_id, COALESCE(sum(now), 0) AS now, COALESCE(sum(before), 0) AS before,
                       sum(ever) AS ever, sum(number) AS number, min(first) AS first, max(last) AS last,
                       COALESCE(sum(cost.amount), 0) AS cost
                  FROM turnover
                  JOIN res_partner partner ON partner.id = turnover.partner_id
             LEFT JOIN cost ON cost.partner_id = turnover.partner_id
              GROUP BY partner.commercial_partner_id
            )
            SELECT partner_id, now AS revenue_12m, before AS revenue_previous, ever AS revenue_total,
                   CASE WHEN before > 0 THEN round(100 * (now - before) / before, 2) END AS revenue_growth,
                   round(now - cost, 2) AS margin_12m,
                   CASE WHEN now > 0 THEN round(100 * (now - cost) / now, 2) END AS margin_rate,
                   number AS invoice_count_12m, first AS first_invoice_on, last AS last_invoice_on
              FROM figures
            """,
            types=SALES, companies=list(scope.companies), day=scope.day, since=scope.since, before=scope.before, cost=cost,
            of_move=SQL("TRUE") if scope.partner_ids is None else SQL(
                "move.id = ANY(ARRAY(SELECT line.move_id FROM account_move_line line WHERE line.account_id = ANY(%s) AND %s))",
                list(scope.accounts), scope.of(SQL("line.partner_id")),
            ), of_line=scope.of(SQL("line.partner_id")),
        )
