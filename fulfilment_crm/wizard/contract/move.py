from odoo import fields, models


class FulfilmentMilestoneMove(models.TransientModel):
    _name = 'fulfilment.milestone.move'
    _description = 'Move the date of milestones'
    _inherit = ['fulfilment.guard.mixin']

    milestone_ids = fields.Many2many('fulfilment.milestone', required=True)
    date = fields.Date(string="New date", required=True)
    reason = fields.Char(required=True, help="Kept with the move for good.")

    def action_confirm(self):
        """Move the milestones."""
        self.milestone_ids.action_move(date=self.date, reason=self.reason)
        return {'type': 'ir.actions.act_window_close'}
