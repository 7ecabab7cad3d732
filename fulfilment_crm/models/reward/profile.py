from odoo import api, fields, models


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    reward_count = fields.Integer(string="Rewards in force", compute='_compute_reward_count')

    @api.depends_context('uid')
    def _compute_reward_count(self):
        counts = dict(self.env['fulfilment.reward.grant']._read_group(
            [('profile_id', 'in', self.ids), ('state', '=', 'granted')], ['profile_id'], ['__count'],
        ))
        for profile in self:
            profile.reward_count = counts.get(profile, 0)

    def _records_behind(self):
        own = [('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id)]
        return {**super()._records_behind(), 'rewards': (self.env._("Rewards"), 'fulfilment.reward.grant', own)}
