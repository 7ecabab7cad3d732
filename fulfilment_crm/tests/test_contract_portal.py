"""The portal from outside: what customers, strangers and visitors with a link may see and do."""
import base64
import json
import re
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields, http
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_portal import PortalCommon

MARKUP = '<img src=x onerror=alert(1)>'


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestPortal(PortalCommon):

    # === SEEING === #

    def test_list(self):
        draft = self._make_contract('draft', title='Still a draft')
        self._login(self.user_portal)
        page = self.url_open('/my/fulfilment/contracts')
        self.assertIn('Pumps to sign', page.text)
        self.assertIn('Pumps running', page.text)
        self.assertNotIn('Still a draft', page.text)
        self.assertNotIn('Pumps running', self.url_open('/my/fulfilment/contracts?filterby=sign').text)
        self.assertEqual(self.url_open('/my/fulfilment/contracts?filterby=x&sortby=id;drop&page=99').status_code, 200)
        counters = self.make_jsonrpc_request('/my/counters', {'counters': ['fulfilment_contract_count', 'fulfilment_to_sign_count']})
        self.assertEqual((counters['fulfilment_contract_count'], counters['fulfilment_to_sign_count']), (2, 1))
        self._login(self.user_stranger)
        self.assertNotIn('Pumps', self.url_open('/my/fulfilment/contracts').text)
        self._login(None)
        self.assertIn('/web/login', self.url_open('/my/fulfilment/contracts').url)
        self.assertTrue(draft)

    def test_page(self):
        token = self.active.access_token
        for user, given, seen in (
            (self.user_portal, None, True), (self.user_stranger, None, False), (self.user_stranger, token, True),
            (self.user_stranger, 'wrong', False), (None, token, True), (None, 'wrong', False), (None, None, False),
            (None, self.to_sign.access_token, False), (self.user_plain, None, False), (self.user_sales, None, True),
        ):
            self._login(user)
            page = self._page(self.active, given)
            with self.subTest(user=user and user.login, token=given):
                self.assertEqual('Pumps running' in page.text, seen)
                for secret in ('Internal note', 'Internal milestone note', 'Never tell', 'Harbour closed', 'Later delivery'):
                    self.assertNotIn(secret, page.text)

    def test_what_customers_never_see(self):
        """Not with the link either, which they may have from before a contract went back to the draft."""
        for state in ('draft', 'in_approval', 'cancelled'):
            contract = self._make_contract(state, title='Hidden')
            contract._portal_ensure_token()
            for user in (None, self.user_portal):
                self._login(user)
                with self.subTest(state=state, user=user and user.login):
                    self.assertNotIn('Hidden', self._page(contract, contract.access_token).text)
                    self.assertNotIn('Hidden', self._page(contract, contract.access_token, report_type='html').text)
                    self.assertIn('error', self._sign(contract, contract.access_token))
            self.assertFalse(contract.date_signed)

    def test_missing_contract(self):
        self._login(self.user_portal)
        self.assertEqual(self.url_open('/my/fulfilment/contracts/99999999').status_code, 200)

    def test_messages(self):
        for user, given, seen in (
            (self.user_portal, None, True), (None, self.active.access_token, True), (None, None, False), (self.user_stranger, None, False),
        ):
            self._login(user)
            told = json.dumps(self.make_jsonrpc_request('/mail/chatter_fetch', {
                'thread_model': 'fulfilment.contract', 'thread_id': self.active.id, 'fetch_params': {},
                **({'token': given} if given else {}),
            }))
            with self.subTest(user=user and user.login, token=given):
                self.assertEqual('Dear customer' in told, seen)
                self.assertNotIn('Never tell', told)

    # === SIGNING === #

    def test_sign(self):
        self._login(self.user_portal)
        self.assertIn('error', self._sign(self.to_sign, name=' '))
        self.assertIn('error', self._sign(self.to_sign, signature=''))
        self.assertIn('error', self._sign(self.to_sign, signature='not base64!'))
        self.assertFalse(self.to_sign.date_signed)
        self.assertTrue(self._sign(self.to_sign).get('force_refresh'))
        self.assertEqual((self.to_sign.signed_by, self.to_sign.signed_ip), ('Lin Wei', '127.0.0.1'))
        self.assertTrue(self.to_sign.date_signed and self.to_sign.signed_on and self.to_sign.signed_checksum)
        document, checksum = self.to_sign.signed_document, self.to_sign.signed_checksum
        self.assertIn('error', self._sign(self.to_sign, name='Somebody else'))
        self.assertEqual((self.to_sign.signed_by, self.to_sign.signed_document), ('Lin Wei', document))
        answer = self._page(self.to_sign, report_type='signed', download='true')
        self.assertEqual(answer.content, base64.b64decode(document))
        self.assertIn('attachment', answer.headers['Content-Disposition'])
        self.to_sign.sudo().title = 'Renamed afterwards'
        self.assertEqual(self._page(self.to_sign, report_type='signed').content, base64.b64decode(document))
        self.assertEqual(self.to_sign.signed_checksum, checksum)

    def test_signed_document_shown_in_the_browser_runs_nothing(self):
        """A scan may be any file: shown in the browser it must not act in the name of who looks at it."""
        contract = self._make_contract('approved')
        contract.with_user(self.user_sales).action_sign(
            signed_by='x', document=base64.b64encode(b'<html><script>alert(1)</script></html>'), document_name='x.html',
        )
        self._login(self.user_portal)
        answer = self._page(contract, report_type='signed')
        if 'html' in answer.headers['Content-Type'] or 'svg' in answer.headers['Content-Type']:
            self.assertIn("default-src 'none'", answer.headers.get('Content-Security-Policy', ''))
        self.assertEqual(answer.headers.get('X-Content-Type-Options'), 'nosniff')

    def test_sign_with_the_link(self):
        self._login(None)
        self.assertIn('error', self._sign(self.to_sign))
        self.assertIn('error', self._sign(self.to_sign, 'wrong'))
        self.assertIn('error', self._sign(self.to_sign, self.active.access_token))
        self.assertFalse(self.to_sign.date_signed)
        token = self.to_sign.access_token
        self.assertIn('code', self._sign(self.to_sign, token)['error'])
        with self.mock_mail_gateway(), self.mock_mail_app():
            self.assertIn('message=code', self._post(self.to_sign, 'code', token).url)
            self.assertIn('message=pause', self._post(self.to_sign, 'code', token).url)
        mail = self._new_mails.filtered(lambda one: self.to_sign.name in (one.subject or ''))
        self.assertEqual((mail.recipient_ids.ids, mail.model, mail.res_id), ([], False, 0))
        self.assertIn('office@hengtong.example', mail.email_to)
        code = re.search(r'<strong>(\d{6})</strong>', mail.body_html)[1]
        for wrong in ('', 'x' * 6, '000000' if code != '000000' else '111111'):
            self.assertIn('message=wrong', self._post(self.to_sign, 'confirm', token, code=wrong).url)
        self.assertIn('code', self._sign(self.to_sign, token)['error'])
        self.assertIn('message=confirmed', self._post(self.to_sign, 'confirm', token, code=code).url)
        self.assertIn('message=wrong', self._post(self.to_sign, 'confirm', token, code=code).url, "a code is good once")
        self.assertTrue(self._sign(self.to_sign, token).get('force_refresh'))
        self.assertEqual(self.to_sign.signed_by, 'Lin Wei')
        note = self.to_sign.message_ids.filtered(lambda one: 'Signed by' in (one.body or ''))
        self.assertIn('without login', note.body)
        self.assertIn('office@hengtong.example', note.body)

    def test_a_code_is_good_for_some_tries_and_minutes(self):
        self._login(None)
        known = {'link_code': self.to_sign._hash_of_code('123456'), 'link_code_tries': 0}
        self.to_sign.sudo().write({**known, 'link_code_on': fields.Datetime.now() - timedelta(minutes=16)})
        self.assertFalse(self.to_sign._confirm_link_code('123456'))
        self.to_sign.sudo().write({**known, 'link_code_on': fields.Datetime.now()})
        for _try in range(5):
            self.assertFalse(self.to_sign._confirm_link_code('000000'))
        self.assertFalse(self.to_sign._confirm_link_code('123456'))

    def test_many_wrong_codes_need_a_rest(self):
        """Each new code would be a few more tries at guessing one."""
        self._login(None)
        now = fields.Datetime.now()
        with freeze_time(now) as clock:
            for _code in range(4):
                self.to_sign._send_link_code()
                for _try in range(5):
                    self.assertFalse(self.to_sign._confirm_link_code('wrong'))
                clock.tick(timedelta(minutes=2))
            self.assertEqual(self.to_sign._why_no_code()[0], 'tries')
            with self.assertRaises(UserError):
                self.to_sign._send_link_code()
            clock.tick(timedelta(days=1))
            self.to_sign._send_link_code()
            self.assertEqual(self.to_sign.sudo().link_code_tries, 0)

    def test_a_link_leads_nowhere_for_another_customer(self):
        token = self.to_sign.access_token
        self.to_sign.message_subscribe(self.contact.ids)
        self.to_sign.with_user(self.user_sales).action_reset_draft()
        self.assertFalse(self.to_sign.sudo().access_token)
        self.to_sign._portal_ensure_token()
        self.to_sign.with_user(self.user_sales).partner_id = self.other_customer
        self.assertNotIn(self.contact, self.to_sign.message_partner_ids)
        self.to_sign._move_to('approved')
        self._login(None)
        self.assertNotIn('Pumps to sign', self._page(self.to_sign, token).text)
        self.assertIn('error', self._sign(self.to_sign, token))

    def test_nobody_reads_the_token(self):
        """Whoever has it acts for the customer."""
        readers = (self.user_inspector, self.user_sales, self.user_manager, self.user_legal, self.user_credit)
        for user in readers:
            theirs = self.active.with_user(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                theirs.read(['access_token'])
            with self.subTest(user=user.login):
                self.assertNotIn('access_token', theirs.fields_get())
        for user in (self.user_inspector, self.user_legal):
            theirs = self.active.with_user(user)
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                theirs.get_portal_url()
            share = self.env['portal.share'].with_user(user).new({'res_model': theirs._name, 'res_id': theirs.id})
            self.assertNotIn('access_token', share.share_link or '')

    def test_the_link_is_opened_where_the_mail_leaves(self):
        """What is stored of an e-mail says where the page is; only the customer's own copy has the token."""
        self.active.partner_id = self.contact
        self.active.message_subscribe((self.contact | self.user_inspector.partner_id).ids)
        template = self.env.ref('fulfilment_crm.mail_template_signature')
        token = self.active.access_token
        with self.mock_mail_gateway():
            template.send_mail_batch(self.active.ids, force_send=False, email_values={
                'recipient_ids': [Command.set((self.contact | self.user_inspector.partner_id | self.other_customer).ids)],
            })
            mails = self._new_mails
            self.assertNotIn(token, ''.join(mails.mapped('body_html')) + ''.join(map(str, mails.mapped('body'))))
            mails.send()
        seen = {email['email_to'][0]: token in email['body'] for email in self._mails}
        self.assertEqual(
            {address: has for address, has in seen.items() if has}, {self.contact.email_formatted: True}, "only the customer's",
        )
        self.assertEqual(len(seen), 3)

    def test_others_do_not_sign(self):
        for user in (self.user_stranger, self.user_plain, self.user_inspector, self.user_sales, self.user_manager):
            self._login(user)
            with self.subTest(user=user.login):
                self.assertIn('error', self._sign(self.to_sign))
        self._login(self.user_portal)
        self.assertIn('error', self._sign(self.active))
        self.assertFalse(self.to_sign.date_signed)

    def test_signed_document_by_its_field(self):
        self.active.sudo().write({'signed_document': base64.b64encode(b'%PDF-as signed'), 'signed_document_name': 'x.pdf'})
        url = f'/web/content/fulfilment.contract/{self.active.id}/signed_document'
        for user, given, seen in (
            (self.user_portal, None, True), (self.user_sales, None, True), (self.user_stranger, None, False),
            (self.user_sales_2, None, False), (self.user_plain, None, False), (None, None, False), (None, 'wrong', False),
        ):
            self._login(user)
            with self.subTest(user=user and user.login, token=given), mute_logger('odoo.http'):
                self.assertEqual(self.url_open(url + (f'?access_token={given}' if given else '')).content == b'%PDF-as signed', seen)

    # === ACCEPTING AND REFUSING === #

    def test_accept(self):
        self._login(self.user_portal)
        self._answer(self.acceptance, 'accept', place='Ningbo', method='Trial run')
        self.assertEqual(self.acceptance.state, 'done')
        record = self.acceptance.acceptance_ids.filtered(lambda one: one.place == 'Ningbo')
        self.assertEqual((record.outcome, record.person, record.ip), ('accepted', self.user_portal.name, '127.0.0.1'))
        answer = self._answer(self.acceptance, 'refuse', reason='Too late')
        self.assertIn('message=late', answer.url)
        self.assertEqual(self.acceptance.state, 'done')

    def test_refuse(self):
        self._login(self.user_portal)
        before = self.acceptance.acceptance_ids
        for reason in ('', '   '):
            self.assertIn('message=reason', self._answer(self.acceptance, 'refuse', reason=reason).url)
        self.assertEqual(self.acceptance.acceptance_ids, before)
        self._answer(self.acceptance, 'refuse', reason=MARKUP + 'x' * 3000)
        record = self.acceptance.acceptance_ids - before
        self.assertEqual((record.outcome, len(record.reason)), ('refused', 2000))
        self.assertEqual(self.acceptance.state, 'pending')
        self.assertNotIn(MARKUP, self._page(self.active).text)
        self.assertFalse(self.active.message_ids.filtered(lambda message: MARKUP in (message.body or '')))

    def test_with_the_link(self):
        self._login(None)
        self._answer(self.acceptance, 'accept')
        self._answer(self.acceptance, 'accept', token='wrong')
        self._answer(self.acceptance, 'accept', token=self.to_sign.access_token)
        self.assertEqual(self.acceptance.state, 'pending')
        self.assertIn('message=wrong', self._answer(self.acceptance, 'accept', token=self.active.access_token).url)
        self.assertEqual(self.acceptance.state, 'pending')
        self.active.sudo().write({'link_code': self.active._hash_of_code('123456'), 'link_code_on': fields.Datetime.now()})
        self._post(self.active, 'confirm', self.active.access_token, code='123456')
        self._answer(self.acceptance, 'accept', token=self.active.access_token)
        self.assertEqual(self.acceptance.state, 'done')

    def test_nothing_is_accepted_before_it_is_delivered(self):
        self._login(self.user_portal)
        self.assertIn('o_fulfilment_accept_open', self._page(self.active).text)
        self.delivery._reopen('Not yet')
        self.assertNotIn('o_fulfilment_accept_open', self._page(self.active).text)
        self.assertIn('message=early', self._answer(self.acceptance, 'accept').url)
        self.assertEqual(self.acceptance.state, 'pending')
        with self.assertRaisesRegex(UserError, 'before it is delivered'):
            self.acceptance.with_user(self.user_sales).action_accept()

    def test_accepting_is_no_accident(self):
        self._login(self.user_portal)
        for missing in ('place', 'method', 'examined'):
            self.assertIn('message=unsure', self._answer(self.acceptance, 'accept', **{missing: ''}).url)
        self.assertEqual(self.acceptance.state, 'pending')

    def test_who_and_what_is_not_answered_for(self):
        for user in (self.user_stranger, self.user_plain, self.user_inspector, self.user_sales):
            self._login(user)
            with self.subTest(user=user.login):
                self._answer(self.acceptance, 'accept')
                self.assertEqual(self.acceptance.state, 'pending')
        self._login(self.user_portal)
        _delivery, _acceptance, payment = self.active_parts['fulfilment.milestone']
        self._answer(payment, 'accept')
        self.assertEqual(payment.state, 'pending')
        self._answer(self.acceptance, 'action_waive')
        self.assertEqual(self.acceptance.state, 'pending')
        stranger, parts = self._make_contract_with_parts('active', partner_id=self.other_customer.id)
        foreign = parts['fulfilment.milestone'][1]
        url = f'/my/fulfilment/contracts/{self.active.id}/milestones/{foreign.id}/accept'
        self.url_open(url, data={'csrf_token': http.Request.csrf_token(self)})
        self.assertEqual((foreign.state, stranger.state), ('pending', 'active'))

    def test_csrf_token_is_required(self):
        self._login(self.user_portal)
        with mute_logger('odoo.http'):
            self.assertEqual(self._answer(self.acceptance, 'accept', csrf=False, place='x').status_code, 400)
        self.assertEqual(self.acceptance.state, 'pending')
        url = f'/my/fulfilment/contracts/{self.active.id}/milestones/{self.acceptance.id}/accept'
        self.assertNotEqual(self.url_open(url).status_code, 200, "by GET")
        self.assertEqual(self.acceptance.state, 'pending')

    # === REPORT AND MARKUP === #

    def test_report(self):
        self._login(self.user_portal)
        self.assertIn('Payment', self._page(self.active, report_type='html').text)
        self._login(None)
        self.assertIn('Payment', self._page(self.active, self.active.access_token, report_type='html').text)
        self.assertNotIn('Pumps running', self._page(self.active, 'wrong', report_type='html').text)
        self._login(self.user_stranger)
        self.assertNotIn('Pumps running', self._page(self.active, report_type='html').text)
        with mute_logger('odoo.http', 'odoo.addons.web.controllers.report'):
            self.assertNotIn('Pumps running', self.url_open(f'/report/html/fulfilment_crm.report_contract/{self.active.id}').text)

    def test_markup_is_shown_as_text(self):
        self.customer.name = f'{MARKUP}Hengtong'
        contract, parts = self._make_contract_with_parts('draft', title=f'{MARKUP}Title', partner_id=self.user_portal.partner_id.id)
        parts['fulfilment.contract.line'].name = f'{MARKUP}Line'
        parts['fulfilment.contract.clause'].write({'name': f'{MARKUP}Clause', 'body': f'{MARKUP}Body'})
        parts['fulfilment.milestone'].name = f'{MARKUP}Milestone'
        self._bring_to(contract, 'approved')
        self._login(self.user_portal)
        self.assertTrue(self._sign(contract, name=f'{MARKUP}Lin').get('force_refresh'))
        pages = {
            'page': self._page(contract).text, 'html': self._page(contract, report_type='html').text,
            'list': self.url_open('/my/fulfilment/contracts').text, 'signed': base64.b64decode(contract.signed_document).decode(),
        }
        for name, text in pages.items():
            with self.subTest(page=name):
                self.assertNotIn(MARKUP, text)
                self.assertIn('&lt;img src=x', text)
        self.assertFalse(contract.message_ids.filtered(lambda message: MARKUP in (message.body or '')))

    # === API === #

    def _api(self, user, model, method, **arguments):
        key = self.env['res.users.apikeys'].with_user(user).sudo()._generate(
            'rpc', 'test', fields.Datetime.now() + timedelta(days=1),
        )
        return self.url_open(f'/json/2/{model}/{method}', data=json.dumps(arguments), headers={
            'Authorization': f'bearer {key}', 'Content-Type': 'application/json',
        })

    def test_api(self):
        self._login(None)
        answer = self._api(self.user_sales, 'fulfilment.contract', 'read', ids=self.active.ids, fields=['title'])
        self.assertEqual(answer.json()[0]['title'], 'Pumps running')
        with mute_logger('odoo.http'):
            for user, method, arguments, statuses in (
                (self.user_sales_2, 'read', {'fields': ['title']}, (403,)),
                (self.user_sales, 'write', {'vals': {'state': 'closed'}}, (403,)),
                (self.user_sales, 'write', {'vals': {'amount_total': 1.0}}, (422,)),
                (self.user_sales, '_move_to', {'state': 'closed'}, (403,)),
                (self.user_sales, '_sign', {'signed_by': 'x'}, (403,)),
                (self.user_portal, 'read', {'fields': ['note']}, (403,)),
                (self.user_portal, 'action_terminate', {'reason': 'x'}, (403,)),
                (self.user_inspector, 'action_terminate', {'reason': 'x'}, (403,)),
            ):
                answer = self._api(user, 'fulfilment.contract', method, ids=self.active.ids, **arguments)
                with self.subTest(user=user.login, method=method):
                    self.assertIn(answer.status_code, statuses, answer.text[:300])
            answer = self.url_open('/json/2/fulfilment.contract/read', data=json.dumps({'ids': self.active.ids}), headers={
                'Content-Type': 'application/json',
            })
            self.assertEqual(answer.status_code, 401)
        self.assertEqual((self.active.state, self.active.amount_total), ('active', 1000.0))
