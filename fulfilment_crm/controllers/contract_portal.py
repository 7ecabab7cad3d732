from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..models.contract.contract import HIDDEN_STATES

# What a customer never sees, not even with a link.
LONGEST_TEXT = 2000


class FulfilmentPortal(CustomerPortal):
    """Contracts and milestones on the portal: see, sign, accept, refuse. Checks access and renders; the models do the rest."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        Contract = request.env['fulfilment.contract']
        allowed = Contract.has_access('read')
        if 'fulfilment_contract_count' in counters:
            values['fulfilment_contract_count'] = Contract.search_count(self._contract_domain()) if allowed else 0
        if 'fulfilment_to_sign_count' in counters:
            domain = [*self._contract_domain(), ('state', '=', 'approved'), ('date_signed', '=', False)]
            values['fulfilment_to_sign_count'] = Contract.search_count(domain) if allowed else 0
        return values

    def _contract_domain(self):
        return [('commercial_partner_id', 'in', request.env.user._fulfilment_customer().ids), ('state', 'not in', HIDDEN_STATES)]

    @http.route(['/my/fulfilment/contracts', '/my/fulfilment/contracts/page/<int:page>'], type='http', auth='user', website=True)
    def portal_my_fulfilment_contracts(self, page=1, sortby='newest', filterby='all', **kw):
        """Show the customer's own contracts."""
        sortings = {
            'newest': {'label': request.env._("Newest"), 'order': 'date_start desc, id desc'},
            'name': {'label': request.env._("Number"), 'order': 'name'},
            'end': {'label': request.env._("End"), 'order': 'date_end, id'},
        }
        to_sign = [('state', '=', 'approved'), ('date_signed', '=', False)]
        running = [('state', 'in', ('active', 'settlement'))]
        filters = {
            'all': {'label': request.env._("All"), 'domain': []},
            'sign': {'label': request.env._("To sign"), 'domain': to_sign},
            'running': {'label': request.env._("In performance"), 'domain': running},
        }
        sortby = sortby if sortby in sortings else 'newest'
        filterby = filterby if filterby in filters else 'all'
        Contract = request.env['fulfilment.contract']
        domain = self._contract_domain() + filters[filterby]['domain']
        pages = pager(
            url='/my/fulfilment/contracts', total=Contract.search_count(domain), page=page, step=self._items_per_page,
            url_args={'sortby': sortby, 'filterby': filterby},
        )
        contracts = Contract.search(domain, order=sortings[sortby]['order'], limit=self._items_per_page, offset=pages['offset'])
        return request.render('fulfilment_crm.portal_my_contracts', {
            **self._prepare_portal_layout_values(),
            # safe: found with the customer's own rules; names of colleagues and figures of the contract itself are shown
            'contracts': contracts.sudo(), 'page_name': 'fulfilment_contract', 'pager': pages, 'default_url': '/my/fulfilment/contracts',
            'searchbar_sortings': sortings, 'sortby': sortby, 'searchbar_filters': filters, 'filterby': filterby,
        })

    @http.route(['/my/fulfilment/contracts/<int:contract_id>'], type='http', auth='public', website=True)
    def portal_fulfilment_contract(self, contract_id, access_token=None, report_type=None, download=False, message=None, **kw):
        """One contract with the milestones of both sides."""
        contract = self._contract_for_customer(contract_id, access_token)
        if not contract:
            return request.redirect('/my')
        if report_type == 'signed' and contract.signed_document:
            stream = request.env['ir.binary']._get_stream_from(contract, 'signed_document', filename=contract.signed_document_name)
            return stream.get_response(as_attachment=bool(download))
        if report_type in ('html', 'pdf', 'text'):
            return self._show_report(
                model=contract.with_context(lang=contract.lang), report_type=report_type,
                report_ref='fulfilment_crm.action_report_contract', download=download,
            )
        values = {
            'contract': contract, 'page_name': 'fulfilment_contract', 'message': message, 'token': access_token,
            'milestones': contract.milestone_ids.filtered(lambda one: one.state != 'cancelled'),
            'to_sign': contract.state == 'approved' and not contract.date_signed,
            'to_confirm': not self._is_confirmed(contract) and contract._waits_for_customer(),
            'is_confirmed': self._is_confirmed(contract) and not request.env.user._is_internal(),
            'signer': '' if request.env.user._is_public() else request.env.user.name,
        }
        values = self._get_page_view_values(contract, access_token, values, 'my_fulfilment_contracts_history', False, **kw)
        return request.render('fulfilment_crm.portal_contract_page', values)

    @http.route(['/my/fulfilment/contracts/<int:contract_id>/opened'], type='jsonrpc', auth='public', website=True)
    def portal_fulfilment_opened(self, contract_id, access_token=None):
        """Note that the customer looks at the contract. The page asks for it when it is shown: mail scanners show no page."""
        contract = self._contract_for_customer(contract_id, access_token)
        if contract and not request.env.user._is_internal():
            contract._note_opened()
        return {}

    @http.route(['/my/fulfilment/contracts/<int:contract_id>/sign'], type='jsonrpc', auth='public', website=True)
    def portal_fulfilment_sign(self, contract_id, access_token=None, name=None, signature=None):
        """Sign a contract."""
        access_token = access_token or request.httprequest.args.get('access_token')
        contract = self._contract_for_customer(contract_id, access_token)
        if not contract:
            return {'error': request.env._("This contract cannot be found.")}
        if request.env.user._is_internal():
            return {'error': request.env._("Only the customer signs here. Record a signature on paper on the contract itself.")}
        if not self._is_confirmed(contract):
            return {'error': request.env._("Please confirm first that it is you, by the code we send to your e-mail address.")}
        if not (name or '').strip() or not signature:
            return {'error': request.env._("Enter your name and sign.")}
        try:
            contract._sign(name.strip()[:200], signature=signature, ip=request.httprequest.remote_addr, proof=self._proof(contract))
        except UserError as error:
            return {'error': str(error)}
        except ValueError:
            return {'error': request.env._("The signature cannot be read. Please sign again.")}
        return {'force_refresh': True, 'redirect_url': contract.get_portal_url(query_string='&message=signed')}

    # Who acts by the link of an e-mail, without login, proves it by a code once a session.

    def _is_confirmed(self, contract):
        """Whether the visitor has a login known at the approval, or has entered the code that was sent to the customer for this link."""
        user = request.env.user
        if not user._is_public() and contract._knows_login(user):
            return True
        return (request.session.get('fulfilment_confirmed') or {}).get(str(contract.id)) == contract.access_token

    def _proof(self, contract):
        if not request.env.user._is_public():
            return None
        return contract.with_context(lang=contract.company_id.partner_id.lang).env._(
            "By the link, without login; confirmed by a code sent to %(email)s; from %(ip)s", email=contract.approved_email,
            ip=request.httprequest.remote_addr,
        )

    @http.route(['/my/fulfilment/contracts/<int:contract_id>/code'], type='http', auth='public', methods=['POST'], website=True)
    def portal_fulfilment_code(self, contract_id, access_token=None, **kw):
        """Send a code to the customer's own address."""
        contract = self._contract_for_customer(contract_id, access_token)
        if not contract:
            return request.redirect('/my')
        why = contract._why_no_code()
        message = why[0] if why else 'code'
        if not why:
            contract._send_link_code()
        return request.redirect(contract.get_portal_url(query_string=f'&message={message}'))

    @http.route(['/my/fulfilment/contracts/<int:contract_id>/confirm'], type='http', auth='public', methods=['POST'], website=True)
    def portal_fulfilment_confirm(self, contract_id, access_token=None, code=None, **kw):
        """Take the code that was sent."""
        contract = self._contract_for_customer(contract_id, access_token)
        if not contract:
            return request.redirect('/my')
        right = contract._confirm_link_code(code)
        if right:
            known = request.session.get('fulfilment_confirmed') or {}
            request.session['fulfilment_confirmed'] = {**known, str(contract.id): contract.access_token}
        return request.redirect(contract.get_portal_url(query_string=f"&message={'confirmed' if right else 'wrong'}"))

    @http.route(
        ['/my/fulfilment/contracts/<int:contract_id>/milestones/<int:milestone_id>/<string:answer>'],
        type='http', auth='public', methods=['POST'], website=True,
    )
    def portal_fulfilment_answer(
        self, contract_id, milestone_id, answer, access_token=None, reason=None, place=None, method=None, person=None, examined=None, **kw,
    ):
        """Accept or refuse what was delivered."""
        contract = self._contract_for_customer(contract_id, access_token)
        milestone = contract and contract.milestone_ids.filtered(lambda one: one.id == milestone_id)
        # Colleagues, who may see the page, answer for the customer on the milestone itself, in their own name and with their own rights.
        if not milestone or answer not in ('accept', 'refuse') or request.env.user._is_internal():
            return request.redirect('/my')
        reason = (reason or '').strip()[:LONGEST_TEXT]
        place, method = (place or '').strip()[:200], (method or '').strip()[:200]
        message = None
        if not self._is_confirmed(contract):
            message = 'wrong'
        elif answer == 'refuse' and not reason:
            message = 'reason'
        elif answer == 'accept' and milestone._undelivered():
            message = 'early'
        elif answer == 'accept' and not (examined and place and method):
            message = 'unsure'
        if message:
            return request.redirect(contract.get_portal_url(query_string=f'&message={message}'))
        user = request.env.user
        details = {
            'person': (person or '').strip()[:200] or (contract.partner_id.display_name if user._is_public() else user.name),
            'ip': request.httprequest.remote_addr,
        }
        try:
            if answer == 'accept':
                milestone._record_acceptance('accepted', place=place, method=method, **details)
            else:
                milestone._record_acceptance('refused', reason=reason, **details)
        except UserError:
            return request.redirect(contract.get_portal_url(query_string='&message=late'))
        return request.redirect(contract.get_portal_url(query_string=f'&message={answer}ed' if answer == 'accept' else '&message=refused'))

    def _contract_for_customer(self, contract_id, access_token):
        """Return the contract as superuser when the visitor may see it, by login or by the token of its link; else None."""
        try:
            contract = self._document_check_access('fulfilment.contract', contract_id, access_token=access_token)
        except (AccessError, MissingError):
            return None
        user = request.env.user
        if contract.state in HIDDEN_STATES and not user._is_internal():
            return None
        # safe: access was checked above; what somebody logged in does here is recorded under their name, not the system's
        return contract if user._is_public() else contract.with_user(user).sudo()
