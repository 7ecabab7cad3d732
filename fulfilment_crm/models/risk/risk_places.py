from odoo import api, fields, models

from ..base.readers import READERS
from .risk import LIVE


def _risks(record, domain, **defaults):
    return {
        **record.env['ir.actions.actions']._for_xml_id('fulfilment_crm.risk_action'), 'domain': domain,
        'context': {'search_default_live': 1, **defaults},
    }


def _responses(record, domain):
    return {
        **record.env['ir.actions.actions']._for_xml_id('fulfilment_crm.response_action'), 'domain': [*domain, ('is_drill', '=', False)],
        'context': {},
    }


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    risk_count = fields.Integer(string="Risks that may happen", compute='_compute_risk_count')
    response_count = fields.Integer(string="Responses under way", compute='_compute_risk_count')

    @api.depends_context('uid')
    def _compute_risk_count(self):
        risks = dict(self.env['fulfilment.risk']._read_group(
            [('contract_id', 'in', self.ids), ('state', 'in', LIVE)], ['contract_id'], ['__count'],
        ))
        responses = dict(self.env['fulfilment.response']._read_group(
            [('contract_id', 'in', self.ids), ('state', '=', 'running'), ('is_drill', '=', False)], ['contract_id'], ['__count'],
        ))
        for contract in self:
            contract.risk_count = risks.get(contract._origin, 0)
            contract.response_count = responses.get(contract._origin, 0)

    def action_open_risks(self):
        """Open the risks of this contract."""
        self.ensure_one()
        return _risks(self, [('contract_id', '=', self.id)], default_contract_id=self.id, default_company_id=self.company_id.id)

    def action_open_responses(self):
        """Open the responses to what happened with this contract."""
        self.ensure_one()
        return _responses(self, [('contract_id', '=', self.id)])

    def action_start_response(self):
        """Ask for a response plan, and start it for this contract."""
        self.ensure_one()
        return self.env['fulfilment.response.start']._ask(self)


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    risk_count = fields.Integer(string="Risks that may happen", compute='_compute_risk_count')
    response_count = fields.Integer(string="Responses under way", compute='_compute_risk_count')

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_risk_count(self):
        domain = [('commercial_partner_id', 'in', self.partner_id.ids), ('company_id', 'child_of', self.company_id.ids)]
        risks, responses = (
            {(partner, company): number for partner, company, number in rows} for rows in (
                self.env['fulfilment.risk']._read_group(
                    [*domain, ('state', 'in', LIVE)], ['commercial_partner_id', 'company_id'], ['__count'],
                ),
                self.env['fulfilment.response']._read_group(
                    [*domain, ('state', '=', 'running'), ('is_drill', '=', False)], ['commercial_partner_id', 'company_id'], ['__count'],
                ),
            )
        )
        for profile in self:
            for name, counts in (('risk_count', risks), ('response_count', responses)):
                profile[name] = sum(
                    number for (partner, company), number in counts.items()
                    if partner == profile.partner_id and company.root_id == profile.company_id
                )

    def action_open_risks(self):
        """Open the risks of this customer."""
        self.ensure_one()
        return _risks(self, [
            ('commercial_partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id),
        ], default_commercial_partner_id=self.partner_id.id)

    def action_open_responses(self):
        """Open the responses to what happened with this customer."""
        self.ensure_one()
        return _responses(self, [('commercial_partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id)])

    def action_start_response(self):
        """Ask for a response plan, and start it for this customer."""
        self.ensure_one()
        return self.env['fulfilment.response.start']._ask(self)


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

    def action_start_fulfilment_response(self):
        """Ask for a response plan, and start it for this customer."""
        self.ensure_one()
        return self.env['fulfilment.response.start']._ask(self)
