"""What a customer owes, on the portal after login: its own only, answered invoice by invoice."""
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields, http
from odoo.tests import HttpCase, tagged

from .common_profile import ProfileCommon
from .test_collection_owed import TestOwedPage


@tagged('post_install', '-at_install')
class TestAccountPage(ProfileCommon, HttpCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.company._fulfilment_today()[cls.company]
        cls.seller = cls._make_sales_user('ap_seller')
        cls.customer.user_id = cls.seller
        cls.user_portal, cls.stranger = (TestOwedPage._customer.__func__(cls, login, partner) for login, partner in (
            ('ap_customer', cls.customer), ('ap_stranger', cls.other)))
        cls.late = cls._invoice(cls.customer, 1000, cls.today - timedelta(days=10), day=cls.today - timedelta(days=40))
        cls.due = cls._invoice(cls.customer, 500, cls.today + timedelta(days=10), day=cls.today - timedelta(days=20))
        cls.theirs = cls._invoice(cls.other, 70, cls.today - timedelta(days=5), day=cls.today - timedelta(days=40))
        cls.elsewhere = cls._make_company('Elsewhere', currency='base.USD')
        cls.dollars = cls._invoice(
            cls.customer, 80, cls.today - timedelta(days=3), day=cls.today - timedelta(days=33), company=cls.elsewhere,
        )
        cls.env.flush_all()
        cls.Profile._refresh(companies=cls.company | cls.elsewhere)

    def _get(self, user, rest=''):
        self.authenticate(user and user.login, user and user.login)
        return self.url_open(f'/my/fulfilment/owed{rest}').text

    def _post(self, answer, company=None, **data):
        return self.url_open(
            f'/my/fulfilment/owed/account/{(company or self.company).id}/{answer}',
            data={'csrf_token': http.Request.csrf_token(self), **data},
        )

    def _promises(self):
        return self.env['fulfilment.payment.promise'].search([('partner_id', 'in', (self.customer | self.other).ids)])

    def test_ones_own_only(self):
        page = self._get(self.user_portal)
        for line, seen in ((self.late, True), (self.due, True), (self.dollars, True), (self.theirs, False)):
            self.assertEqual(f'owed_pick_paid_{line.id}"' in page, seen)
        self.assertIn('Elsewhere', page)
        self.assertIn(f'owed_pick_paid_{self.theirs.id}"', self._get(self.stranger))
        self.assertNotIn('owed_pick', self._get(self.seller), "colleagues owe nothing")
        self.authenticate(None, None)
        self.assertIn('/web/login', self.url_open('/my/fulfilment/owed').url)
        self.authenticate(self.user_portal.login, self.user_portal.login)
        self.assertIn('/my/fulfilment/owed', self.url_open('/my').text)

    def test_filtered_sorted_searched(self):
        page = self._get(self.user_portal, '?filterby=overdue')
        self.assertIn(f'owed_pick_paid_{self.late.id}"', page)
        self.assertNotIn(f'owed_pick_paid_{self.due.id}"', page)
        page = self._get(self.user_portal, '?sortby=amount')
        self.assertLess(page.index(f'owed_pick_paid_{self.late.id}"'), page.index(f'owed_pick_paid_{self.due.id}"'))
        page = self._get(self.user_portal, f'?search={self.due.move_name}')
        self.assertNotIn(f'owed_pick_paid_{self.late.id}"', page)
        for rest in ("?sortby=id;drop", '?filterby=%00', '?search=%25'):
            self.assertIn('o_fulfilment_owed_account', self._get(self.user_portal, rest))

    def test_promise_about_chosen_invoices(self):
        self._get(self.user_portal)
        day = fields.Date.to_string(self.today + timedelta(days=7))
        self.assertIn('o_fulfilment_error', self._post('promise', day=day, amount='500').text, "none chosen")
        self.assertIn('o_fulfilment_error', self._post('promise', day=day, amount='500', lines=str(self.theirs.id)).text)
        self.assertFalse(self._promises())
        self.assertIn('alert-success', self._post('promise', day=day, amount='500', lines=str(self.due.id)).text)
        promise = self._promises()
        self.assertEqual((promise.move_line_ids, promise.amount, promise.origin, promise.user_id), (self.due, 500.0, 'portal', self.seller))
        self.assertIn('o_fulfilment_error', self._post('promise', day=day, amount='500', lines=str(self.due.id)).text, "promised already")
        self.assertIn('Promises', self._get(self.user_portal))

    def test_of_one_company(self):
        self._get(self.user_portal)
        day = fields.Date.to_string(self.today + timedelta(days=7))
        self._post('promise', self.elsewhere, day=day, amount='80', lines=[str(self.dollars.id), str(self.late.id)])
        self.assertEqual((self._promises().move_line_ids, self._promises().company_id), (self.dollars, self.elsewhere))
        strange = self.env['res.company'].create({'name': 'Strange'})
        self._post('promise', strange, day=day, amount='80', lines=str(self.late.id))
        self.assertEqual(len(self._promises()), 1)

    def test_dispute_and_paid(self):
        self._get(self.user_portal)
        reason = self.env['fulfilment.dispute.reason'].search([('on_portal', '=', True)], limit=1)
        data = {'amount': '100', 'reason': str(reason.id), 'text': 'Two are broken'}
        self.assertIn('o_fulfilment_error', self._post('dispute', line=str(self.theirs.id), **data).text)
        self.assertIn('alert-success', self._post('dispute', line=str(self.late.id), **data).text)
        dispute = self.env['fulfilment.dispute'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((dispute.move_id, dispute.amount, dispute.origin), (self.late.move_id, 100.0, 'portal'))
        self.assertIn('alert-success', self._post('paid', day=fields.Date.to_string(self.today), text='TX 1', lines=str(self.due.id)).text)
        told = self.env['fulfilment.interaction'].search([('partner_id', '=', self.customer.id)])
        self.assertIn(self.due.move_name, told.conclusion)
        self.assertNotIn(self.late.move_name, told.conclusion)
        self.assertFalse(self.customer.message_ids, "everybody inside reads what stands on a contact")
        self._post('nonsense', lines=str(self.due.id))

    def test_not_without_end(self):
        self._get(self.user_portal)
        day = fields.Date.to_string(self.today)
        answers = [self._post('paid', day=day, text=str(number), lines=str(self.due.id)).text for number in range(11)]
        self.assertEqual(['o_fulfilment_error' in answer for answer in answers], [False] * 10 + [True])
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            profile = self.Profile.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)])
            profile._check_answers()

    def test_colleagues_answer_nothing(self):
        self.authenticate(self.seller.login, self.seller.login)
        self._post('paid', day=fields.Date.to_string(self.today), lines=str(self.late.id))
        self.assertFalse(self.env['fulfilment.event'].search([('kind', '=', 'profile.paid')]))
