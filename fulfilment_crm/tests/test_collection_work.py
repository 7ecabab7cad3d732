"""Whom to call, and what came of it."""
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_profile import TODAY, ProfileCommon


@tagged('post_install', '-at_install')
class TestCollectionWork(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(hours=9)))
        cls.seller, cls.stranger = cls._make_sales_user('w_seller'), cls._make_sales_user('w_other')
        cls.customer.user_id = cls.other.user_id = cls.seller

    def _work(self, *partners, user=None):
        self.env.cr.flush()
        self.Profile._refresh(companies=self.company)
        self.env.flush_all()
        self.env.invalidate_all()
        partners = partners or (self.customer, self.other)
        return self.env['fulfilment.collection.work'].with_user(user or self.seller).search(
            [('partner_id', 'in', [one.id for one in partners])],
        )

    def _call(self, work, user=None, **vals):
        action = work.action_call()
        with Form(self.env[action['res_model']].with_user(user or self.seller).with_context(**action['context'])) as form:
            for name, value in vals.items():
                setattr(form, name, value)
        return form.record.action_confirm()

    def test_whom_first(self):
        self._invoice(self.customer, 100, TODAY - timedelta(days=10))
        self._invoice(self.other, 100, TODAY - timedelta(days=30))
        self._invoice(self.other, 100, TODAY + timedelta(days=1))
        work = self._work()
        self.assertEqual(work.partner_id.ids, [self.other.id, self.customer.id])
        self.assertEqual((work[0].amount, work[0].days, work[0].number), (100, 30, 1))
        self.assertEqual(work[0].rank, work[0].amount * work[0].likelihood * work[0].days)
        self.assertIn('30', work[0].explanation)

    def test_what_is_disputed_or_promised_needs_no_call(self):
        one, two = (self._invoice(partner, 100, TODAY - timedelta(days=10)) for partner in (self.customer, self.other))
        self.env['fulfilment.dispute'].create({
            'move_id': one.move_id.id, 'reason_id': self.env.ref('fulfilment_crm.dispute_reason_price').id, 'amount': 100,
        })
        self.env['fulfilment.payment.promise'].create({
            'partner_id': self.other.id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'amount': 60,
            'date_promised': TODAY + timedelta(days=5),
        })
        work = self._work()
        self.assertEqual((work.partner_id, work.amount, work.date_promised), (self.other, 40, TODAY + timedelta(days=5)))
        self.assertEqual(work.promise_ids.amount, 60)

    def test_a_promise_in_a_few_taps(self):
        self._invoice(self.customer, 100, TODAY - timedelta(days=10))
        self._call(self._work(), note='After the fair')
        promise = self.env['fulfilment.payment.promise'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((promise.amount, promise.date_promised, promise.note), (100, TODAY + timedelta(days=7), 'After the fair'))
        logged = self.env['fulfilment.interaction'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((logged.kind, logged.user_id), ('call', self.seller))
        self.assertFalse(self._work())

    def test_credit_control_calls_too(self):
        self._invoice(self.customer, 100, TODAY - timedelta(days=10))
        credit = self._make_role('w_credit', 'group_credit')
        self._call(self._work(user=credit), user=credit)
        logged = self.env['fulfilment.interaction'].search([('partner_id', '=', self.customer.id)])
        self.assertEqual((logged.user_id, logged.create_uid), (credit, credit))

    def test_calls_of_strategies_are_done(self):
        self._invoice(self.customer, 100, TODAY - timedelta(days=10))
        strategy = self.env['fulfilment.collection.strategy'].create({'name': 'Call', 'company_id': self.company.id, 'step_ids': [
            (0, 0, {'name': 'Call', 'offset_days': 1, 'channel': 'call', 'instructions': 'Ask why'}),
        ]})
        call = self.env['fulfilment.reminder'].create({
            'claim_key': 'call', 'step_id': strategy.step_ids.id, 'company_id': self.company.id, 'customer_id': self.customer.id,
            'due_date': TODAY, 'user_id': self.seller.id, 'audience': 'customer', 'channel': 'call', 'state': 'to_call',
        })
        work = self._work()
        self.assertEqual((work.call_count, work.instructions), (1, 'Ask why'))
        self._call(work, result='missed')
        self.assertEqual(call.state, 'to_call')
        self.assertEqual(self.customer.activity_ids.date_deadline, TODAY + timedelta(days=1))
        self._call(self._work(), result='again', day=TODAY + timedelta(days=3))
        self.assertEqual((call.state, self._work().call_count), ('sent', 0))
        self.assertEqual(self.customer.activity_ids.date_deadline, TODAY + timedelta(days=3))

    def test_other_results(self):
        line = self._invoice(self.customer, 100, TODAY - timedelta(days=10))
        action = self._call(self._work(), result='dispute')
        self.assertEqual(action['res_model'], 'fulfilment.instalment')
        position = self.env['fulfilment.collection.position'].create({
            'move_line_id': line.id, 'company_id': self.company.id, 'partner_id': self.customer.id, 'next_on': TODAY,
        })
        self._call(self._work(), result='paid')
        self.assertEqual(position.next_on, TODAY + timedelta(days=7))
        action = self._work().action_call()
        with self.assertRaises(UserError):
            self.env[action['res_model']].with_user(self.seller).with_context(**action['context']).create(
                {'result': 'again', 'day': False},
            ).action_confirm()

    def test_whose_customers(self):
        self._invoice(self.customer, 100, TODAY - timedelta(days=10))
        self.assertTrue(self._work())
        self.assertFalse(self._work(user=self.stranger))
        profile = self.profile(self.customer)
        with self.assertRaises(AccessError):
            self.env['fulfilment.collection.call'].with_user(self.stranger).create({'profile_id': profile.id, 'result': 'missed'})
