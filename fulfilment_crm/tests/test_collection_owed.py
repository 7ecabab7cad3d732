"""The page under a letter: by its own link, without login, until it expires; looking at it answers nothing."""
from datetime import timedelta

from odoo import fields, http
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common_profile import ProfileCommon


@tagged('post_install', '-at_install')
class TestOwedPage(ProfileCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._fulfilment_today()[cls.company]
        cls.seller = cls._make_sales_user('o_seller')
        cls.customer.write({'email': 'office@hengtong.example', 'user_id': cls.seller.id})
        cls.user_portal, cls.stranger = cls._customer('o_customer', cls.customer), cls._customer('o_stranger', cls.other)
        cls.line = cls._invoice(cls.customer, 1000, cls.today - timedelta(days=10), day=cls.today - timedelta(days=40))
        strategy = cls.env['fulfilment.collection.strategy'].create({'name': 'Test', 'step_ids': [Command.create({
            'name': 'First', 'offset_days': 3, 'channel': 'email', 'quiet_days': 0,
            'template_id': cls.env.ref('fulfilment_crm.mail_template_dunning_first').id,
        })], 'company_id': cls.company.id, 'sequence': -1})
        cls.company.fulfilment_collection = True
        cls.env.flush_all()
        cls.Profile._refresh(companies=cls.company)
        positions = cls.env['fulfilment.collection.position']
        positions._enter(cls.company, cls.today)
        positions._dun_slice(cls.company.id, cls.today, None, cls.Profile.search([
            ('partner_id', '=', cls.customer.id), ('company_id', '=', cls.company.id),
        ]))
        cls.letter = cls.env['fulfilment.reminder'].search([('strategy_id', '=', strategy.id)])
        cls.token = cls.letter._portal_ensure_token()

    @classmethod
    def _customer(cls, login, partner):
        user = new_test_user(
            cls.env, login, groups='base.group_portal', company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
        )
        user.partner_id.parent_id = partner
        return user

    def _login(self, user=None):
        self.authenticate(user and user.login, user and user.login)

    def _get(self, token=None, rest=''):
        return self.url_open(f'/my/fulfilment/owed/{self.letter.id}{rest}' + (f'?access_token={token}' if token else ''))

    def _post(self, answer, token=None, **data):
        data = {'csrf_token': http.Request.csrf_token(self), **({'access_token': token} if token else {}), **data}
        return self.url_open(f'/my/fulfilment/owed/{self.letter.id}/{answer}', data=data)

    def _promises(self):
        return self.env['fulfilment.payment.promise'].search([('partner_id', '=', self.customer.id)])

    def test_the_mail_leads_here(self):
        body = self.letter.mail_id._personalize_outgoing_body(self.letter.mail_id.body_html, partner=self.customer)
        self.assertIn(f'/my/fulfilment/owed/{self.letter.id}?access_token={self.token}', body)
        self.assertNotIn(self.token, self.letter.mail_id.body_html)
        strange = self.letter.mail_id._personalize_outgoing_body(self.letter.mail_id.body_html, partner=self.other)
        self.assertNotIn(self.token, strange)

    def test_who_sees_it(self):
        for user, token, seen in (
            (None, self.token, True), (None, 'x', False), (None, 'é', False), (None, None, False), (self.user_portal, None, True),
            (self.stranger, None, False), (self.stranger, self.token, True), (self.seller, None, False),
        ):
            self._login(user)
            with self.subTest(user=user and user.login, token=token):
                self.assertEqual('o_fulfilment_owed' in self._get(token).text, seen)

    def test_looking_answers_nothing(self):
        self._login()
        for answer in ('paid', 'promise', 'dispute', 'again'):
            self.assertEqual(self._get(self.token, f'/{answer}').status_code, 405)
        self.assertFalse(self._promises())

    def test_it_expires(self):
        self.letter.sent_on = fields.Datetime.now() - timedelta(days=61)
        self._login()
        self.assertNotIn('o_fulfilment_owed', self._get(self.token).text)
        self._post('promise', self.token, day=self.today + timedelta(days=5), amount='500')
        self.assertFalse(self._promises())

    def test_a_promise(self):
        self._login()
        self._post('promise', self.token, day=self.today + timedelta(days=5), amount='600', text='After the fair')
        promise = self._promises()
        self.assertEqual((promise.amount, promise.origin, promise.move_line_ids, promise.user_id, promise.note), (
            600, 'link', self.line, self.seller, 'After the fair',
        ))
        self.assertTrue(promise.activity_ids)
        page = self._post('promise', self.token, day=self.today + timedelta(days=9), amount='100').text
        self.assertIn('o_fulfilment_error', page)
        self.assertEqual(len(self._promises()), 1)

    def test_bad_promises(self):
        self._login(self.user_portal)
        for day, amount in (
            (self.today - timedelta(days=1), '5'), (self.today + timedelta(days=91), '5'), ('soon', '5'), ('', '5'),
            (self.today, '0'), (self.today, '-5'), (self.today, '1000.01'), (self.today, 'nan'), (self.today, 'inf'), (self.today, 'x'),
        ):
            with self.subTest(day=day, amount=amount):
                self.assertIn('o_fulfilment_error', self._post('promise', day=day, amount=amount).text)
        self.assertFalse(self._promises())

    def test_who_broke_two_calls(self):
        for days in (10, 20):
            promise = self.env['fulfilment.payment.promise'].create({
                'partner_id': self.customer.id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id,
                'amount': 10, 'date_promised': self.today - timedelta(days=days),
            })
            promise._follow_ledger()
        self._login()
        self.assertIn('o_fulfilment_error', self._post('promise', self.token, day=self.today, amount='5').text)

    def test_a_dispute(self):
        self._login()
        reason = self.env.ref('fulfilment_crm.dispute_reason_quantity')
        self._post('dispute', self.token, line=self.line.id, reason=reason.id, amount='240', text='<b>Three</b> leak')
        dispute = self.env['fulfilment.dispute'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((dispute.amount, dispute.origin, dispute.description), (240, 'link', '<b>Three</b> leak'))
        other = self._invoice(self.other, 100, self.today)
        for data in (
            {'line': other.id, 'reason': reason.id, 'amount': '5', 'text': 'x'},
            {'line': self.line.id, 'reason': 0, 'amount': '5', 'text': 'x'},
            {'line': self.line.id, 'reason': reason.id, 'amount': '761', 'text': 'x'},
            {'line': self.line.id, 'reason': reason.id, 'amount': '5', 'text': ' '},
        ):
            with self.subTest(data=data):
                self.assertIn('o_fulfilment_error', self._post('dispute', self.token, **data).text)
        self.assertEqual(self.env['fulfilment.dispute'].search_count([('partner_id', 'in', (self.customer | self.other).ids)]), 1)

    def test_paid_already(self):
        self._login()
        self._post('paid', self.token, day=self.today, text='Ref 4711')
        to_do = self.customer.activity_ids
        self.assertEqual(to_do.user_id, self.seller)
        self.assertFalse(to_do.note, "everybody inside reads what stands on a contact")
        told = self.env['fulfilment.interaction'].search([('partner_id', '=', self.customer.id)])
        self.assertIn('Ref 4711', told.conclusion)
        position = self.env['fulfilment.collection.position'].search([('move_line_id', '=', self.line.id)])
        self.assertFalse(position.next_on and position.next_on < self.today + timedelta(days=7))

    def test_send_again(self):
        self._login()
        before = self.env['mail.message'].search([], order='id desc', limit=1).id
        self._post('again', self.token)
        sent = self.env['mail.message'].search([('id', '>', before), ('partner_ids', 'in', self.customer.ids)])
        self.assertIn(self.line.move_id.name, sent.body)
        self.assertEqual(len(sent.attachment_ids), 1)

    def test_often_enough(self):
        self._login()
        for _number in range(10):
            self._post('paid', self.token, day=self.today, text='x')
        self.assertIn('o_fulfilment_error', self._post('paid', self.token, day=self.today, text='x').text)

    def test_nobody_inside_hands_out_the_link(self):
        """Whoever had it could answer as the customer."""
        for user in (self._make_role('o_inspector', 'group_inspector'), self._make_role('o_credit', 'group_credit'), self.seller):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.letter.with_user(user).get_portal_url()
        self.assertNotIn(self.token, self.letter.with_user(self.seller)._get_share_url())
