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

    def write(self, vals):
        result = super().write(vals)
        if vals.keys() & {'parent_id', 'is_company', 'company_type'}:
            # safe: drafts follow the company of their customer, whoever may see them; what was submitted stays
            self.env['fulfilment.contract'].sudo().search([
                ('partner_id', 'in', self.ids), ('state', '=', 'draft'),
            ])._follow_company_of_customer()
        return result

    def _fulfilment_reachable(self):
        """Who is written to in place of somebody who has left: the next contact of the same customer with an address, else the customer.

        :return: the contact itself while it is there; empty when nobody of the customer is
        """
        self.ensure_one()
        if self.active:
            return self
        customer = self.commercial_partner_id
        contacts = customer.child_ids.filtered(lambda one: one.active and one.type == 'contact' and not one.is_company)
        with_address = (customer.filtered('active') | contacts.sorted('id')).filtered('email')
        return (with_address & contacts)[:1] or with_address[:1] or customer.filtered('active')

    def action_open_fulfilment_contracts(self):
        """Open the contracts with this customer."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id('fulfilment_crm.contract_action')
        return {
            **action, 'domain': [('commercial_partner_id', '=', self.commercial_partner_id.id)],
            'context': {'default_partner_id': self.id},
        }


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _follow_company_of_customer(self):
        """Bring the company of the customer up to date, where that is still open."""
        self.env.add_to_compute(self._fields['commercial_partner_id'], self)
