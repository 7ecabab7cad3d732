from odoo import api, fields, models


class FulfilmentPromiseRenegotiate(models.TransientModel):
    """Asks for the new amount and date of a promise."""
    _name = 'fulfilment.promise.renegotiate'
    _description = 'Promise negotiated again'
    _inherit = ['fulfilment.guard.mixin']

    promise_id = fields.Many2one('fulfilment.payment.promise', required=True, readonly=True, ondelete='cascade')
    currency_id = fields.Many2one(related='promise_id.currency_id')
    amount = fields.Monetary(string="Promised", compute='_compute_terms', store=True, readonly=False)
    date_promised = fields.Date(string="Promised for", compute='_compute_terms', store=True, readonly=False)
    reason = fields.Char(string="What was said")

    @api.depends('promise_id')
    def _compute_terms(self):
        for wizard in self:
            wizard.amount, wizard.date_promised = wizard.promise_id.amount, wizard.promise_id.date_promised

    def action_confirm(self):
        """Agree on the new terms."""
        self.ensure_one()
        self.promise_id.action_renegotiate(self.amount, self.date_promised, self.reason)
        return {'type': 'ir.actions.act_window_close'}
