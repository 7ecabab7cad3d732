from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.http import request
from odoo.tools import consteq

from odoo.addons.portal.controllers.portal import CustomerPortal

LONGEST_TEXT = 2000


class FulfilmentOwedPortal(CustomerPortal):
    """What a customer owes, and the answers to a letter about it. Whose it is, is checked here; looking at it answers nothing."""

    def _letter_for_customer(self, reminder_id, access_token):
        """Return the letter as superuser when the visitor may answer it, by its link or as a login of the same customer; else None."""
        # safe: whose letter it is, is what is asked here
        letter = request.env['fulfilment.reminder'].sudo().browse(reminder_id).exists()
        user = request.env.user
        if not letter or not letter._is_answerable() or user._is_internal():
            return None
        token = letter.access_token
        known = token and access_token and access_token.isascii() and consteq(token, access_token)
        own = not user._is_public() and letter.customer_id == user.partner_id.commercial_partner_id
        return letter if known or own else None

    @http.route(['/my/fulfilment/owed/<int:reminder_id>'], type='http', auth='public', website=True)
    def portal_fulfilment_owed(self, reminder_id, access_token=None, message=None, error=None, **kw):
        """Show what a letter is about, and how it can be answered."""
        letter = self._letter_for_customer(reminder_id, access_token)
        if not letter:
            return request.render('fulfilment_crm.portal_owed_closed', {
                **self._prepare_portal_layout_values(), 'page_name': 'fulfilment_owed',
            })
        return request.render('fulfilment_crm.portal_owed', self._owed_values(letter, access_token, message))

    def _owed_values(self, letter, access_token, message=None, error=None):
        lines = letter._lines_of_page()
        today = letter.company_id._fulfilment_today()[letter.company_id]
        return {
            **self._prepare_portal_layout_values(), 'page_name': 'fulfilment_owed', 'letter': letter, 'lines': lines,
            'token': access_token or '', 'message': message, 'error': error, 'today': today,
            'held': letter.env['fulfilment.instalment.hold']._held(lines, {letter.company_id: today}),
            'reasons': letter.env['fulfilment.dispute.reason'].search([
                ('on_portal', '=', True), ('company_id', 'in', (False, letter.company_id.id)),
            ]),
        }

    @http.route(
        ['/my/fulfilment/owed/<int:reminder_id>/<string:answer>'], type='http', auth='public', methods=['POST'], website=True,
    )
    def portal_fulfilment_owed_answer(self, reminder_id, answer, access_token=None, **post):
        """Take an answer: paid, promise, dispute, again."""
        letter = self._letter_for_customer(reminder_id, access_token)
        if not letter or answer not in ('paid', 'promise', 'dispute', 'again'):
            return request.redirect('/my')
        text = (post.get('text') or '').replace('\x00', '').strip()[:LONGEST_TEXT]
        try:
            letter._check_answers()
            with request.env.cr.savepoint():
                getattr(self, f'_take_{answer}')(letter, post, text)
        except UserError as error:
            return request.render('fulfilment_crm.portal_owed', self._owed_values(letter, access_token, error=str(error)))
        letter.env['fulfilment.event']._note(letter, answer, {letter: {'after': {'from': request.httprequest.remote_addr}}})
        token = f'&access_token={access_token}' if access_token else ''
        return request.redirect(f'/my/fulfilment/owed/{letter.id}?message={answer}{token}')

    def _take_paid(self, letter, post, text):
        letter.customer_id._fulfilment_says_paid(letter._lines_of_page(), _day(post.get('day')), text, letter.user_id)

    def _take_promise(self, letter, post, text):
        lines = letter._lines_of_page().filtered(lambda line: line.currency_id == letter._lines_of_page()[:1].currency_id)
        promise = letter.env['fulfilment.payment.promise']._promise_by_customer(
            letter.customer_id, lines, _day(post.get('day')), _amount(post.get('amount')), self._origin(), letter.user_id,
        )
        promise.note = text

    def _take_dispute(self, letter, post, text):
        line = letter._lines_of_page().filtered(lambda one: str(one.id) == post.get('line'))
        reason = self._owed_values(letter, None)['reasons'].filtered(lambda one: str(one.id) == post.get('reason'))
        if not line or not reason:
            raise UserError(letter.env._("Choose the invoice and the reason."))
        letter.env['fulfilment.dispute']._dispute_by_customer(
            line, _amount(post.get('amount')), reason, text, self._origin(), letter.user_id,
        )

    def _take_again(self, letter, post, text):
        letter._send_again()

    def _origin(self):
        return 'link' if request.env.user._is_public() else 'portal'


def _day(text):
    try:
        return Date.to_date(text or None)
    except ValueError:
        return None


def _amount(text):
    try:
        amount = float((text or '').replace(',', '').strip() or 0)
    except ValueError:
        return 0.0
    return amount if -1e15 < amount < 1e15 else 0.0
