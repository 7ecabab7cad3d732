from odoo import api, fields, models

from ..base.opening import open_list
from ..base.readers import READERS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    fulfilment_survey_contact = fields.Boolean(
        string="Receives surveys", groups=READERS, copy=False, help="Surveys of the customer go to this contact before any other.",
    )
    fulfilment_satisfaction_count = fields.Integer(
        string="Satisfaction results", compute='_compute_fulfilment_satisfaction_count', groups=READERS,
    )

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_fulfilment_satisfaction_count(self):
        counts = dict(self.env['fulfilment.satisfaction']._read_group(
            [('commercial_partner_id', 'in', self.commercial_partner_id.ids)], ['commercial_partner_id'], ['__count'],
        ))
        for partner in self:
            partner.fulfilment_satisfaction_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_fulfilment_satisfaction(self):
        """Open the satisfaction results of this customer."""
        return open_list(self, 'satisfaction_action', [('commercial_partner_id', 'in', self.commercial_partner_id.ids)])

    def action_fulfilment_phone_survey(self):
        """Open the form that takes this customer's answers by phone."""
        self.ensure_one()
        self.check_access('read')
        return self.env['fulfilment.phone.survey']._open({'default_partner_id': self.id})


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    def action_phone_survey(self):
        """Open the form that takes the customer's answers by phone."""
        self.ensure_one()
        self.check_access('read')
        return self.env['fulfilment.phone.survey']._open({
            'default_partner_id': self.partner_id.id, 'default_company_id': self.company_id.id,
        })

    def _records_behind(self):
        own = [('commercial_partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id)]
        return {
            **super()._records_behind(),
            'satisfaction': (self.env._("Satisfaction"), 'fulfilment.satisfaction', own),
            'surveys': (self.env._("Survey requests"), 'fulfilment.survey.request', own),
            'improvements': (self.env._("Improvement actions"), 'fulfilment.improvement', own),
        }


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    satisfaction_ids = fields.One2many('fulfilment.satisfaction', 'contract_id', groups=READERS)
    satisfaction_count = fields.Integer(compute='_compute_satisfaction_count', groups=READERS)

    @api.depends('satisfaction_ids')
    def _compute_satisfaction_count(self):
        counts = dict(self.env['fulfilment.satisfaction']._read_group([('contract_id', 'in', self.ids)], ['contract_id'], ['__count']))
        for contract in self:
            contract.satisfaction_count = counts.get(contract._origin, 0)

    def action_open_satisfaction(self):
        """Open the satisfaction results of these contracts."""
        return open_list(self, 'satisfaction_action', [('contract_id', 'in', self.ids)])
