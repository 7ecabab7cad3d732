from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS

from odoo.addons.portal.utils import validate_thread_with_hash_pid, validate_thread_with_token


class FulfilmentPortalMixin(models.AbstractModel):
    """What customers see by a link. Whoever has the token acts for the customer, so nobody reads it.

    It is put into links where e-mails leave the house (``mail_mail.py``), for the customer they go to; what is stored of an e-mail
    says where it is, not how to get in.
    """
    _name = 'fulfilment.portal.mixin'
    _description = 'Page of a customer by link'
    _inherit = ['portal.mixin']

    access_token = fields.Char(groups=NO_ACCESS)

    def _portal_ensure_token(self):
        # safe: for the links of e-mails and pages; who may have one is checked by get_portal_url and _get_share_url
        return super(FulfilmentPortalMixin, self.sudo())._portal_ensure_token()

    def _sign_token(self, pid):
        # safe: a hash; the token itself is not told
        return super(FulfilmentPortalMixin, self.sudo())._sign_token(pid)

    def _get_share_url(self, redirect=False, signup_partner=False, pid=None, share_token=True):
        opening = share_token and self._may_hand_out_link()
        # safe: asked whether the user may hand out the link; nobody is let in to an account by it
        shared = self.sudo() if opening else self
        return super(FulfilmentPortalMixin, shared)._get_share_url(redirect, signup_partner and not opening, pid, opening)

    def get_portal_url(self, suffix=None, report_type=None, download=None, query_string=None, anchor=None):
        """Return the address of the page on the portal with the token that opens it, for who may change the record.

        :raise AccessError: for others
        """
        if self._may_hand_out_link():
            return super().get_portal_url(suffix, report_type, download, query_string, anchor)
        if not self.env.su:
            if self._link_by_mail_only:
                raise AccessError(self.env._("The link to %s answers for the customer: it is in their e-mails only.", self.display_name))
            raise AccessError(self.env._("The customer's link to %s is handed out by those who may change it.", self.display_name))
        # The page shown to a colleague who reads: every link on it asks for their login.
        parts = [
            f'report_type={report_type}' if report_type else '', 'download=true' if download else '', (query_string or '').lstrip('&'),
        ]
        return f'{self.access_url}{suffix or ""}?{"&".join(filter(None, parts))}{f"#{anchor}" if anchor else ""}'

    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):  # noqa: A002 - Odoo's names
        """Show the messages to everybody who is shown the page, by login or by link."""
        # safe: asks whether customers see the page at all
        if not self.env.user._is_internal() and self.sudo().browse(thread_id).exists()._is_hidden_from_customers():
            return self.browse()
        if not self.env.user._is_internal() and (hash or token):
            # safe: compares the link with the token, which nobody reads
            page = self.sudo().browse(thread_id).exists()
            token = token if page.access_token else None  # Odoo compares with what is not there yet, and fails
            if page and (validate_thread_with_hash_pid(page, hash, pid) or validate_thread_with_token(page, token)):
                return page
        return super()._get_thread_with_access(thread_id, hash=hash, pid=pid, token=token, **kwargs)

    def _thread_to_store(self, store, fields, *, request_list=None):
        """Show customers, of what hangs on a record, the messages that are theirs to read and nothing else."""
        if request_list and not self.env.user._is_internal():
            request_list = [name for name in request_list if name in ('display_name', 'contact_fields')]
        return super()._thread_to_store(store, fields, request_list=request_list)

    def _is_what_about(self, record):
        """Tell whether an e-mail about a record is one about the matter this page shows."""
        return record == self

    def _is_hidden_from_customers(self):
        """Tell whether the page of these records is hidden from customers, with or without a link."""
        return False

    def _notify_get_recipients_groups(self, message, model_description, msg_vals=False):
        """Put no button with a token, and no invitation, into what goes to an address nobody has confirmed."""
        groups = super()._notify_get_recipients_groups(message, model_description, msg_vals=msg_vals)
        customer = self._mail_get_partners(introspect_fields=False)[self.id] if self else None
        if customer and (self._link_by_mail_only or not customer._fulfilment_may_get_link()):
            return [group for group in groups if group[0] != 'portal_customer']
        return groups

    # Whoever opens the page answers for the customer: its link is in their e-mails, and told to nobody inside.
    _link_by_mail_only = False

    def _may_hand_out_link(self):
        """Tell whether the token may be told to the user."""
        inside = self.env.user._is_internal() and self.env.uid != SUPERUSER_ID
        return self._may_mail_link() and not (inside and self._link_by_mail_only)

    def _may_mail_link(self):
        """Tell whether the token may go into an e-mail of the user to the customer.

        It may be told to the machine that puts it into e-mails, to the customer who is on the page, and to colleagues who may change the
        record. Pages are made as superuser: who looks is asked all the same.
        """
        if self.env.uid == SUPERUSER_ID:
            return True
        if not self.env.user._is_internal():
            return self.env.su
        return self.sudo(False).has_access('write')


class ResPartner(models.Model):
    _inherit = 'res.partner'

    def _fulfilment_may_get_link(self):
        """Tell whether a link that opens a page without login may go to this contact. Later rooms know more."""
        self.ensure_one()
        return True
