from odoo import fields, models
from odoo.exceptions import AccessError
from odoo.fields import NO_ACCESS


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
        return super()._get_share_url(redirect, signup_partner, pid, share_token and self._may_hand_out_link())

    def get_portal_url(self, suffix=None, report_type=None, download=None, query_string=None, anchor=None):
        """Return the address of the page on the portal with the token that opens it, for who may change the record.

        :raise AccessError: for others
        """
        if not self._may_hand_out_link():
            raise AccessError(self.env._("The customer's link to %s is handed out by those who may change it.", self.display_name))
        return super().get_portal_url(suffix, report_type, download, query_string, anchor)

    def _get_thread_with_access(self, thread_id, *, hash=None, pid=None, token=None, **kwargs):  # noqa: A002 - Odoo's names
        """The messages are shown to whom the page is shown, by login or by link."""
        # safe: asks whether customers see the page at all
        if not self.env.user._is_internal() and self.sudo().browse(thread_id).exists()._is_hidden_from_customers():
            return self.browse()
        thread = super()._get_thread_with_access(thread_id, hash=hash, pid=pid, token=token, **kwargs)
        # safe: Odoo compares the link with the token, which nobody reads
        return thread.sudo() if (hash or token) and not self.env.user._is_internal() else thread

    def _is_hidden_from_customers(self):
        """Whether customers do not see the page of these records, with or without a link."""
        return False

    def _may_hand_out_link(self):
        return self.env.su or self.env.user._is_internal() and self.has_access('write')
