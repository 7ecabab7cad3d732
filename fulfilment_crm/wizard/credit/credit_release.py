from odoo import api, fields, models


class FulfilmentCreditRelease(models.TransientModel):
    """Asks for reason, amount and end of a release."""
    _name = 'fulfilment.credit.release'
    _description = 'Release of a held order'
    _inherit = ['fulfilment.guard.mixin']

    order_id = fields.Many2one('sale.order', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='order_id.company_id.currency_id')
    reasons = fields.Text(related='order_id.fulfilment_credit_text')
    is_refusal = fields.Boolean(string="Declined")
    reason = fields.Text(required=True)
    amount = fields.Monetary(
        string="Up to", compute='_compute_amount', store=True, readonly=False,
        help="If the order grows beyond this, it is decided on again.",
    )
    valid_until = fields.Date(help="Last day of the release. Empty: until the order is cancelled.")

    @api.depends('order_id')
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = wizard.order_id._fulfilment_company_amount() if wizard.order_id else 0.0

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        wizards._check_order()
        return wizards

    def write(self, vals):
        result = super().write(vals)
        self._check_order()
        return result

    def _check_order(self):
        """Check that the user may read the order: the dialog shows what is known of it."""
        self.order_id.check_access('read')

    def action_refuse(self):
        """Refuse the order."""
        self.ensure_one()
        self.order_id.action_fulfilment_refuse(reason=self.reason)
        return {'type': 'ir.actions.act_window_close'}

    def action_release(self):
        """Release the order and confirm it."""
        self.ensure_one()
        self.order_id.action_fulfilment_release(reason=self.reason, amount=self.amount, valid_until=self.valid_until)
        return {'type': 'ir.actions.act_window_close'}
