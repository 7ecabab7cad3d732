"""Contracts on the portal: a customer, a stranger, one contract to sign and one in force."""
from odoo import fields, http
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user

from odoo.addons.mail.tests.common import MailCase

from .common import FulfilmentCommon

PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='


class PortalCommon(FulfilmentCommon, MailCase, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_portal = cls._customer('f_customer', cls.customer)
        cls.user_stranger = cls._customer('f_stranger', cls.other_customer)
        contact = cls.user_portal.partner_id
        contact.email = 'office@hengtong.example'
        cls.to_sign, cls.to_sign_parts = cls._make_contract_with_parts('approved', title='Pumps to sign', partner_id=contact.id)
        cls.active, cls.active_parts = cls._make_contract_with_parts('active', title='Pumps running', partner_id=contact.id)
        cls.acceptance = cls.active_parts['fulfilment.milestone'][1]
        for contract in cls.to_sign | cls.active:
            contract._portal_ensure_token()
        cls.delivery = cls.active_parts['fulfilment.milestone'][0]
        cls.delivery._complete({cls.delivery: fields.Date.today()})
        cls.active.message_post(body='Never tell the customer', message_type='comment', subtype_xmlid='mail.mt_note')
        cls.active.message_post(body='Dear customer', message_type='comment', subtype_xmlid='mail.mt_comment')
        cls.active.write({'note': '<p>Internal note</p>'})
        cls.acceptance.note = 'Internal milestone note'

    @classmethod
    def _customer(cls, login, partner):
        user = new_test_user(
            cls.env, login, groups='base.group_portal', company_id=cls.company_a.id, company_ids=[Command.set(cls.company_a.ids)],
        )
        user.partner_id.parent_id = partner
        return user

    def _url(self, contract, rest='', token=None, **query):
        pairs = [*([('access_token', token)] if token else []), *query.items()]
        return f'/my/fulfilment/contracts/{contract.id}{rest}' + ('?' + '&'.join(f'{key}={value}' for key, value in pairs) if pairs else '')

    def _page(self, contract, token=None, **query):
        return self.url_open(self._url(contract, token=token, **query))

    def _login(self, user):
        self.authenticate(user and user.login, user and user.login)

    def _post(self, contract, what, token=None, **data):
        data = {**data, 'csrf_token': http.Request.csrf_token(self), **({'access_token': token} if token else {})}
        return self.url_open(f'/my/fulfilment/contracts/{contract.id}/{what}', data=data)

    def _sign(self, contract, token=None, name='Lin Wei', signature=PNG):
        return self.make_jsonrpc_request(self._url(contract, '/sign'), {'access_token': token, 'name': name, 'signature': signature})

    def _answer(self, milestone, answer, token=None, csrf=True, **data):
        if answer == 'accept':
            data = {'place': 'Ningbo', 'method': 'Trial run', 'examined': '1', **data}
        if csrf:
            data['csrf_token'] = http.Request.csrf_token(self)
        if token:
            data['access_token'] = token
        url = f'/my/fulfilment/contracts/{milestone.contract_id.id}/milestones/{milestone.id}/{answer}'
        return self.url_open(url, data=data)
