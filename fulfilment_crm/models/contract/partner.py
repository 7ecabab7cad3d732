from odoo import fields, models

from ..base.readers import READERS


class ResPartner(models.Model):
    _inherit = 'res.partner'

    fulfilment_contract_ids = fields.One2many(
        'fulfilment.contract', 'commercial_partner_id', string="Contracts", groups=READERS, readonly=True,
    )
    fulfilment_contract_count = fields.Integer(
        compute='_compute_fulfilment_contract_count',
        groups=READERS,
    )

    def _compute_fulfilment_contract_count(self):
        counts = dict(self.env['fulfilment.contract']._read_group(
            [('commercial_partner_id', 'in', self.commercial_partner_id.ids)], ['commercial_partner_id'], ['__count'],
        ))
        for partner in self:
            partner.fulfilment_contract_count = counts.get(partner.commercial_partner_id, 0)

    def action_open_fulfilment_contracts(self):
        """Open the contracts with this customer."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('fulfilment_crm.contract_action')
        return {
            **action, 'domain': [('commercial_partner_id', '=', self.commercial_partner_id.id)],
            'context': {'default_partner_id': self.id},
        }
