from odoo import api, fields, models

from ..base.opening import open_list
from ..base.readers import READERS
from .alert import HOLDING


class ResPartner(models.Model):
    """From a customer to its alerts."""
    _inherit = 'res.partner'

    fulfilment_alert_count = fields.Integer(compute='_compute_fulfilment_alert_count', groups=READERS, string="Alerts")

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_fulfilment_alert_count(self):
        counts = dict(self.env['fulfilment.alert']._read_group(
            [('partner_id', 'in', self.commercial_partner_id.ids), ('state', 'in', HOLDING)], ['partner_id'], ['__count'],
        ))
        for partner in self:
            partner.fulfilment_alert_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_fulfilment_alerts(self):
        """Open the alerts about this customer and its contracts."""
        self.ensure_one()
        return open_list(self, 'alert_action', [('partner_id', '=', self.commercial_partner_id.id)], search_default_holding=1)


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    alert_count = fields.Integer(compute='_compute_asked', string="Alerts")

    def _asked(self):
        return [*super()._asked(), self._ask(
            'alert_count', 'fulfilment.alert', [*self._own('partner_id'), ('state', 'in', HOLDING)],
        )]

    def _records_behind(self):
        return {**super()._records_behind(), 'alerts': (
            self.env._("Alerts"), 'fulfilment.alert',
            [('partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id)],
        )}


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    alert_count = fields.Integer(compute='_compute_alert_count', string="Alerts")

    @api.depends_context('uid')
    def _compute_alert_count(self):
        counts = dict(self.env['fulfilment.alert']._read_group(
            [('contract_id', 'in', self.ids), ('state', 'in', HOLDING)], ['contract_id'], ['__count'],
        ))
        for contract in self:
            contract.alert_count = counts.get(contract, 0)

    def action_open_alerts(self):
        """Open the alerts about this contract, its milestones and tickets."""
        self.ensure_one()
        return open_list(self, 'alert_action', [('contract_id', '=', self.id)], search_default_holding=1)
