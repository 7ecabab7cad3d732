from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS

from ..base.guard_mixin import without_unchanged

ENTERED = frozenset({'email', 'phone'})  # where somebody is reached
PAPERS = frozenset({'fulfilment.statement', 'fulfilment.reminder', 'fulfilment.dispute', 'fulfilment.payment.promise'})
PLACED = frozenset({'parent_id', 'is_company', 'company_type', 'type', 'active', 'commercial_partner_id'})  # whose address it is


class ResPartner(models.Model):
    """Letters and statements tell what is owed, and their links answer for the customer: they go to no address that somebody has entered
    who has nothing to do with its account, until whoever has confirms it.
    """
    _inherit = 'res.partner'

    fulfilment_unvouched = fields.Boolean(string="Address not confirmed", groups=NO_ACCESS, copy=False)
    fulfilment_is_unvouched = fields.Boolean(
        string="Address to be confirmed", compute='_compute_fulfilment_is_unvouched', compute_sudo=True,
        help="Of a customer's contact: somebody has entered it who does not look after the account.",
    )

    @api.depends('fulfilment_unvouched')
    def _compute_fulfilment_is_unvouched(self):
        for partner in self:
            partner.fulfilment_is_unvouched = partner.fulfilment_unvouched and bool(partner.commercial_partner_id.fulfilment_profile_ids)

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._fulfilment_distrusted()._fulfilment_set_vouched(False)
        return partners

    def write(self, vals):
        changed = set() if self.env.su else without_unchanged(self, vals, ENTERED | PLACED).keys() & (ENTERED | PLACED)
        result = super().write(vals)
        if changed & PLACED:
            # safe: contacts go where their company goes
            below = self.sudo().with_context(active_test=False).search([('id', 'child_of', self.ids)])
            below.sudo(False)._fulfilment_distrusted()._fulfilment_set_vouched(False)
        if changed & ENTERED:
            distrusted = self._fulfilment_distrusted()
            distrusted._fulfilment_set_vouched(False)
            if self.env.user._is_internal():
                # safe: whoever may agree on the account may say where its papers go
                (self.sudo() - distrusted)._fulfilment_set_vouched(True)
        return result

    def _fulfilment_set_vouched(self, vouched):
        changed = self.filtered(lambda one: one.fulfilment_unvouched == vouched)
        changed.fulfilment_unvouched = not vouched
        if changed.with_context(active_test=False).user_ids:
            self.env.registry.clear_cache()  # rules keep whose records a login sees

    def _fulfilment_distrusted(self):
        """Return those of these, as superuser, whose account the user, a colleague, has nothing to do with.

        Of whom there is no account yet, anybody with a role may enter what they know.
        """
        # safe: asks who the customers are
        partners, user = self.sudo(), self.env.user
        if self.env.su or not user._is_internal():
            return partners.browse()
        profiles = partners.commercial_partner_id.fulfilment_profile_ids
        # An address is one for all companies: who looks after the account in one of them does not enter it for another.
        strangers = (profiles - profiles._agreed_by(user)).partner_id
        has_role = user.has_group('fulfilment_crm.group_reader')
        return partners.filtered(
            lambda one: one.commercial_partner_id in strangers if one.commercial_partner_id.fulfilment_profile_ids else not has_role,
        )

    def _fulfilment_may_get_link(self):
        # safe: whether an address is confirmed
        return super()._fulfilment_may_get_link() and not self.sudo().fulfilment_unvouched

    def _fulfilment_unvouched_of(self):
        """Return the addresses of a customer that papers would go to, were they confirmed."""
        # safe: whether an address is confirmed
        customer = self.sudo()
        return (customer.browse(customer.address_get(['invoice'])['invoice'] or customer.id) | customer).filtered('fulfilment_unvouched')

    def action_fulfilment_vouch(self):
        """Confirm that letters and statements may go to this address."""
        for partner in self:
            # safe: asks whose customer it is
            profiles = partner.sudo().commercial_partner_id.fulfilment_profile_ids
            agreed = profiles._agreed_by(self.env.user)
            if not agreed or agreed != profiles and not self._fulfilment_vouches_for_others():
                raise AccessError(self.env._("The address of %s is confirmed by who looks after the customer's account.", partner.name))
            partner.sudo()._fulfilment_set_vouched(True)  # safe: as above
        return True

    def _fulfilment_vouches_for_others(self):
        """Whether the user may confirm an address that other companies use as well."""
        return any(self.env.user.has_group(f'fulfilment_crm.group_{role}') for role in ('leader', 'credit', 'manager'))


class ResUsers(models.Model):
    _inherit = 'res.users'

    def _fulfilment_customer(self):
        """Return nobody for a login whose address nobody has confirmed who looks after the account."""
        customer = super()._fulfilment_customer()
        # safe: whether an address is confirmed
        return customer.browse() if customer and self.sudo().partner_id.fulfilment_unvouched else customer


class MailMail(models.Model):
    _inherit = 'mail.mail'

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """Send papers to no address that was changed while they waited by somebody who has nothing to do with the account."""
        prepared = super()._prepare_outgoing_list(mail_server=mail_server, doc_to_followers=doc_to_followers)
        if self.model not in PAPERS:
            return prepared
        # safe: whether an address is confirmed
        return [one for one in prepared if not (one.get('partner_id') and one['partner_id'].sudo().fulfilment_unvouched)]


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
