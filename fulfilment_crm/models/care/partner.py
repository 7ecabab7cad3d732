from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.opening import open_list
from ..base.readers import READERS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    fulfilment_care_pause_until = fields.Date(
        string="No care until", groups=READERS, copy=False, help="Last day without planned visits, calls and follow-ups.",
    )
    fulfilment_care_pause_reason = fields.Char(string="Reason of the pause", groups=READERS, copy=False)
    fulfilment_care_task_ids = fields.One2many('fulfilment.care.task', 'partner_id', string="Care tasks", groups=READERS)
    fulfilment_occasion_ids = fields.One2many('fulfilment.care.occasion', 'partner_id', string="Occasions", groups=READERS)

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Whoever is given an activity would follow the customer; not for every planned call."""
        if self.env.context.get('fulfilment_without_following'):
            return True
        return super().message_subscribe(partner_ids=partner_ids, subtype_ids=subtype_ids)

    @api.constrains('fulfilment_care_pause_until', 'fulfilment_care_pause_reason')
    def _check_fulfilment_care_pause(self):
        for partner in self.sudo():  # safe: says what is missing of what the user has just entered
            if partner.fulfilment_care_pause_until and not (partner.fulfilment_care_pause_reason or '').strip():
                raise ValidationError(self.env._("Say why the care of %s pauses.", partner.display_name))


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    care_task_ids = fields.One2many('fulfilment.care.task', 'profile_id', string="Care tasks")
    care_pause_until = fields.Date(related='partner_id.fulfilment_care_pause_until', string="No care until")
    care_pause_reason = fields.Char(related='partner_id.fulfilment_care_pause_reason')

    def action_open_care_tasks(self):
        """Open the care tasks of these customers."""
        self.check_access('read')
        return open_list(self, 'care_task_action', [('profile_id', 'in', self.ids)])


class MergePartnerAutomatic(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Leave planned once what was planned twice for customers that are one now, and each part of the team played by one."""
        result = super()._update_values(src_partners, dst_partner)
        # safe: follows the merge that the user was allowed to do
        customer = dst_partner.sudo().commercial_partner_id
        self.env['fulfilment.account.member'].sudo()._end_doubles(customer)
        profiles = self.env['fulfilment.profile'].sudo().search([('partner_id', '=', customer.id)])
        self.env['fulfilment.care.task'].sudo()._cancel_surplus(profiles)
        return result
