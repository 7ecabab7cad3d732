from odoo import models


class FulfilmentProfile(models.Model):
    """What a customer said of us in the line of time."""
    _inherit = 'fulfilment.profile'

    def _happened(self):
        results = self._kept('fulfilment.satisfaction', 'date')
        return [*super()._happened(), *self._told_of(
            results, 'date', 'fa-smile-o', self.env._("Satisfaction"), lambda one: (f'{one.average:.1f} / 5', one.partner_id.name),
        )]
