from odoo import fields, models

from ..base.opening import open_list
from ..base.told import _lt, told


class FulfilmentMilestone(models.Model):
    """What happens to a milestone decides about its reminders."""
    _inherit = 'fulfilment.milestone'

    reminder_ids = fields.One2many('fulfilment.reminder', 'milestone_id')

    def _on_settled(self, reasons):
        result = super()._on_settled(reasons)
        texts = {
            one: told(self.env, _lt("Done on %s", one.date_done)) if one.state == 'done' else reasons[one] for one in self
        }
        # safe: the ledger and its to-dos follow what the user was allowed to do to the milestone
        self.sudo().activity_unlink(['fulfilment_crm.activity_type_milestone'])
        self.env['fulfilment.reminder'].sudo()._void(self, {one: one.date_planned for one in self}, texts)
        return result

    def _on_covered(self):
        result = super()._on_covered()
        # safe: as above
        self.sudo().activity_unlink(['fulfilment_crm.activity_type_milestone'])
        return result

    def _on_reopened(self):
        result = super()._on_reopened()
        # safe: as above
        self.env['fulfilment.reminder'].sudo()._revive(self)
        return result

    def _on_moved(self, old_dates):
        result = super()._on_moved(old_dates)
        reminders = self.env['fulfilment.reminder'].sudo()  # safe: as above
        reminders._void(self, old_dates, {one: told(self.env, _lt("The date moved to %s", one.date_planned)) for one in self})
        reminders._revive(self)
        return result


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    reminder_ids = fields.One2many('fulfilment.reminder', 'contract_id')
    reminder_count = fields.Integer(compute='_compute_reminder_count')
    reminder_pause_id = fields.Many2one('fulfilment.reminder.pause', string="Reminders paused", compute='_compute_reminder_pause_id')

    def _compute_reminder_count(self):
        counts = dict(self.env['fulfilment.reminder']._read_group([('contract_id', 'in', self.ids)], ['contract_id'], ['__count']))
        for contract in self:
            contract.reminder_count = counts.get(contract._origin, 0)

    def _compute_reminder_pause_id(self):
        pauses = self.env['fulfilment.reminder.pause']._pauses_of(self._origin, self.company_id._fulfilment_today())
        for contract in self:
            contract.reminder_pause_id = pauses.get(contract._origin)

    def action_open_reminders(self):
        """Open the reminders of these contracts."""
        return open_list(self, 'reminder_action', [('contract_id', 'in', self.ids)])

    def action_pause_reminders(self):
        """Open a new pause for this contract."""
        self.ensure_one()
        return {
            'type': 'ir.actions.act_window', 'name': self.env._("Pause reminders"), 'res_model': 'fulfilment.reminder.pause',
            'view_mode': 'form', 'target': 'new', 'context': {'default_contract_id': self.id, 'default_company_id': self.company_id.id},
        }
