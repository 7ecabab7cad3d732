from odoo import api, fields, models

from ..base.opening import open_list


def _responses(record, domain):
    return open_list(record, 'response_action', [*domain, ('is_drill', '=', False)])


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    response_count = fields.Integer(string="Responses under way", compute='_compute_response_count')

    @api.depends_context('uid')
    def _compute_response_count(self):
        counts = dict(self.env['fulfilment.response']._read_group(
            [('contract_id', 'in', self.ids), ('state', '=', 'running'), ('is_drill', '=', False)], ['contract_id'], ['__count'],
        ))
        for contract in self:
            contract.response_count = counts.get(contract._origin, 0)

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

    response_count = fields.Integer(string="Responses under way", compute='_compute_asked')

    def _asked(self):
        return [*super()._asked(), self._ask(
            'response_count', 'fulfilment.response', [*self._own(), ('state', '=', 'running'), ('is_drill', '=', False)],
        )]

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

    def action_start_fulfilment_response(self):
        """Ask for a response plan, and start it for this customer."""
        self.ensure_one()
        return self.env['fulfilment.response.start']._ask(self)
