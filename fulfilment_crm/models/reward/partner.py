from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..base.opening import open_list
from ..base.readers import READERS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    fulfilment_priority_until = fields.Date(
        string="Priority until", company_dependent=True, groups=READERS, readonly=True, copy=False,
        help="Given by a reward, with the company you work in: until this day tickets of the customer come first, and reminders about dates"
             " that have passed wait longer. It ends by itself.",
    )
    fulfilment_reward_count = fields.Integer(string="Rewards in force", compute='_compute_fulfilment_reward_count', groups=READERS)

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_fulfilment_reward_count(self):
        counts = dict(self.env['fulfilment.reward.grant']._read_group(
            [('partner_id', 'in', self.commercial_partner_id.ids), ('state', '=', 'granted')], ['partner_id'], ['__count'],
        ))
        for partner in self:
            partner.fulfilment_reward_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_fulfilment_rewards(self):
        """Open the rewards of this customer."""
        return open_list(self, 'reward_grant_action', [('partner_id', 'in', self.commercial_partner_id.ids)])

    def _has_field_access(self, field, operation):
        if operation == 'write' and not self.env.su and field.name == 'fulfilment_priority_until':
            return False
        return super()._has_field_access(field, operation)

    @api.model
    def _check_field_access(self, field, operation):
        if operation == 'write' and not self.env.su and field.name == 'fulfilment_priority_until':
            raise AccessError(self.env._("Priority is given by rewards: grant one instead of editing the contact."))
        return super()._check_field_access(field, operation)

    def _fulfilment_has_priority(self, company, day):
        """Those of these customers who have priority with a company on a day."""
        # safe: answers yes or no, for the order in which we work
        customers = self.sudo().with_company(company)
        return self.browse([
            one.id for one in customers
            if (until := one.commercial_partner_id.fulfilment_priority_until) and until >= day
        ])


class MergePartnerAutomatic(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        """Rewards follow the customer; what is in force for a time holds for the one that stays."""
        # safe: follows the merge that the user was allowed to do
        grants = self.env['fulfilment.reward.grant'].sudo().search([('partner_id', 'in', src_partners.ids)], order='id')
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.invalidate_all()
        # What is claimed by the customer's profile is found by the customer, so that nobody is rewarded twice in a period.
        grants = grants.exists()
        grants.partner_id = dst_partner.commercial_partner_id
        in_force = grants.filtered(lambda one: one.state == 'granted' and one.effect in one._timed_effects())
        for effect, some in in_force.grouped('effect').items():
            getattr(some, f'_move_{effect}')()
        return result
