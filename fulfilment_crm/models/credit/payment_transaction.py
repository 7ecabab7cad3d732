from odoo import api, models
from odoo.exceptions import ValidationError


class PaymentTransaction(models.Model):
    """Payments of orders: nobody pays for one that is held or declined, by whichever page, and one that is paid passes the gate as well."""
    _inherit = 'payment.transaction'

    @api.model_create_multi
    def create(self, vals_list):
        transactions = super().create(vals_list)
        transactions.sale_order_ids._fulfilment_check_payable()
        return transactions

    def write(self, vals):
        before = self.sale_order_ids if 'sale_order_ids' in vals else None
        result = super().write(vals)
        if before is not None:
            (self.sale_order_ids - before)._fulfilment_check_payable()
        return result

    def _check_amount_and_confirm_order(self):
        """Leave held orders out of the confirmed ones: Odoo counts an order as confirmed whatever becomes of it."""
        confirmed = super()._check_amount_and_confirm_order()
        held = confirmed.filtered(lambda order: order.state != 'sale')
        # safe: notes the source of a decision made in this transaction
        held.sudo().fulfilment_credit_decision_ids.filtered(lambda one: one.outcome == 'hold' and one.source == 'portal').source = 'payment'
        return confirmed - held


class SaleOrder(models.Model):
    _inherit = 'sale.order'

    def _fulfilment_check_payable(self):
        """:raise ValidationError: naming the first of these orders that may not be paid now"""
        for order in self:
            if not order._fulfilment_may_be_paid():
                raise ValidationError(self.env._("%s cannot be paid at present: please ask us first.", order.name))

    def _fulfilment_withdraw_payments(self):
        """Cancel payments that were begun for these orders and have gone nowhere yet."""
        # safe: what was begun before it was decided that the order is not paid
        self.sudo().transaction_ids.filtered(lambda one: one.state == 'draft')._set_canceled()


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = 'sale.advance.payment.inv'

    def create_invoices(self):
        """Invoice nothing of what credit control holds for another reason than a deposit, or has declined."""
        for order in self.sale_order_ids:
            if not order._fulfilment_may_be_paid():
                raise ValidationError(self.env._(
                    "%s is held or declined by credit control: it is released first, or confirmed again.", order.name,
                ))
        return super().create_invoices()
