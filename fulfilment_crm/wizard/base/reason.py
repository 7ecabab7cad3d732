from odoo import fields, models
from odoo.exceptions import UserError

# The actions that ask for a reason; nothing else can be called through the dialog.
METHODS = (
    'action_reject', 'action_terminate', 'action_cancel', 'action_undo', 'action_waive', 'action_refuse', 'action_reopen',
    'action_accept_objection', 'action_reject_objection', 'action_handle', 'action_pause', 'action_accept_risk', 'action_close_risk',
    'action_skip', 'action_take_back', 'action_second_look', 'action_uphold', 'action_refuse_objection', 'action_settle', 'action_close',
    'action_withdraw', 'action_begin', 'action_done', 'action_drop', 'action_return', 'action_lost',
)


class FulfilmentReason(models.TransientModel):
    _name = 'fulfilment.reason'
    _description = 'Reason'

    res_model = fields.Char(required=True)
    res_ids = fields.Char(required=True)
    method = fields.Char(required=True)
    reason = fields.Text(required=True)
    note = fields.Char(readonly=True, help="Who reads what is written.")

    def action_confirm(self):
        """Call the action that asked, with the reason; it checks rights and states itself."""
        self.ensure_one()
        known = self.res_model.startswith('fulfilment.') and self.res_model in self.env
        if self.method not in METHODS or not known or not hasattr(self.env[self.res_model], self.method):
            raise UserError(self.env._("This action takes no reason."))
        records = self.env[self.res_model].browse([int(part) for part in self.res_ids.split(',') if part.isdecimal()])
        getattr(records, self.method)(reason=self.reason)
        return {'type': 'ir.actions.act_window_close'}
