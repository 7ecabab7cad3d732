from odoo import models


class FulfilmentProfile(models.Model):
    """Rewards in the line of time of a customer."""
    _inherit = 'fulfilment.profile'

    def _happened(self):
        grants = self._kept('fulfilment.reward.grant', 'granted_on')
        return [*super()._happened(), *self._told_of(
            grants, 'granted_on', 'fa-gift', self.env._("Reward"), lambda one: (one.display_name, ''),
        )]
