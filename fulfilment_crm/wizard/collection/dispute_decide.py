from odoo import fields, models
from odoo.exceptions import UserError


class FulfilmentDisputeDecide(models.TransientModel):
    """Asks how much of a dispute is accepted, on which grounds, and whether the customer is told."""
    _name = 'fulfilment.dispute.decide'
    _description = 'Decision on a dispute'
    _inherit = ['fulfilment.guard.mixin']

    dispute_id = fields.Many2one('fulfilment.dispute', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='dispute_id.currency_id')
    disputed = fields.Monetary(related='dispute_id.amount')
    description = fields.Text(related='dispute_id.description')
    amount = fields.Monetary(string="Amount to accept")
    grounds = fields.Text(help="What the customer is told.")
    tell = fields.Boolean(string="Tell the customer by e-mail")

    def action_accept(self):
        """Accept the amount."""
        self.ensure_one()
        self.dispute_id.action_accept(self.amount, grounds=self.grounds)
        return self._done()

    def action_reject(self):
        """Reject the dispute."""
        self.ensure_one()
        if not (self.grounds or '').strip():
            raise UserError(self.env._("Say why it is rejected: the customer asks for it."))
        self.dispute_id.action_reject(reason=self.grounds)
        return self._done()

    def _done(self):
        if self.tell and self.dispute_id.state != 'open':
            self.dispute_id._tell_customer()
        return {'type': 'ir.actions.act_window_close'}
