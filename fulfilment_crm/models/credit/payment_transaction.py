from odoo import api, models
from odoo.exceptions import ValidationError


class PaymentTransaction(models.Model):
    """Payments of orders: nobody pays for one that is held or declined, by whichever page, and one that is paid passes the gate as well."""
    _inherit = 'payment.transaction'

    @api.model_create_multi
    def create(self, vals_list):
        transactions = super().create(vals_list)
        for order in transactions.sale_order_ids:
            if not order._fulfilment_may_be_paid():
                raise ValidationError(self.env._("%s cannot be paid at present: please ask us first.", order.name))
        return transactions

    def _check_amount_and_confirm_order(self):
        """Leave held orders out of the confirmed ones: Odoo counts an order as confirmed whatever becomes of it."""
        confirmed = super()._check_amount_and_confirm_order()
        held = confirmed.filtered(lambda order: order.state != 'sale')
        # safe: notes the source of a decision made in this transaction
        held.sudo().fulfilment_credit_decision_ids.filtered(lambda one: one.outcome == 'hold' and one.source == 'portal').source = 'payment'
        return confirmed - held
