from odoo import api, models
from odoo.tools import SQL

from .figure import FigureMonetary


class FulfilmentProfileMixin(models.AbstractModel):
    """What the company would lose: what is owed, and what is ordered and not yet invoiced."""
    _inherit = 'fulfilment.profile.mixin'

    order_uninvoiced = FigureMonetary(
        string="Ordered, not invoiced", facts='uninvoiced', total=True,
        help="Of each line of a confirmed order the share of its price with taxes that is not on a posted invoice, for orders invoiced to "
             "the customer, less what has been invoiced in advance. Delivered or not; at the order's own exchange rate.",
    )
    order_for_others = FigureMonetary(
        string="Ordered for others, not invoiced", facts='for_others', total=True,
        help="As above, of orders the customer placed that are invoiced to somebody else. The order gate counts it for the customer too.",
    )
    exposure = FigureMonetary(
        string="Exposure", facts='derived', needs=('receivables', 'uninvoiced'), total=True,
        help="Owed and ordered, not invoiced: what is held against the credit limit.",
    )

    @api.model
    def _facts(self):
        return {**super()._facts(), 'uninvoiced': self._uninvoiced_sql, 'for_others': self._for_others_sql}

    @api.model
    def _uninvoiced_sql(self, scope):
        return self._ordered_sql(scope, SQL("sale.partner_invoice_id"), SQL("order_uninvoiced"))

    @api.model
    def _for_others_sql(self, scope):
        invoiced, ordered = SQL("sale.partner_invoice_id"), SQL("sale.partner_id")
        elsewhere = SQL(
            "%s != %s AND (SELECT commercial_partner_id FROM res_partner WHERE id = %s)"
            " != (SELECT commercial_partner_id FROM res_partner WHERE id = %s)", invoiced, ordered, invoiced, ordered,
        )
        return self._ordered_sql(scope, ordered, SQL("order_for_others"), elsewhere)

    @api.model
    def _derived(self, scope):
        return {
            **super()._derived(scope),
            'exposure': SQL("COALESCE(receivables.receivable_open, 0) + COALESCE(uninvoiced.order_uninvoiced, 0)"),
        }

    @api.model
    def _ordered_sql(self, scope, contact, name, narrowed=None):
        """Select what is ordered and not yet invoiced, of each order at least nothing: a negative order makes no room for others.

        Only lines that can have something left are looked at: not invoiced in full, or on an invoice that does not count yet.

        :param SQL contact: the contact of the order whose customer it counts for
        :param SQL name: of the figure
        :param SQL narrowed: which orders count; all when missing
        """
        return SQL(
            """
            WITH waiting AS MATERIALIZED (%(waiting)s),
            ordered AS (
                SELECT %(contact)s AS partner_id, payer.commercial_partner_id AS payer_id, orderer.commercial_partner_id AS orderer_id,
                       line.order_id, line.id, line.product_uom_id, line.product_uom_qty AS quantity,
                       line.qty_invoiced != 0 OR line.id IN (SELECT id FROM waiting) AS is_billed,
                       line.price_total / COALESCE(NULLIF(sale.currency_rate, 0), 1) AS amount
                  FROM sale_order_line line
                  JOIN sale_order sale ON sale.id = line.order_id
                  JOIN res_partner payer ON payer.id = sale.partner_invoice_id
                  JOIN res_partner orderer ON orderer.id = sale.partner_id
                 WHERE sale.state = 'sale' AND sale.company_id = ANY(%(companies)s) AND %(dated)s AND %(of_sale)s AND %(narrowed)s
                   AND line.display_type IS NULL AND line.product_uom_qty != 0
                   AND (line.qty_invoiced IS DISTINCT FROM line.product_uom_qty OR line.id IN (SELECT id FROM waiting))
            ),
            of_order AS (
            SELECT ordered.partner_id, ordered.order_id, min(ordered.payer_id) AS payer_id, min(ordered.orderer_id) AS orderer_id,
                   sum(amount * GREATEST((ordered.quantity - COALESCE(billed.quantity, 0)) / ordered.quantity, 0)) AS amount
              FROM ordered
 LEFT JOIN LATERAL (
                   SELECT sum(CASE WHEN move.move_type = 'out_refund' THEN -billing.quantity ELSE billing.quantity END
                              * CASE WHEN billing.product_uom_id = ordered.product_uom_id THEN 1 ELSE COALESCE(
                                  (SELECT factor FROM uom_uom WHERE id = billing.product_uom_id)
                                  / NULLIF((SELECT factor FROM uom_uom WHERE id = ordered.product_uom_id), 0), 1) END) AS quantity
                     FROM sale_order_line_invoice_rel link
                     JOIN account_move_line billing ON billing.id = link.invoice_line_id
                     JOIN account_move move ON move.id = billing.move_id
                    WHERE ordered.is_billed AND link.order_line_id = ordered.id AND billing.parent_state = 'posted'
                      AND (SELECT commercial_partner_id FROM res_partner WHERE id = move.partner_id)
                          IN (ordered.payer_id, ordered.orderer_id)
                      AND billing.date <= %(day)s
                   ) billed ON TRUE
          GROUP BY ordered.partner_id, ordered.order_id
            )
            SELECT partner.commercial_partner_id AS partner_id,
                   round(sum(GREATEST(of_order.amount - COALESCE(down.amount, 0), 0)), 2) AS %(name)s
              FROM of_order
              JOIN res_partner partner ON partner.id = of_order.partner_id
 LEFT JOIN LATERAL (
                   -- what is left of down payments: final invoices take them off again
                   SELECT sum(CASE WHEN move.move_type = 'out_refund' THEN -billing.price_total ELSE billing.price_total END
                              / COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)) AS amount
                     FROM sale_order_line line
                     JOIN sale_order_line_invoice_rel link ON link.order_line_id = line.id
                     JOIN account_move_line billing ON billing.id = link.invoice_line_id
                     JOIN account_move move ON move.id = billing.move_id
                    WHERE line.order_id = of_order.order_id AND line.is_downpayment AND line.product_uom_qty = 0
                      AND billing.parent_state = 'posted' AND billing.date <= %(day)s
                      AND (SELECT commercial_partner_id FROM res_partner WHERE id = move.partner_id)
                          IN (of_order.payer_id, of_order.orderer_id)
                   ) down ON TRUE
          GROUP BY partner.commercial_partner_id
            """,
            contact=contact, name=name, narrowed=narrowed or SQL("TRUE"), companies=list(scope.companies), day=scope.day,
            waiting=self._waiting_sql(scope, contact),
            dated=SQL("TRUE") if scope.now else SQL("sale.date_order < %s", scope.end),
            of_sale=scope.of(contact),
        )

    @api.model
    def _waiting_sql(self, scope, contact):
        """Select the order lines on invoices that do not count: drafts, what bears a later day, and what was billed to somebody else.

        Of a few customers tables are joined in the order written (see ``engine.py``): their orders come first.
        """
        foreign = SQL(
            """
            SELECT link.order_line_id AS id
              FROM sale_order sale
              JOIN sale_order_line line ON line.order_id = sale.id
              JOIN sale_order_line_invoice_rel link ON link.order_line_id = line.id
              JOIN account_move_line billing ON billing.id = link.invoice_line_id
              JOIN account_move move ON move.id = billing.move_id
              JOIN res_partner billed ON billed.id = move.partner_id
              JOIN res_partner payer ON payer.id = sale.partner_invoice_id
              JOIN res_partner orderer ON orderer.id = sale.partner_id
             WHERE sale.state = 'sale' AND %s
               AND billed.commercial_partner_id NOT IN (payer.commercial_partner_id, orderer.commercial_partner_id)
            """, scope.of(contact),
        )
        if scope.partner_ids is None:
            return SQL(
                """
                SELECT link.order_line_id AS id
                  FROM account_move move
                  JOIN account_move_line billing ON billing.move_id = move.id
                  JOIN sale_order_line_invoice_rel link ON link.invoice_line_id = billing.id
                 WHERE move.journal_id = ANY(%s) AND (move.state = 'draft' OR move.date > %s)
                UNION ALL %s
                """, list(scope.sale_journals), scope.day, foreign,
            )
        return SQL(
            """
            SELECT link.order_line_id AS id
              FROM sale_order_line_invoice_rel link
              JOIN account_move_line billing ON billing.id = link.invoice_line_id
             WHERE (billing.parent_state = 'draft' OR billing.date > %s) AND link.order_line_id = ANY(ARRAY(
                   SELECT line.id FROM sale_order sale JOIN sale_order_line line ON line.order_id = sale.id
                    WHERE sale.state = 'sale' AND %s))
            UNION ALL %s
            """, scope.day, scope.of(contact), foreign,
        )
