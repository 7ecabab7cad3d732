from odoo import fields, models


class FulfilmentAccountReassign(models.TransientModel):
    _name = 'fulfilment.account.reassign'
    _description = 'Reassign parts in account teams'
    _inherit = ['fulfilment.guard.mixin']

    member_ids = fields.Many2many('fulfilment.account.member', required=True, string="Parts")
    user_id = fields.Many2one('res.users', string="Hand over to", required=True, domain="[('share', '=', False)]")
    date = fields.Date(string="From", required=True, default=fields.Date.context_today, help="First day of the new one.")

    def action_confirm(self):
        """Reassign the parts."""
        self.member_ids._reassign(self.user_id, self.date)
        return {'type': 'ir.actions.act_window_close'}
