import re

from odoo import SUPERUSER_ID, api, models
from odoo.tools import plaintext2html

# Odoo's own links to set a password, with the token of a contact.
LETS_IN = re.compile(r'/web/(?:signup|reset_password)\?[^"\'\s<]*token=')
LINK = re.compile(r'(\bhref=")([^"/]*(?://[^"/]*)?)(/my/fulfilment/([a-z]+)/(\d+))(?=")')


class MailMail(models.Model):
    """Links to pages of the portal get the token that opens them when an e-mail leaves for the customer whose page it is."""
    _inherit = 'mail.mail'

    @api.model_create_multi
    def create(self, vals_list):
        mails = super().create(vals_list)
        # What is stored to be read names no link that lets somebody in: a mail that does not get out is read by whoever wrote it.
        # safe: takes a link out of what is read; the mail itself keeps it
        for message in mails.sudo().mail_message_id:
            if LETS_IN.search(message.body or ''):
                message.body = plaintext2html(message.subject or '')
        return mails

    def _personalize_outgoing_body(self, body, partner=False, doc_to_followers=None):
        body = super()._personalize_outgoing_body(body, partner=partner, doc_to_followers=doc_to_followers)
        if not partner or '/my/fulfilment/' not in (body or ''):
            return body
        return LINK.sub(lambda link: self._fulfilment_opened(link, partner), body)

    @api.model
    def _fulfilment_pages(self):
        """Return the pages on the portal that need no login with a token: ``{part of the address: model}``. A room adds its own."""
        return {}

    def _fulfilment_opened(self, link, partner):
        """Add the token to a link, provided that it leads to our own page of the record the e-mail is about.

        The e-mail has to go to the customer whose page it is, and to come from us or from a colleague who may hand out the link:
        whoever else writes to a customer could have the token sent to a server of his own, or to a contact of his own making.
        """
        pages = self._fulfilment_pages()
        if link[4] not in pages:
            return link[0]
        record = self.env[pages[link[4]]].browse(int(link[5])).exists()
        host = link[2].rstrip('/')
        if (
            not record or host and host != record.get_base_url().rstrip('/') or not self._fulfilment_is_about(record)
            or not partner.partner_share or partner.commercial_partner_id != record.commercial_partner_id
            or not self._fulfilment_comes_from_us(record) or not partner._fulfilment_may_get_link()
        ):
            return link[0]
        return f'{link[1]}{link[2]}{link[3]}?access_token={record._portal_ensure_token()}'

    def _fulfilment_is_about(self, record):
        about = self.env[self.model].browse(self.res_id).exists() if self.model in self.env and self.res_id else None
        return about is not None and record._is_what_about(about)

    def _fulfilment_comes_from_us(self, record):
        """Tell whether the firm itself wrote the e-mail, or a colleague who may change the record; never what came in by e-mail."""
        message, maker = self.mail_message_id, self.create_uid
        if message.message_type == 'email' or 'cc' in (self.headers or '').lower():
            return False
        if maker._is_internal() and maker.id != SUPERUSER_ID and not record.with_user(maker)._may_mail_link():
            return False
        author = message.author_id
        ours = record.company_id.partner_id | self.env.ref('base.partner_root')
        users = author.user_ids.filtered(lambda user: user._is_internal())
        return author in ours or any(record.with_user(user)._may_mail_link() for user in users)
