from odoo import models


class FulfilmentProfile(models.Model):
    """Alerts in the line of time of a customer."""
    _inherit = 'fulfilment.profile'

    def _happened(self):
        # safe: names of rules whose alerts the reader may read
        alerts = self._kept('fulfilment.alert', 'raised_on')
        return [*super()._happened(), *self._told_of(
            alerts, 'raised_on', 'fa-bell-o', self.env._("Alert"), lambda one: (one.sudo().rule_id.name, ''),
        )]
