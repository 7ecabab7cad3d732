from odoo import http
from odoo.http import request

from odoo.addons.mail.controllers.attachment import AttachmentController

FILES_IN_AN_HOUR = 20  # on one ticket


class FulfilmentAttachmentController(AttachmentController):
    """Files that customers add to messages on a ticket are limited as those on its form are."""

    @http.route()
    def mail_attachment_upload(self, ufile, thread_id, thread_model, is_pending=False, **kwargs):
        if thread_model == 'fulfilment.ticket' and not request.env.user._is_internal():
            # safe: reads whose limits count; whether the visitor may post there is for Odoo to check
            known = str(thread_id).isdigit()
            ticket = request.env['fulfilment.ticket'].sudo().browse(int(thread_id) if known else 0).exists()
            company = ticket.company_id or request.env.company
            ufile.seek(0, 2)
            fault = request.env['fulfilment.ticket']._file_fault(ufile.filename, ufile.tell(), company)
            if not fault and ticket and not request.env['fulfilment.ticket.sender']._may_send(
                f'files:{ticket.id}', company, most=FILES_IN_AN_HOUR,
            ):
                fault = request.env._("Many files have been sent in the last hour. Please wait a while before you send the next.")
            if fault:
                return request.make_json_response({'error': fault})
            ufile.seek(0)
        return super().mail_attachment_upload(ufile, thread_id, thread_model, is_pending=is_pending, **kwargs)
