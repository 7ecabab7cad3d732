from odoo import fields, models


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
        return {
            **self.env['ir.actions.actions']._for_xml_id('fulfilment_crm.ticket_action'), 'domain': [('contract_id', '=', self.id)],
            'context': {'default_contract_id': self.id, 'default_partner_id': self.partner_id.id},
        }
