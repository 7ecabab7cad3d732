from odoo import api, fields, models

from ..base.switch import Effect, Mechanism
from .forecaster import Forecaster


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_forecast = fields.Boolean(string="Forecast payments")


class FulfilmentSwitch(models.TransientModel):
    _inherit = 'fulfilment.switch'

    @api.model
    def _mechanisms(self):
        return [*super()._mechanisms(), Mechanism(
            'forecast', 'fulfilment_forecast', self.env._("Forecast of payments"), self.env._(
                "Every night the likely payment date of each open instalment is worked out from how customers have paid, and what will "
                "come by week; every month it is compared with what came.",
            ), 'fa-line-chart',
        )]

    @api.model
    def _preview_forecast(self, companies):
        """Whose open instalments would be forecast."""
        found = set()
        for company in companies.root_id:
            found.update(Forecaster(company, company._fulfilment_today()[company]).customers())
        return [Effect(self.env._("Customers whose payments are forecast"), len(found), 'res.partner', sorted(found))]
