import re

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.tools import email_normalize
from odoo.tools.mail import email_normalize_all

from ..base.guard_mixin import without_unchanged
from .contract import HIDDEN_STATES

# What lets whoever has a link set a password: the page for it, and the token.
SIGNUP, TOKEN = re.compile(r'/web/signup\?'), re.compile(r'(?<=[?&])token=[^&]*&?')
MAY = ('fulfilment_crm.group_leader', 'fulfilment_crm.group_manager', 'base.group_erp_manager')


class ResPartner(models.Model):
    """Who acts for a customer on the portal: whoever got at that login could sign, accept and complain in the customer's name.

    Its address lets in whoever reads mails there; its company decides whose contracts it opens.
    """
    _inherit = 'res.partner'

    def write(self, vals):
        if not self.env.su and 'email' in vals and any(_addresses(one.email) != _addresses(vals['email']) for one in self):
            self._fulfilment_check_address_of_logins()
        normal = without_unchanged(self, vals, {'email_normalized'}).get('email_normalized')
        if not self.env.su and normal and normal != email_normalize(vals.get('email') or ''):
            raise AccessError(self.env._("Whose mails are whose follows from the e-mail address; it is not entered by hand."))
        if not vals.keys() & {'parent_id', 'is_company', 'company_type'}:
            return super().write(vals)
        before = self._fulfilment_logins_by_customer()
        result = super().write(vals)
        self._fulfilment_check_moved_logins(before)
        return result

    def unlink(self):
        below = self._fulfilment_below()
        if not below:
            return super().unlink()
        before = below._fulfilment_logins_by_customer()
        result = super().unlink()
        below.exists()._fulfilment_check_moved_logins(before)
        return result

    def _fulfilment_customer_logins(self):
        """Return the portal logins of these contacts and of those below them, as superuser.

        Those revoked are among them, for they can be given back.
        """
        # safe: asks who can log in
        return self.env['res.users'].sudo().with_context(active_test=False).search([
            ('partner_id', 'child_of', self.ids), ('share', '=', True), ('login', 'not like', '__deleted_user_%'),
        ])

    def _fulfilment_may_hand_over(self):
        """Tell whether the user may give contacts with logins and contracts from one customer to another."""
        return self.env.su or any(self.env.user.has_group(group) for group in MAY)

    def _fulfilment_check_address_of_logins(self):
        """Prevent that somebody takes over a customer's login by an address of their own.

        :raise AccessError: naming the contact and who may
        """
        if self._fulfilment_may_hand_over():
            return
        for user in self._fulfilment_customer_logins():
            if user.partner_id in self and user != self.env.user:
                raise AccessError(self.env._(
                    "%s logs in on the portal, and a new password is sent to this address: they change it there themselves, or a team "
                    "leader or administrator does.", user.partner_id.display_name,
                ))

    def _fulfilment_check_lets_in(self):
        """Prevent that somebody lets people in to contracts of a customer that they may not read themselves.

        :raise AccessError: naming the contact and who may
        """
        if self._fulfilment_may_hand_over():
            return
        for partner in self:
            contracts = partner._fulfilment_shown_contracts()
            if contracts and contracts.sudo(False)._filtered_access('read') != contracts:
                raise AccessError(self.env._(
                    "%(contact)s would see contracts of %(customer)s that you may not read: whoever is responsible for them, a team "
                    "leader or an administrator lets this contact in.", contact=partner.name, customer=partner.commercial_partner_id.name,
                ))

    def _fulfilment_may_be_let_in(self):
        """Tell whether the user who acts, be it as superuser, may let this contact in: mails and pages are made as superuser for anybody.

        The machine lets nobody in by itself: what it sends was asked for by somebody it does not know.
        """
        if self.env.uid == SUPERUSER_ID:
            return not self._fulfilment_shown_contracts()
        try:
            self.sudo(False)._fulfilment_check_lets_in()
        except AccessError:
            return False
        return True

    def _fulfilment_shown_contracts(self):
        """Return the contracts that a login of this contact would see, as superuser."""
        # safe: asks whether there is something to see
        return self.env['fulfilment.contract'].sudo().search([
            ('commercial_partner_id', '=', self.sudo().commercial_partner_id.id), ('state', 'not in', HIDDEN_STATES),
        ])

    def signup_get_auth_param(self):
        """Give the token of a contact only to those who may let it in: whoever has the token logs in as the contact."""
        result = super().signup_get_auth_param()
        for partner in self:
            if 'auth_signup_token' in result.get(partner.id, ()) and not partner._fulfilment_may_be_let_in():
                result[partner.id].pop('auth_signup_token')
        return result

    def _get_signup_url_for_action(self, *args, **kwargs):
        """Leave out the token for those who may not let the contact in.

        A contact who has a login sets its password by a mail to its own address.
        """
        result = super()._get_signup_url_for_action(*args, **kwargs)
        # safe: asks who has a login
        for partner in self.filtered(lambda one: not one.sudo().with_context(active_test=False).user_ids):
            if not partner._fulfilment_may_be_let_in():
                result[partner.id] = TOKEN.sub('', SIGNUP.sub('/web/login?', result[partner.id]))
        return result

    def _get_login_date(self):
        """Add the customer, if it has contracts, to what Odoo signs in a token.

        A token lets in to what it was given for: not after the contact has moved to another customer, nor to the contracts of one who had
        none.
        """
        date = super()._get_login_date()
        # safe: compares what a token was given for
        customer = self.sudo().commercial_partner_id
        agreed = self.env['fulfilment.contract'].sudo().search_count([
            ('commercial_partner_id', '=', customer.id), ('state', 'not in', HIDDEN_STATES),
        ], limit=1)
        return f'{date}:{customer.id}' if agreed else date

    def _fulfilment_logins_by_customer(self):
        return {user: user.partner_id.commercial_partner_id for user in self._fulfilment_customer_logins()}

    def _fulfilment_check_moved_logins(self, before):
        """Prevent that somebody opens the contracts of a customer to the login of another one.

        :param dict before: ``{login: customer}``
        :raise AccessError: naming the contact and who may
        """
        moved = {user: user.partner_id.commercial_partner_id for user, customer in before.items()
                 if user.partner_id.commercial_partner_id != customer}
        if not moved:
            return
        self.env.registry.clear_cache()  # rules keep whose records a login sees
        if self._fulfilment_may_hand_over():
            return
        for user, customer in moved.items():
            # safe: asks whether there is something to see
            if self.env['fulfilment.contract'].sudo().search_count([
                ('commercial_partner_id', '=', customer.id), ('state', 'not in', HIDDEN_STATES),
            ], limit=1):
                raise AccessError(self.env._(
                    "%(contact)s logs in on the portal and would see the contracts of %(customer)s: a team leader or administrator "
                    "moves this contact.", contact=user.partner_id.name, customer=customer.display_name,
                ))


class MergePartnerAutomatic(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        # Customers that become one keep their logins; contacts that become one may take theirs to another customer.
        partners = self.env['res.partner'].browse(partner_ids).exists()
        before = {
            user: customer for user, customer in partners._fulfilment_logins_by_customer().items() if customer not in partners
        }
        result = super()._merge(partner_ids, dst_partner=dst_partner, extra_checks=extra_checks)
        partners._fulfilment_check_moved_logins(before)
        return result

    @api.model
    def _update_values(self, src_partners, dst_partner):
        """Take contracts along in the last step of a merge.

        What is drafted with the contacts that are one now is drafted with their company; what was submitted stays with its customer, unless
        a leader says otherwise.
        """
        result = super()._update_values(src_partners, dst_partner)
        # safe: follows the merge that the user was allowed to do
        contracts = self.env['fulfilment.contract'].sudo().with_context(active_test=False).search([
            ('partner_id', '=', dst_partner.id), ('commercial_partner_id', '!=', dst_partner.commercial_partner_id.id),
        ])
        agreed = contracts.filtered(lambda one: one.state not in ('draft', 'cancelled'))
        if agreed and not dst_partner._fulfilment_may_hand_over():
            raise AccessError(self.env._(
                "%(contact)s would take %(contract)s to %(customer)s: a team leader merges these contacts.", contact=dst_partner.name,
                contract=agreed[:1].display_name, customer=dst_partner.commercial_partner_id.display_name,
            ))
        contracts._follow_company_of_customer()
        agreed._change_link()
        return result


class PortalWizardUser(models.TransientModel):
    _inherit = 'portal.wizard.user'

    def action_grant_access(self):
        self.partner_id._fulfilment_check_lets_in()
        return super().action_grant_access()

    def action_invite_again(self):
        self.partner_id._fulfilment_check_lets_in()
        return super().action_invite_again()


class CrmLead(models.Model):
    _inherit = 'crm.lead'

    def _get_partner_email_update(self, force_void=True):
        # A lead keeps an address of its own where that of the contact is not the user's to change.
        if not super()._get_partner_email_update(force_void=force_void):
            return False
        partner = self.partner_id
        return partner._fulfilment_may_hand_over() or not any(
            user.partner_id == partner and user != self.env.user for user in partner._fulfilment_customer_logins()
        )


def _addresses(text):
    """Return the addresses in a text, sorted; a text that holds none is returned as it stands."""
    return sorted(email_normalize_all(text or '')) or (text or '').strip()
