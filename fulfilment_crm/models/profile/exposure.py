from odoo import api, models
from odoo.tools import SQL

from .figure import FigureMonetary


class FulfilmentProfileMixin(models.AbstractModel):
    """What the company would lose: what is owed, and what is ordered and not yet invoiced."""
    _inherit = 'fulfilment.profile.mixin'

    order_uninvoiced = FigureMonetary(
        string="Ordered, not invoiced", facts='uninvoiced', total=True,
        help="Of each line of a confirmed order the share of its price with taxes that is not on a posted invoice, for orders invoiced to "
             "the customer. Delivered or not; at the order's own exchange rate.",
    )
    exposure = FigureMonetary(
        string="Exposure", facts='derived', total=True, help="Owed and ordered, not invoiced: what is held against the credit limit.",
    )

    @api.model
    def _facts(self, scope):
        return {**super()._facts(scope), 'uninvoiced': self._uninvoiced_sql(scope)}

    @api.model
    def _derived(self, scope):
        return {
            **super()._derived(scope),
            'exposure': SQL("COALESCE(payments.receivable_open, 0) + COALESCE(uninvoiced.order_uninvoiced, 0)"),
        }

    @api.model
    def _uninvoiced_sql(self, scope):
        return SQL(
            """
            WITH ordered AS (
                SELECT partner.commercial_partner_id AS partner_id, line.id, line.product_uom_id, line.product_uom_qty AS quantity,
                       line.price_total / COALESCE(NULLIF(sale.currency_rate, 0), 1) AS amount
                  FROM sale_order sale
                  JOIN res_partner partner ON partner.id = sale.partner_invoice_id
                  JOIN sale_order_line line ON line.order_id = sale.id
                 WHERE sale.state = 'sale' AND sale.company_id = ANY(%(companies)s) AND sale.date_order < %(end)s AND %(partners)s
                   AND line.display_type IS NULL AND line.product_uom_qty != 0
            ),
            billed AS (
                SELECT ordered.id,
                       sum(CASE WHEN move.move_type = 'out_refund' THEN -billing.quantity ELSE billing.quantity END
                           * COALESCE(unit.factor / NULLIF(own_unit.factor, 0), 1)) AS quantity
                  FROM ordered
                  JOIN sale_order_line_invoice_rel link ON link.order_line_id = ordered.id
                  JOIN account_move_line billing ON billing.id = link.invoice_line_id AND billing.parent_state = 'posted'
                  JOIN account_move move ON move.id = billing.move_id AND move.date <= %(day)s
             LEFT JOIN uom_uom unit ON unit.id = billing.product_uom_id
             LEFT JOIN uom_uom own_unit ON own_unit.id = ordered.product_uom_id
              GROUP BY ordered.id
            )
            SELECT partner_id,
                   round(sum(amount * GREATEST((ordered.quantity - COALESCE(billed.quantity, 0)) / ordered.quantity, 0)), 2)
                       AS order_uninvoiced
              FROM ordered
         LEFT JOIN billed ON billed.id = ordered.id
          GROUP BY partner_id
            """,
            companies=list(scope.companies), end=scope.end, partners=scope.partners('partner'), day=scope.day,
        )
