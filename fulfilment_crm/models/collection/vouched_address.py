from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS

from ..base.guard_mixin import without_unchanged

# What decides where letters and statements of a customer go.
ADDRESS = frozenset({'email', 'type', 'parent_id', 'active'})


class ResPartner(models.Model):
    """Letters and statements tell what is owed, and their links answer for the customer: they go to no address that somebody has entered
    who has nothing to do with its account, until whoever has confirms it.
    """
    _inherit = 'res.partner'

    fulfilment_unvouched = fields.Boolean(string="Address not confirmed", groups=NO_ACCESS, copy=False)
    fulfilment_is_unvouched = fields.Boolean(
        string="Address to be confirmed", compute='_compute_fulfilment_is_unvouched', compute_sudo=True,
    )

    @api.depends('fulfilment_unvouched')
    def _compute_fulfilment_is_unvouched(self):
        for partner in self:
            partner.fulfilment_is_unvouched = partner.fulfilment_unvouched

    def _fulfilment_unvouched_of(self):
        """Return the addresses of a customer that papers would go to, were they confirmed."""
        # safe: whether an address is confirmed
        customer = self.sudo()
        return (customer.browse(customer.address_get(['invoice'])['invoice'] or customer.id) | customer).filtered('fulfilment_unvouched')

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners.filtered('parent_id')._fulfilment_note_address()
        return partners

    def write(self, vals):
        changed = not self.env.su and without_unchanged(self, vals, ADDRESS).keys() & ADDRESS
        result = super().write(vals)
        if changed:
            self._fulfilment_note_address()
        return result

    def _fulfilment_note_address(self):
        """Note of contacts of customers whether their address comes from somebody who may agree on something about the account."""
        if self.env.su or not self.env.user._is_internal():
            return
        # safe: asks who the customers are, and writes what the caller may not
        for customer, partners in self.sudo().grouped('commercial_partner_id').items():
            profiles = customer.fulfilment_profile_ids
            if profiles:
                partners.fulfilment_unvouched = not profiles._may_agree(self.env.user)

    def action_fulfilment_vouch(self):
        """Confirm that letters and statements may go to this address."""
        for partner in self:
            # safe: asks whose customer it is
            profiles = partner.sudo().commercial_partner_id.fulfilment_profile_ids
            if not profiles._may_agree(self.env.user):
                raise AccessError(self.env._("The address of %s is confirmed by who looks after the customer's account.", partner.name))
            partner.sudo().fulfilment_unvouched = False  # safe: as above
        return True


class FulfilmentStatement(models.Model):
    _inherit = 'fulfilment.statement'

    @api.model
    def _receivers(self, customers):
        """Leave out addresses that nobody has confirmed: the customer's own stands in, if it is."""
        found = super()._receivers(customers)
        # safe: whether an address is confirmed
        for customer, receiver in found.items():
            if receiver.sudo().fulfilment_unvouched:
                own = customer._fulfilment_reachable()
                found[customer] = own.browse() if own.sudo().fulfilment_unvouched else own
        return found
