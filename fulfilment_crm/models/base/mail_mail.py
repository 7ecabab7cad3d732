import re

from odoo import models

# Pages on the portal that need no login with a token, by the model they show.
PAGES = {'contracts': 'fulfilment.contract', 'tickets': 'fulfilment.ticket'}
LINK = re.compile(r'(/my/fulfilment/(contracts|tickets)/(\d+))(?=["\'#\s<]|$)')


class MailMail(models.Model):
    """Links to pages of the portal get the token that opens them when an e-mail leaves for the customer whose page it is."""
    _inherit = 'mail.mail'

    def _personalize_outgoing_body(self, body, partner=False, doc_to_followers=None):
        body = super()._personalize_outgoing_body(body, partner=partner, doc_to_followers=doc_to_followers)
        if not partner or '/my/fulfilment/' not in (body or ''):
            return body
        return LINK.sub(lambda link: self._fulfilment_opened(link, partner), body)

    def _fulfilment_opened(self, link, partner):
        """A link with its token, provided that it leads to a page of the receiver's own company."""
        record = self.env[PAGES[link[2]]].browse(int(link[3])).exists()
        if not record or not partner.partner_share or partner.commercial_partner_id != record.commercial_partner_id:
            return link[0]
        return f'{link[1]}?access_token={record._portal_ensure_token()}'
