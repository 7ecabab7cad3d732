from odoo import fields, models


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    reward_count = fields.Integer(string="Rewards in force", compute='_compute_asked')

    def _asked(self):
        return [*super()._asked(), self._ask(
            'reward_count', 'fulfilment.reward.grant', [('profile_id', '=', self.id), ('state', '=', 'granted')],
        )]

    def _records_behind(self):
        own = [('partner_id', '=', self.partner_id.id), ('company_id', '=', self.company_id.id)]
        return {**super()._records_behind(), 'rewards': (self.env._("Rewards"), 'fulfilment.reward.grant', own)}
