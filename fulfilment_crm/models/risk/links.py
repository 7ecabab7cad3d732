from odoo import api, fields, models

from ..base.opening import open_list
from ..base.readers import READERS
from .risk import LIVE


def _risks(record, domain, **defaults):
    return open_list(record, 'risk_action', domain, search_default_live=1, **defaults)


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    risk_count = fields.Integer(string="Risks that may happen", compute='_compute_risk_count')

    @api.depends_context('uid')
    def _compute_risk_count(self):
        risks = dict(self.env['fulfilment.risk']._read_group(
            [('contract_id', 'in', self.ids), ('state', 'in', LIVE)], ['contract_id'], ['__count'],
        ))
        for contract in self:
            contract.risk_count = risks.get(contract._origin, 0)

    def action_open_risks(self):
        """Open the risks of this contract."""
        self.ensure_one()
        return _risks(self, [('contract_id', '=', self.id)], default_contract_id=self.id, default_company_id=self.company_id.id)


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    risk_count = fields.Integer(string="Risks that may happen", compute='_compute_asked')

    def _asked(self):
        return [*super()._asked(), self._ask('risk_count', 'fulfilment.risk', [*self._own(), ('state', 'in', LIVE)])]

    def action_open_risks(self):
        """Open the risks of this customer."""
        self.ensure_one()
        return _risks(self, [
            ('commercial_partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id),
        ], default_commercial_partner_id=self.partner_id.id)


class ResPartner(models.Model):
    _inherit = 'res.partner'

    fulfilment_risk_count = fields.Integer(string="Risks that may happen", compute='_compute_fulfilment_risk_count', groups=READERS)

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_fulfilment_risk_count(self):
        counts = dict(self.env['fulfilment.risk']._read_group(
            [('commercial_partner_id', 'in', self.commercial_partner_id.ids), ('state', 'in', LIVE)], ['commercial_partner_id'],
            ['__count'],
        ))
        for partner in self:
            partner.fulfilment_risk_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_fulfilment_risks(self):
        """Open the risks of this customer."""
        self.ensure_one()
        return _risks(
            self, [('commercial_partner_id', '=', self.commercial_partner_id.id)],
            default_commercial_partner_id=self.commercial_partner_id.id,
        )
