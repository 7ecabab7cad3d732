from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

LONGEST_TEXT = 2000
MOST_LINES = 500


class FulfilmentStatementPortal(CustomerPortal):
    """Statements on the portal: read, confirm, contest. Customers have no rights on statements; whose it is, is checked here."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'fulfilment_statement_count' in counters:
            # safe: counts the customer's own
            values['fulfilment_statement_count'] = request.env['fulfilment.statement'].sudo().search_count(self._statement_domain())
        return values

    def _statement_domain(self):
        return Domain('partner_id', 'in', request.env.user._fulfilment_customer().ids) & Domain('state', '!=', 'draft')

    def _statement_for_customer(self, statement_id, access_token):
        """Return the statement as superuser when the visitor may see it, by login or by the token of its link; else None."""
        user = request.env.user
        # safe: whose statement it is, is what is asked here
        statement = request.env['fulfilment.statement'].sudo().browse(statement_id).exists()
        if not statement or statement.state == 'draft' and not user._is_internal():
            return None
        if statement.commercial_partner_id == user._fulfilment_customer():
            return statement.with_user(user).sudo()
        try:
            statement = self._document_check_access('fulfilment.statement', statement_id, access_token=access_token)
        except (AccessError, MissingError):
            return None
        # safe: access was checked above; what somebody logged in does here is recorded under their name
        return statement if user._is_public() else statement.with_user(user).sudo()

    @http.route(['/my/fulfilment/statements', '/my/fulfilment/statements/page/<int:page>'], type='http', auth='user', website=True)
    def portal_my_fulfilment_statements(self, page=1, **kw):
        """Show the customer's own statements."""
        # safe: the customer's own
        statements, domain = request.env['fulfilment.statement'].sudo(), self._statement_domain()
        pages = pager(url='/my/fulfilment/statements', total=statements.search_count(domain), page=page, step=self._items_per_page)
        return request.render('fulfilment_crm.portal_my_statements', {
            **self._prepare_portal_layout_values(), 'page_name': 'fulfilment_statement', 'pager': pages,
            'statements': statements.search(domain, limit=self._items_per_page, offset=pages['offset']),
            'default_url': '/my/fulfilment/statements',
        })

    @http.route(['/my/fulfilment/statements/<int:statement_id>'], type='http', auth='public', website=True)
    def portal_fulfilment_statement(self, statement_id, access_token=None, report_type=None, message=None, **kw):
        """One statement, as it was sent."""
        statement = self._statement_for_customer(statement_id, access_token)
        if not statement:
            return request.redirect('/my')
        if report_type == 'pdf' and statement.document:
            stream = request.env['ir.binary']._get_stream_from(statement, 'document', filename=statement.document_name)
            return stream.get_response(as_attachment=True)
        user = request.env.user
        values = {
            'statement': statement, 'page_name': 'fulfilment_statement', 'message': message, 'token': access_token or '',
            'answering': statement.state in ('sent', 'contested') and not user._is_internal(),
            'signer': '' if user._is_public() else user.name, **statement._prepare_table(),
        }
        values = self._get_page_view_values(statement, access_token, values, 'my_fulfilment_statements_history', False, **kw)
        return request.render('fulfilment_crm.portal_statement_page', values)

    @http.route(
        ['/my/fulfilment/statements/<int:statement_id>/<string:answer>'], type='http', auth='public', methods=['POST'], website=True,
    )
    def portal_fulfilment_statement_answer(self, statement_id, answer, access_token=None, name=None, text=None, **kw):
        """Confirm the balance, or contest it."""
        statement = self._statement_for_customer(statement_id, access_token)
        # Colleagues, who may see the page, do not answer for the customer.
        if not statement or answer not in ('confirm', 'contest') or request.env.user._is_internal():
            return request.redirect('/my')
        name = ' '.join((name or '').replace('\x00', '').split())[:200]
        text = (text or '').replace('\x00', '').strip()[:LONGEST_TEXT]
        lines = [int(one) for one in request.httprequest.form.getlist('line')[:MOST_LINES] if one.isdecimal()]
        if not name:
            message = 'name'
        elif answer == 'contest' and not text and not lines:
            message = 'reason'
        else:
            message = self._answer(statement, answer == 'confirm', name, text, lines)
        return request.redirect(statement.get_portal_url(query_string=f'&message={message}'))

    def _answer(self, statement, confirmed, name, text, lines):
        ip, user, own = request.httprequest.remote_addr, request.env.user, statement.with_context(lang=statement.company_id.partner_id.lang)
        if user._is_public():
            way = own.env._("the link that was sent to %(email)s, from %(ip)s", email=statement.contact_id.email or '–', ip=ip)
        else:
            way = own.env._("login %(login)s, from %(ip)s", login=user.login, ip=ip)
        try:
            own._answer(confirmed, name, way, text, lines)
        except UserError:
            return 'late'
        return 'confirmed' if confirmed else 'contested'
