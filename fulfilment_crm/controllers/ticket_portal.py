from odoo import http
from odoo.exceptions import UserError
from odoo.http import request
from odoo.tools import consteq, plaintext2html

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..models.ticket.ticket import UNSEEN

LONGEST_TITLE = 200
LONGEST_TEXT = 10000

# What customers still wait for: a solution is theirs to confirm.
UNFINISHED = ['|', ('is_open', '=', True), ('kind', '=', 'solved')]


class FulfilmentTicketPortal(CustomerPortal):
    """Tickets on the portal: send, follow, answer, confirm, rate, object. Customers have no rights of their own on tickets; whose ticket
    it is, is checked here, and another's does not exist.
    """

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'fulfilment_ticket_count' in counters:
            # safe: counts the customer's own
            values['fulfilment_ticket_count'] = request.env['fulfilment.ticket'].sudo().search_count(self._ticket_domain())
        return values

    def _ticket_domain(self):
        customer = request.env.user._fulfilment_customer()
        return [('commercial_partner_id', 'in', customer.ids), ('merged_into_id', '=', False), ('origin', 'not in', UNSEEN)]

    def _ticket_for_customer(self, ticket_id, access_token):
        """Return the ticket as superuser when the visitor may see it, by login or by the token of its link; else None."""
        # safe: whose ticket it is, is what is asked here
        ticket = request.env['fulfilment.ticket'].sudo().browse(ticket_id).exists()
        user = request.env.user
        if not ticket or ticket.origin in UNSEEN and not user._is_internal():
            return None
        if access_token and access_token.isascii() and ticket.access_token and consteq(ticket.access_token, access_token):
            return ticket if user._is_public() else ticket.with_user(user).sudo()
        own = ticket.commercial_partner_id and ticket.commercial_partner_id == user._fulfilment_customer()
        if own or user._is_internal() and ticket.with_user(user).sudo(False).has_access('read'):
            # safe: as above; what somebody logged in does here is recorded under their name
            return ticket.with_user(user).sudo()
        return None

    @http.route(['/my/fulfilment/tickets', '/my/fulfilment/tickets/page/<int:page>'], type='http', auth='user', website=True)
    def portal_my_fulfilment_tickets(self, page=1, filterby='open', **kw):
        """Show the customer's own tickets."""
        filters = {
            'open': {'label': request.env._("Open"), 'domain': UNFINISHED},
            'all': {'label': request.env._("All"), 'domain': []},
        }
        filterby = filterby if filterby in filters else 'open'
        # safe: the customer's own
        tickets = request.env['fulfilment.ticket'].sudo()
        domain = self._ticket_domain() + filters[filterby]['domain']
        pages = pager(
            url='/my/fulfilment/tickets', total=tickets.search_count(domain), page=page, step=self._items_per_page,
            url_args={'filterby': filterby},
        )
        return request.render('fulfilment_crm.portal_my_tickets', {
            **self._prepare_portal_layout_values(), 'page_name': 'fulfilment_ticket', 'pager': pages,
            'tickets': tickets.search(domain, order='received_on desc, id desc', limit=self._items_per_page, offset=pages['offset']),
            'default_url': '/my/fulfilment/tickets', 'searchbar_filters': filters, 'filterby': filterby,
        })

    @http.route(['/my/fulfilment/tickets/new'], type='http', auth='user', methods=['GET', 'POST'], website=True)
    def portal_new_fulfilment_ticket(self, **post):
        """Show a form to send a ticket, and take what is sent with it."""
        user = request.env.user
        # safe: categories customers may choose, and contracts of the customer
        categories = request.env['fulfilment.ticket.category'].sudo().search([
            ('on_portal', '=', True), ('company_id', 'in', [False, request.env.company.id]),
        ])
        contracts = request.env['fulfilment.contract'].sudo().search([
            ('commercial_partner_id', 'in', user._fulfilment_customer().ids), ('state', 'in', ('active', 'settlement', 'closed')),
        ])
        error, status = None, 200
        if request.httprequest.method == 'POST':
            ticket, error, status = self._send_ticket(post, categories, contracts)
            if ticket:
                return request.redirect(f'{ticket.get_portal_url()}&message=sent')
        response = request.render('fulfilment_crm.portal_new_ticket', {
            **self._prepare_portal_layout_values(), 'page_name': 'fulfilment_ticket', 'new_ticket': True, 'categories': categories,
            'contracts': contracts, 'error': error, 'post': post, 'company': request.env.company.sudo(),  # safe: shows the limits for files
        })
        response.status_code = status
        return response

    def _send_ticket(self, post, categories, contracts):
        """:return: ticket or None, what is wrong with it, and the HTTP status"""
        env, user, company = request.env, request.env.user, request.env.company
        title = ' '.join((post.get('title') or '').replace('\x00', '').split())[:LONGEST_TITLE]
        text = (post.get('description') or '').replace('\x00', '').strip()[:LONGEST_TEXT]
        if not title or not text:
            return None, env._("Say in a few words what it is about, and describe it."), 400
        contract = contracts.filtered(lambda one: str(one.id) == post.get('contract_id'))
        company = contract.company_id or company
        files, error = self._files(company)
        if error:
            return None, error, 400
        if not env['fulfilment.ticket.sender']._may_send(f'user:{user.id}', company):
            return None, env._("You have sent many messages in the last hour. Please wait a while before you send the next."), 429
        # safe: customers have no rights on tickets; this one is theirs
        ticket = env['fulfilment.ticket'].with_company(company).sudo().create({
            'title': title, 'description': plaintext2html(text), 'origin': 'portal', 'partner_id': user.partner_id.id,
            'ticket_type': post['type'] if post.get('type') in ('complaint', 'demand', 'request') else 'request',
            'urgency': post['urgency'] if post.get('urgency') in ('normal', 'important', 'urgent') else 'normal',
            'category_id': categories.filtered(lambda one: str(one.id) == post.get('category_id')).id, 'contract_id': contract.id,
            'company_id': company.id,
        })
        if files:
            ticket.message_post(
                body=env._("Files"), attachments=files, message_type='comment', subtype_xmlid='mail.mt_comment',
                author_id=user.partner_id.id,
            )
        return ticket, None, 200

    def _files(self, company):
        """Return the files of the form, or what is wrong with them: ``([(name, content)], sentence or None)``."""
        uploads = [file for file in request.httprequest.files.getlist('files') if file.filename]
        # safe: reads the limits
        most = company.sudo().fulfilment_ticket_files
        if len(uploads) > most:
            return [], request.env._("At most %s files can be sent at once.", most)
        kept = []
        for file in uploads:
            file.seek(0, 2)
            fault = request.env['fulfilment.ticket']._file_fault(file.filename, file.tell(), company)
            if fault:
                return [], fault
            file.seek(0)
            kept.append((file.filename[-200:], file.read()))
        return kept, None

    @http.route(['/my/fulfilment/tickets/<int:ticket_id>'], type='http', auth='public', website=True)
    def portal_fulfilment_ticket(self, ticket_id, access_token=None, message=None, **kw):
        """One ticket: where it stands, what was done, and what the customer can do about it."""
        ticket = self._ticket_for_customer(ticket_id, access_token)
        if not ticket:
            raise request.not_found()
        if ticket.merged_into_id:
            kept = ticket.merged_into_id
            if kept.commercial_partner_id != ticket.commercial_partner_id or not ticket.commercial_partner_id:
                raise request.not_found()
            return request.redirect(kept.get_portal_url())
        values = {
            'ticket': ticket, 'page_name': 'fulfilment_ticket', 'message': message,
            'token': ticket._portal_ensure_token() if ticket._may_hand_out_link() else '',
            'can_reopen': ticket._can_be_reopened(), 'can_object': ticket._can_be_objected_to(),
        }
        values = self._get_page_view_values(ticket, access_token, values, 'my_fulfilment_tickets_history', False, **kw)
        return request.render('fulfilment_crm.portal_ticket_page', values)

    @http.route(
        ['/my/fulfilment/tickets/<int:ticket_id>/<string:answer>'], type='http', auth='public', methods=['POST'], website=True,
    )
    def portal_fulfilment_ticket_answer(self, ticket_id, answer, access_token=None, text=None, rating=None, **kw):
        """Confirm, rate, reopen or object to a ticket."""
        ticket = self._ticket_for_customer(ticket_id, access_token)
        # Colleagues, who may see the page, act on the ticket itself, in their own name and with their own rights.
        if not ticket or answer not in ('confirm', 'rate', 'reopen', 'object') or request.env.user._is_internal():
            raise request.not_found()
        text = (text or '').replace('\x00', '').strip()[:LONGEST_TEXT]
        message = answer
        try:
            if answer in ('reopen', 'object') and not text:
                message = 'reason'
            elif answer == 'confirm':
                ticket._confirm_by_customer()
                self._rate(ticket, rating, text)
            elif answer == 'rate':
                message = 'rate' if self._rate(ticket, rating, text) else 'reason'
            elif answer == 'reopen':
                ticket._reopen_by_customer(text)
            else:
                ticket._object(text)
        except UserError:
            message = 'late'
        return request.redirect(ticket.get_portal_url(query_string=f'&message={message}'))

    def _rate(self, ticket, rating, text):
        """Rate a solved ticket from 1 to 5, once; returns whether it was done."""
        if rating not in ('1', '2', '3', '4', '5') or ticket.kind not in ('solved', 'closed') or ticket.rating_last_value:
            return False
        ticket.rating_apply(int(rating), token=ticket._rating_get_access_token(), feedback=text)
        return True
