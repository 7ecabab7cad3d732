from odoo import fields, models
from odoo.exceptions import AccessError

from ..base.opening import open_list
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
        if not vals.keys() & {'parent_id', 'is_company', 'company_type'}:
            return super().write(vals)
        before = {partner: partner.commercial_partner_id for partner in self}
        result = super().write(vals)
        # safe: contracts follow the company of their customer, whoever may see them
        everybody = self.sudo().with_context(active_test=False).env
        contracts = everybody['fulfilment.contract'].search([('partner_id', 'child_of', self.ids)])
        follow = contracts.filtered(lambda one: one.state == 'draft')
        for partner, customer in before.items():
            if partner == customer != partner.commercial_partner_id:
                agreed = contracts.filtered(
                    lambda one, customer=customer: one.commercial_partner_id == customer and one.state not in ('draft', 'cancelled'),
                )
                if agreed and not self._fulfilment_may_hand_over():
                    raise AccessError(self.env._(
                        "%(contact)s is a customer with contracts: a team leader or administrator puts it below %(company)s.",
                        contact=partner.name, company=partner.commercial_partner_id.name,
                    ))
                agreed._change_link()
                follow |= agreed
        follow._follow_company_of_customer()
        # What is invoiced of the orders of companies below a customer counts for its contracts, while they are below it.
        # safe: finds which contracts to bring in line; nothing is shown to the user
        orders = everybody['sale.order'].search([('partner_id', 'child_of', self.ids), ('fulfilment_contract_id', '!=', False)])
        (follow | orders.fulfilment_contract_id)._sync_later()
        return result

    def _fulfilment_below(self):
        """Return the contacts right below these, archived ones too: Odoo's own field leaves those out."""
        # safe: asks what moves along
        found = self.sudo().with_context(active_test=False).search([('parent_id', 'in', self.ids), ('id', 'not in', self.ids)])
        return found.with_env(self.env)

    def _fulfilment_is_new_name_of(self, now, customer):
        """Tell whether a customer among these has just got a company above it, of which nothing else is known: it takes all along."""
        return bool(customer and customer in self and not now._fulfilment_is_known_beside(customer))

    def _fulfilment_is_known_beside(self, customer):
        """Tell whether anything is known of a company but a customer put below it. A room adds what it knows."""
        # safe: asks whether there is anything
        return bool(
            self._fulfilment_below() - customer
            or self.env['account.move.line'].sudo().search_count(
                [('partner_id', '=', self.id), ('move_id.partner_id', 'in', [self.id, False])], limit=1,
            )
            or self.env['sale.order'].sudo().search_count([('partner_id', '=', self.id)], limit=1)
            or self.env['fulfilment.contract'].sudo().search_count(
                [('commercial_partner_id', '=', self.id), '!', ('partner_id', 'child_of', customer.id)], limit=1,
            )
        )

    def _fulfilment_reachable(self):
        """Return who is written to when somebody has left: the next contact of the same customer with an address, else the customer.

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
        domain = [('commercial_partner_id', '=', self.commercial_partner_id.id)]
        return open_list(self, 'contract_action', domain, default_partner_id=self.id)


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _follow_company_of_customer(self):
        """Bring the company of the customer up to date, where that is still open."""
        self.env.add_to_compute(self._fields['commercial_partner_id'], self)
