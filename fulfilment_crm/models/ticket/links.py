from odoo import fields, models

from ..base.opening import open_list


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    ticket_ids = fields.One2many('fulfilment.ticket', 'contract_id', string="Tickets")
    ticket_count = fields.Integer(compute='_compute_ticket_count')

    def _compute_ticket_count(self):
        counts = dict(self.env['fulfilment.ticket']._read_group([('contract_id', 'in', self.ids)], ['contract_id'], ['__count']))
        for contract in self:
            contract.ticket_count = counts.get(contract, 0)

    def action_open_tickets(self):
        """Open the tickets about this contract."""
        self.ensure_one()
        return open_list(
            self, 'ticket_action', [('contract_id', '=', self.id)], default_contract_id=self.id, default_partner_id=self.partner_id.id,
        )
