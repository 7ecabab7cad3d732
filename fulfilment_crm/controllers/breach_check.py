from odoo import http
from odoo.http import request

MOST_BYTES = 20 * 2 ** 20


class FulfilmentCheck(http.Controller):
    """A public page that says of a document's code when it was issued, whether a file is the one issued, and nothing else."""

    @http.route(['/fulfilment/check'], type='http', auth='public', methods=['GET', 'POST'], website=True)
    def fulfilment_check(self, code=None, document=None, **kw):
        """Show the form; after it was sent, what is known of the code."""
        values = {'page_name': 'fulfilment_check', 'code': code or '', 'asked': False, 'found': None, 'busy': False}
        if request.httprequest.method == 'POST':
            values.update(self._look_up(code, document))
        return request.render('fulfilment_crm.check_page', values)

    def _look_up(self, code, document):
        # safe: counts wrong codes of an address, and says of a right one what the page may say
        guesses, documents = request.env['fulfilment.document.guess'].sudo(), request.env['fulfilment.document'].sudo()
        address = request.httprequest.remote_addr
        if guesses._is_too_many(address):
            return {'busy': True}
        content = document.read(MOST_BYTES) if document and hasattr(document, 'read') else None
        found = documents._checked(str(code or ''), content)
        if not found:
            guesses._count_guess(address)
        return {'asked': True, 'found': found}
