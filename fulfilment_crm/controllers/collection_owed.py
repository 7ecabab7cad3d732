from typing import NamedTuple

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Date, Domain
from odoo.http import request
from odoo.tools import consteq

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..models.collection.answers import ANSWERS

LONGEST_TEXT = 2000
MOST_AGREED = 10
SORTS = {'due': 'date_maturity, id', 'amount': 'amount_residual desc, id', 'invoice': 'move_name, id'}


class Owed(NamedTuple):
    """What is answered on a page, as superuser: a letter, or the account of a customer."""
    record: object  # what answers are noted on: the letter, or the customer's profile
    company: object
    customer: object
    contact: object  # who gets what is sent again
    user: object  # who is responsible
    lines: object  # journal items that are open
    url: str
    token: str = ''


class FulfilmentOwedPortal(CustomerPortal):
    """What a customer owes, and the answers to it. Whose it is, is checked here; looking at it answers nothing."""

    # === A LETTER === #

    def _letter_for_customer(self, reminder_id, access_token):
        """Return the letter as superuser when the visitor may answer it, by its link or as a login of the same customer; else None."""
        # safe: whose letter it is, is what is asked here
        letter = request.env['fulfilment.reminder'].sudo().browse(reminder_id).exists()
        user = request.env.user
        if not letter or not letter._is_answerable() or user._is_internal():
            return None
        token = letter.access_token
        known = token and access_token and access_token.isascii() and consteq(token, access_token)
        return letter if known or letter.customer_id == user._fulfilment_customer() else None

    def _owed_of_letter(self, letter, access_token):
        return Owed(
            letter, letter.company_id, letter.customer_id, letter.partner_id, letter.user_id, letter._lines_of_page(),
            f'/my/fulfilment/owed/{letter.id}', access_token or '',
        )

    @http.route(['/my/fulfilment/owed/<int:reminder_id>'], type='http', auth='public', website=True)
    def portal_fulfilment_owed(self, reminder_id, access_token=None, message=None, error=None, **kw):
        """Show what a letter is about, and how it can be answered."""
        letter = self._letter_for_customer(reminder_id, access_token)
        if not letter:
            return request.render('fulfilment_crm.portal_owed_closed', {
                **self._prepare_portal_layout_values(), 'page_name': 'fulfilment_owed',
            })
        return self._show_letter(letter, access_token, message)

    def _show_letter(self, letter, access_token, message=None, error=None):
        return request.render('fulfilment_crm.portal_owed', {
            **self._prepare_portal_layout_values(), 'page_name': 'fulfilment_owed', 'message': message, 'error': error,
            **self._values_of(self._owed_of_letter(letter, access_token)),
        })

    @http.route(
        ['/my/fulfilment/owed/<int:reminder_id>/<string:answer>'], type='http', auth='public', methods=['POST'], website=True,
    )
    def portal_fulfilment_owed_answer(self, reminder_id, answer, access_token=None, **post):
        """Take an answer: paid, promise, dispute, again."""
        letter = self._letter_for_customer(reminder_id, access_token)
        if not letter or answer not in ANSWERS:
            return request.redirect('/my')
        owed = self._owed_of_letter(letter, access_token)
        if error := self._take(owed, answer, post):
            return self._show_letter(letter, access_token, error=error)
        token = f'&access_token={access_token}' if access_token else ''
        return request.redirect(f'{owed.url}?message={answer}{token}')

    # === AN ACCOUNT === #

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'fulfilment_owed_count' in counters:
            values['fulfilment_owed_count'] = sum(len(owed.lines) for owed in self._accounts())
        return values

    def _accounts(self, domain=(), order=None):
        """Return what the visitor's company owes, one account for each of ours; none to colleagues."""
        user = request.env.user
        # safe: the visitor's own company, which is what is asked for
        env = request.env['fulfilment.profile'].sudo().env
        customer, accounts = user._fulfilment_customer().sudo(), []
        for profile in env['fulfilment.profile'].search([('partner_id', 'in', customer.ids)]):
            # safe: as above
            companies = env['res.company'].search([('id', 'child_of', profile.company_id.id)])
            for company in companies:
                lines = env['fulfilment.payment.promise']._open_lines(customer, company)
                if lines and (domain or order):
                    lines = lines.search(Domain('id', 'in', lines.ids) & Domain(domain), order=order)
                if lines:
                    accounts.append(Owed(
                        profile, company, customer, user.partner_id.sudo(), profile.user_id, lines,
                        f'/my/fulfilment/owed/account/{company.id}',
                    ))
        return accounts

    @http.route(['/my/fulfilment/owed'], type='http', auth='user', website=True)
    def portal_my_fulfilment_owed(self, sortby='due', filterby='all', search='', message=None, **kw):
        """Show everything the customer owes, and how it can be answered."""
        return self._show_accounts(sortby, filterby, search, message)

    def _show_accounts(self, sortby='due', filterby='all', search='', message=None, error=None):
        # safe: only names of filters and sortings
        today = request.env.company.sudo()._fulfilment_today()[request.env.company]
        overdue = [('date_maturity', '<', today)]
        filters = {'all': {'label': request.env._("All")}, 'overdue': {'label': request.env._("Overdue")}}
        sorts = {
            'due': {'label': request.env._("Due")}, 'amount': {'label': request.env._("Amount")},
            'invoice': {'label': request.env._("Invoice")},
        }
        sortby, filterby = sortby if sortby in SORTS else 'due', filterby if filterby in filters else 'all'
        domain = [*(overdue if filterby == 'overdue' else []), *([('move_name', 'ilike', search)] if search else [])]
        return request.render('fulfilment_crm.portal_my_owed', {
            **self._prepare_portal_layout_values(), 'page_name': 'fulfilment_owed_account', 'message': message, 'error': error,
            'accounts': [
                {**self._values_of(owed), **self._agreed_of(owed)} for owed in self._accounts(domain, SORTS[sortby])
            ], 'default_url': '/my/fulfilment/owed',
            'searchbar_sortings': sorts, 'sortby': sortby, 'searchbar_filters': filters, 'filterby': filterby, 'search': search,
            'searchbar_inputs': {'invoice': {'input': 'invoice', 'label': request.env._("Invoice")}}, 'search_in': 'invoice',
        })

    @http.route(
        ['/my/fulfilment/owed/account/<int:company_id>/<string:answer>'], type='http', auth='user', methods=['POST'], website=True,
    )
    def portal_my_fulfilment_owed_answer(self, company_id, answer, **post):
        """Take an answer about the invoices chosen: paid, promise, dispute, again."""
        owed = next((one for one in self._accounts() if one.company.id == company_id), None)
        if not owed or answer not in ANSWERS:
            return request.redirect('/my/fulfilment/owed')
        chosen = set(request.httprequest.form.getlist('lines'))
        owed = owed._replace(lines=owed.lines.filtered(lambda line: str(line.id) in chosen or answer == 'dispute'))
        if error := self._take(owed, answer, post):
            return self._show_accounts(error=error)
        return request.redirect(f'/my/fulfilment/owed?message={answer}')

    def _agreed_of(self, owed):
        """Return what was agreed with the customer about the account, the latest first."""
        own = [('partner_id', '=', owed.customer.id), ('company_id', '=', owed.company.id)]
        return {
            'promises': owed.record.env['fulfilment.payment.promise'].search(
                [*own, ('state', '!=', 'cancelled')], order='date_promised desc, id desc', limit=MOST_AGREED,
            ),
            'disputes': owed.record.env['fulfilment.dispute'].search(own, order='id desc', limit=MOST_AGREED),
        }

    # === ANSWERS === #

    def _values_of(self, owed):
        company, env = owed.company, owed.record.env
        today = company._fulfilment_today()[company]
        overdue = owed.lines.filtered(lambda line: line.date_maturity < today) or owed.lines
        first = overdue.filtered(lambda line: line.currency_id == overdue[:1].currency_id)
        held = env['fulfilment.instalment.hold']._held(owed.lines, {company: today})
        return {
            'owed': owed, 'lines': owed.lines, 'today': today, 'chosen': first, 'held': held,
            'amount': sum(max(line.amount_residual_currency - held[line], 0.0) for line in first),
            'reasons': env['fulfilment.dispute.reason'].search([
                ('on_portal', '=', True), ('company_id', 'in', (False, company.id)),
            ]),
        }

    def _take(self, owed, answer, post):
        """Take an answer and note it; return what was wrong with it, if anything was."""
        text = (post.get('text') or '').replace('\x00', '').strip()[:LONGEST_TEXT]
        try:
            owed.record._check_answers()
            if not owed.lines:
                raise UserError(request.env._("Choose invoices."))
            with request.env.cr.savepoint():
                getattr(self, f'_take_{answer}')(owed, post, text)
        except UserError as error:
            return str(error)
        owed.record.env['fulfilment.event']._note(owed.record, answer, {
            owed.record: {'after': {'from': request.httprequest.remote_addr}},
        })
        return None

    def _take_paid(self, owed, post, text):
        owed.customer._fulfilment_says_paid(owed.lines, _day(post.get('day')), text, owed.user)

    def _take_promise(self, owed, post, text):
        lines = owed.lines.filtered(lambda line: line.currency_id == owed.lines[:1].currency_id)
        promise = owed.record.env['fulfilment.payment.promise']._promise_by_customer(
            owed.customer, lines, _day(post.get('day')), _amount(post.get('amount')), self._origin(), owed.user,
        )
        promise.note = text

    def _take_dispute(self, owed, post, text):
        line = owed.lines.filtered(lambda one: str(one.id) == post.get('line'))
        reason = self._values_of(owed)['reasons'].filtered(lambda one: str(one.id) == post.get('reason'))
        if not line or not reason:
            raise UserError(request.env._("Choose the invoice and the reason."))
        owed.record.env['fulfilment.dispute']._dispute_by_customer(
            line, _amount(post.get('amount')), reason, text, self._origin(), owed.user,
        )

    def _take_again(self, owed, post, text):
        moves = owed.lines.move_id.filtered(lambda move: move.is_invoice())
        owed.customer._fulfilment_send_invoices(moves, owed.contact, owed.company)

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
