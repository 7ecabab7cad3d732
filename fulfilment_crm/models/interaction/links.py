from odoo import api, fields, models

from ..base.opening import open_list
from ..base.readers import READERS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    fulfilment_interaction_count = fields.Integer(compute='_compute_fulfilment_interaction_count', groups=READERS)

    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_fulfilment_interaction_count(self):
        counts = dict(self.env['fulfilment.interaction']._read_group(
            [('commercial_partner_id', 'in', self.commercial_partner_id.ids)], ['commercial_partner_id'], ['__count'],
        ))
        for partner in self:
            partner.fulfilment_interaction_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_fulfilment_interactions(self):
        """Open what was logged with this customer."""
        self.ensure_one()
        return _interactions(self, [('commercial_partner_id', '=', self.commercial_partner_id.id)], default_partner_id=self.id)

    def action_log_fulfilment_interaction(self):
        """Log an interaction with this contact."""
        self.ensure_one()
        return self.env['fulfilment.interaction']._log_action(partner_id=self.id)


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    def action_log_interaction(self):
        """Log an interaction with this customer."""
        self.ensure_one()
        self.check_access('read')
        return self.env['fulfilment.interaction']._log_action(partner_id=self.partner_id.id)

    def action_open_interactions(self):
        """Open what was logged with this customer."""
        self.ensure_one()
        self.check_access('read')
        return _interactions(self, [
            ('commercial_partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id),
        ], default_partner_id=self.partner_id.id)


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    interaction_ids = fields.One2many('fulfilment.interaction', 'contract_id', string="Interactions", groups=READERS)
    interaction_count = fields.Integer(compute='_compute_interaction_count')

    @api.depends_context('uid')
    def _compute_interaction_count(self):
        counts = dict(self.env['fulfilment.interaction']._read_group([('contract_id', 'in', self.ids)], ['contract_id'], ['__count']))
        for contract in self:
            contract.interaction_count = counts.get(contract._origin, 0)

    def action_open_interactions(self):
        """Open what was logged about these contracts."""
        return _interactions(self, [('contract_id', 'in', self.ids)], **self._interaction_defaults())

    def action_log_interaction(self):
        """Log an interaction about this contract."""
        self.ensure_one()
        self.check_access('read')
        return self.env['fulfilment.interaction']._log_action(
            contract_id=self.id, partner_id=self.partner_id.id, company_id=self.company_id.id,
        )

    def _interaction_defaults(self):
        first = self[:1]
        return {'default_contract_id': first.id, 'default_partner_id': first.partner_id.id, 'default_company_id': first.company_id.id}


class FulfilmentTicket(models.Model):
    _inherit = 'fulfilment.ticket'

    interaction_ids = fields.One2many('fulfilment.interaction', 'ticket_id', string="Interactions")
    interaction_count = fields.Integer(compute='_compute_interaction_count')

    @api.depends_context('uid')
    def _compute_interaction_count(self):
        counts = dict(self.env['fulfilment.interaction']._read_group([('ticket_id', 'in', self.ids)], ['ticket_id'], ['__count']))
        for ticket in self:
            ticket.interaction_count = counts.get(ticket._origin, 0)

    def action_open_interactions(self):
        """Open what was logged about this ticket."""
        self.ensure_one()
        return _interactions(self, [('ticket_id', '=', self.id)], default_ticket_id=self.id, default_partner_id=self.partner_id.id)

    def action_log_interaction(self):
        """Log an interaction about this ticket."""
        self.ensure_one()
        self.check_access('read')
        return self.env['fulfilment.interaction']._log_action(
            ticket_id=self.id, partner_id=self.partner_id.id, contract_id=self.contract_id.id, company_id=self.company_id.id,
        )


def _interactions(records, domain, **context):
    return open_list(records, 'interaction_action', domain, **context)
