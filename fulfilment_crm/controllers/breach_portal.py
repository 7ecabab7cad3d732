from odoo import http
from odoo.exceptions import UserError
from odoo.http import request

from .contract_portal import FulfilmentPortal


class FulfilmentBreachPortal(FulfilmentPortal):
    """Damages on the page of a contract, to which the customer can object."""

    @http.route(
        ['/my/fulfilment/contracts/<int:contract_id>/damages/<int:damages_id>/object'], type='http', auth='public', methods=['POST'],
        website=True,
    )
    def portal_fulfilment_object(self, contract_id, damages_id, access_token=None, text=None, **kw):
        """Take an objection to damages."""
        contract = self._contract_for_customer(contract_id, access_token)
        damages = contract and contract._damages_for_customer().filtered(lambda one: one.id == damages_id and one.debtor == 'customer')
        if not damages or request.env.user._is_internal():
            return request.redirect('/my')
        message = 'objected'
        if self._is_confirmed(contract):
            who = contract.partner_id.display_name if request.env.user._is_public() else request.env.user.name
            try:
                with request.env.cr.savepoint():
                    damages._object(text, who)
            except UserError:
                message = 'objection'
        else:
            message = 'wrong'
        return request.redirect(contract.get_portal_url(query_string=f'&message={message}'))

    @http.route(
        ['/my/fulfilment/contracts/<int:contract_id>/notices/<int:notice_id>'], type='http', auth='public', methods=['POST'], website=True,
    )
    def portal_fulfilment_notice(self, contract_id, notice_id, access_token=None, **kw):
        """Hand a notice to the customer, who has asked for it: that proves its delivery."""
        contract = self._contract_for_customer(contract_id, access_token)
        notices = contract and contract._shared_breaches().notice_ids
        notice = notices and notices.filtered(lambda one: one.id == notice_id and one.document)
        if not notice:
            return request.redirect('/my')
        if not request.env.user._is_internal() and self._is_confirmed(contract):
            notice._note_opened()
        return request.env['ir.binary']._get_stream_from(notice, 'document', filename=notice.document_name).get_response(as_attachment=True)
