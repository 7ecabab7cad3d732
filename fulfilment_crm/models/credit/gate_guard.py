from odoo import api, models
from odoo.exceptions import AccessError

from ..base.guard_mixin import MESSAGES, without_unchanged

# Written by the gate alone.
DECIDED = frozenset({'fulfilment_credit_state', 'fulfilment_credit_decision_ids'})
# What follows from the lines of an order and is held against limits. Odoo computes it, but would let anybody overwrite it.
GUARDED = frozenset({'currency_rate', 'amount_total', 'amount_untaxed', 'amount_tax'})
GUARDED_LINE = frozenset({'qty_invoiced', 'price_total', 'price_subtotal', 'price_tax', 'invoice_lines', 'is_downpayment'})


class SaleOrder(models.Model):
    """What is held against limits is what the lines of an order say; what the gate has decided, the gate alone writes."""
    _inherit = 'sale.order'

    def _fulfilment_check_guarded(self, vals, companies):
        """Prevent writing by hand what the gate alone writes, its state and decisions; where there is a gate, totals follow from lines.

        :return: the values without those that change nothing
        """
        if self.env.su:
            return vals
        vals = without_unchanged(self, vals, DECIDED | GUARDED)
        if vals.keys() & DECIDED:
            raise AccessError(self.env._("Credit decisions are made when an order is confirmed; they are not entered by hand."))
        if vals.keys() & GUARDED and self._fulfilment_has_limits(companies):
            raise AccessError(self.env._("Totals and exchange rates of orders follow from their lines; they are not entered by hand."))
        if 'date_order' in without_unchanged(self, vals, {'date_order'}):
            confirmed = self.filtered(lambda order: order.state == 'sale')
            if confirmed and self._fulfilment_has_limits(confirmed.company_id):
                raise AccessError(self.env._(
                    "The exchange rate of %s is that of its date, which stays as it was confirmed.", confirmed[0].name,
                ))
        return vals

    @api.model
    def _fulfilment_has_limits(self, companies):
        """Tell whether totals of orders in these companies are checked against something."""
        # safe: asks whether there is a gate
        return any(companies.sudo().root_id.mapped('fulfilment_credit_gate'))

    def _has_field_access(self, field, operation):
        # Customers read their orders, not what credit control thinks of them.
        if field.name in DECIDED | MESSAGES and not self.env.su and not self.env.user._is_internal():
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        # Asked only where there is something to take out: every new order comes by here.
        gated = GUARDED & values.keys() and self._fulfilment_has_limits(self.env.companies)
        for name in (DECIDED | GUARDED if gated else DECIDED) & values.keys():
            values.pop(name)
        return values


class SaleOrderLine(models.Model):
    _inherit = 'sale.order.line'

    def _fulfilment_check_guarded(self, vals, orders):
        """Let totals follow from what is ordered where they are checked against something; of a down payment nothing is ordered.

        :param orders: those of the lines, whose company decides, not one kept on a line
        :return: the values without those that change nothing
        """
        if self.env.su:
            return vals
        changed = without_unchanged(self, vals, GUARDED_LINE | {'order_id', 'product_uom_qty'})
        vals = without_unchanged(self, vals, GUARDED_LINE)
        if self and 'order_id' in changed and any(line.is_downpayment or line.invoice_lines for line in self):
            raise AccessError(self.env._("What has been invoiced of an order stays with it: no line of it is moved to another one."))
        guarded = vals.keys() & GUARDED_LINE
        if not self and (vals.get('display_type') or not vals.get('product_uom_qty', 1.0)):
            guarded -= {'is_downpayment'}
        if self and changed.get('product_uom_qty') and any(line.is_downpayment for line in self):
            guarded |= {'is_downpayment'}
        # safe: asks whose orders they are, and whether a contract is paid by what is invoiced of them
        own = orders.sudo()
        if guarded and (own.fulfilment_contract_id or orders._fulfilment_has_limits(own.company_id or self.env.company)):
            raise AccessError(self.env._("What is invoiced of an order line, and its totals, are not entered by hand."))
        return vals

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if not self.env.su:
            for name in GUARDED_LINE & values.keys():
                values.pop(name)  # computed, or said line by line
        return values
