"""Promises to pay: filled with what came, held against it, and followed when the ledger changes."""
import random
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import api, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, tagged

from ..tools.promise import Promise, Receipt, fill, state
from .common_profile import TODAY, ProfileCommon


@tagged('post_install', '-at_install')
class TestPromiseArithmetic(BaseCase):

    def _promise(self, key=1, amount=100000.0, made=1, until=13, cured=None, **vals):
        days = {'made_on': self._day(made), 'until': self._day(until), 'cured_until': self._day(cured or until)}
        return Promise(key=key, amount=amount, **days, **vals)

    @staticmethod
    def _day(number):
        return date(2026, 1, 1) + timedelta(days=number - 1)

    def test_known_answers(self):
        for amount, day, today, wanted in (
            (95000, 13, 13, 'kept'), (94999.99, 13, 14, 'partly'), (94999.99, 13, 13, 'open'), (0, 13, 13, 'open'), (0, 13, 14, 'broken'),
            (100000, 14, 14, 'broken'), (100000, 1, 1, 'kept'),
        ):
            promise = self._promise()
            fill([promise], [Receipt(self._day(day), amount)])
            with self.subTest(amount=amount, day=day, today=today):
                self.assertEqual(state(promise, self._day(today), 95), wanted)

    def test_the_oldest_is_filled_first(self):
        one, two = self._promise(1, 100, until=5), self._promise(2, 100, until=20)
        fill([one, two], [Receipt(self._day(4), 150)])
        self.assertEqual((one.in_time, two.in_time), (100, 50))
        # What comes after the last day of the first fills the next.
        fill([one, two], [Receipt(self._day(6), 100)])
        self.assertEqual((one.in_time, two.in_time), (0, 100))

    def test_money_set_against_an_instalment(self):
        one, two = self._promise(1, 100, instalments=frozenset({7})), self._promise(2, 100, instalments=frozenset({8}))
        fill([one, two], [Receipt(self._day(2), 60, 8), Receipt(self._day(3), 70)])
        self.assertEqual((one.in_time, two.in_time), (70, 60))
        fill([one, two], [Receipt(self._day(2), 60, 9)])
        self.assertEqual((one.in_time, two.in_time), (0, 0), "another instalment was paid")

    def test_within_the_days_of_cure(self):
        promise = self._promise(amount=100, until=5, cured=9)
        fill([promise], [Receipt(self._day(9), 60), Receipt(self._day(10), 40)])
        self.assertEqual((promise.in_time, promise.received), (0, 60))

    def test_what_is_credited_is_not_asked_for(self):
        promise = self._promise(amount=100, until=5)
        fill([promise], [Receipt(self._day(2), 57)])
        self.assertEqual(state(promise, self._day(6), 95, credited=40), 'kept')
        self.assertEqual(state(promise, self._day(6), 95, credited=39), 'partly')
        fill([promise], [])
        self.assertEqual(state(promise, self._day(6), 95, credited=100), 'kept')

    def test_random_promises_against_cent_by_cent(self):
        dice = random.Random(80)
        for number in range(200):
            promises = [
                self._promise(key, dice.randint(1, 30), made=dice.randint(1, 5), until=dice.randint(5, 20),
                              instalments=dice.choice((None, frozenset({1}), frozenset({1, 2})))) for key in range(3)
            ]
            receipts = [Receipt(self._day(day), dice.randint(1, 20), dice.choice((None, 1, 2))) for day in dice.sample(range(1, 25), 6)]
            fill(promises, receipts, 1)
            wanted = dict.fromkeys(range(3), 0)
            for receipt in sorted(receipts, key=lambda one: one.day):
                for _unit in range(receipt.amount):
                    for promise in promises:
                        fits = receipt.instalment is None or promise.instalments is None or receipt.instalment in promise.instalments
                        if fits and promise.made_on <= receipt.day <= promise.until and wanted[promise.key] < promise.amount:
                            wanted[promise.key] += 1
                            break
            with self.subTest(number=number):
                self.assertEqual({one.key: one.in_time for one in promises}, wanted)


class PromiseCommon(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Promise = cls.env['fulfilment.payment.promise']
        cls.clock = freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(hours=9))
        cls.startClassPatcher(cls.clock)

    def _promise(self, amount=100, days=10, partner=None, lines=None, **vals):
        return self.Promise.create({
            'partner_id': (partner or self.customer).id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id,
            'amount': amount, 'date_promised': TODAY + timedelta(days=days),
            **({'move_line_ids': [(6, 0, lines.ids)]} if lines else {}), **vals,
        })

    def _money(self, amount, days=0, partner=None):
        """Money on the account of a customer that nobody has matched yet."""
        return self._entry('bank', partner or self.customer, -amount, TODAY + timedelta(days=days))

    def _rows(self, partner=None, days=0):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env['fulfilment.instalment'].with_context(as_of=TODAY + timedelta(days=days)).search(
            [('partner_id', '=', (partner or self.customer).id)],
        )

    def _night(self, days):
        self.env.invalidate_all(flush=True)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, api.SUPERUSER_ID, {})[self.Promise._name]._cron_collection(as_of=TODAY + timedelta(days=days))
        self.env.invalidate_all()

    def assertState(self, promise, wanted, message=None):
        self.assertEqual(promise.state, wanted, message)

    def _commit(self):
        """What happens before a transaction is committed."""
        self.env.cr.flush()
        self.env.invalidate_all()


@tagged('post_install', '-at_install')
class TestPromise(PromiseCommon):

    def test_the_edges(self):
        for amount, day, nights, wanted in (
            (95, 13, (13,), 'kept'), (94.99, 13, (13, 14), 'partly'), (0, 0, (13,), 'open'), (0, 0, (13, 14), 'broken'),
            (100, 14, (14,), 'broken'),
        ):
            customer = self._make_customer(f'Edge {amount} {day}')
            promise = self._promise(partner=customer)
            if amount:
                self._money(amount, day, customer)
            for night in nights:
                self._night(night)
            with self.subTest(amount=amount, day=day):
                self.assertState(promise, wanted)
        self.assertEqual((promise.grace_days, promise.threshold), (3, 95.0))

    def test_broken_once(self):
        promise = self._promise()
        for night in (14, 14, 15):
            self._night(night)
        self.assertState(promise, 'broken')
        self.assertEqual(len(promise.activity_ids), 1)
        noted = self.env['fulfilment.event'].search([('model', '=', promise._name), ('res_id', '=', promise.id)])
        self.assertEqual(sorted(noted.mapped('kind')), ['payment.promise.broken', 'payment.promise.open'])

    def test_an_undone_payment_breaks_it_again(self):
        line = self._invoice(self.customer, 100, TODAY)
        promise = self._promise(lines=line)
        payment = self._pay(line, 100, TODAY)
        self._commit()
        self.assertState(promise, 'kept')
        self.assertEqual(promise.amount_received, 100)
        with freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(days=20, hours=9)):
            payment.move_id.button_draft()
            self._commit()
        self.assertState(promise, 'broken')
        self.assertTrue(self.env['fulfilment.event'].search([('res_id', '=', promise.id), ('kind', '=', 'payment.promise.broken')]))
        with freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(days=21, hours=9)):
            payment.move_id.action_post()
            self._commit()
        self.assertState(promise, 'kept', "not matched any more, but the money is there")
        self.assertFalse(promise.activity_ids)

    def _follow(self, promise, days):
        promise._follow_ledger(TODAY + timedelta(days=days))

    def test_two_promises_and_one_payment(self):
        one, two = self._promise(100, 5), self._promise(100, 20)
        self._money(150, 4)
        self._night(9)
        self.assertState(one, 'kept')
        self.assertState(two, 'open')
        self.assertEqual(two.amount_received, 50)
        self._night(24)
        self.assertState(two, 'partly')

    def test_money_from_before_does_not_count(self):
        self._money(100, -1)
        promise = self._promise()
        self._night(14)
        self.assertState(promise, 'broken')

    def test_another_company_currency_and_customer(self):
        second = self._make_company('Second Inc.', currency='base.USD')
        promise = self._promise()
        self._entry('bank', self.customer, -100, TODAY, company=second)
        self._entry('bank', self.customer, -100, TODAY, currency=self.env.ref('base.USD'))
        self._money(100, 1, self.other)
        contact = self.env['res.partner'].create({'name': 'Lin', 'parent_id': self.customer.id})
        self._night(14)
        self.assertState(promise, 'broken')
        self._money(100, 2, contact)
        self._follow(promise, 14)
        self.assertState(promise, 'kept', "what a contact pays is the customer's, and late entries of the bank count")

    def test_a_credit_note_settles_what_was_promised(self):
        line = self._invoice(self.customer, 100, TODAY)
        promise = self._promise(lines=line)
        credit = self._invoice(self.customer, 60, TODAY, day=TODAY, move_type='out_refund')
        (line | credit).reconcile()
        self._money(38, 3)
        self._night(14)
        self.assertState(promise, 'kept')
        self.assertEqual(promise.amount_received, 38)

    def test_dunning_rests_for_the_promised_amount_until_its_date(self):
        first, second = self._invoice(self.customer, 60, TODAY - timedelta(days=40)), self._invoice(self.customer, 100, TODAY)
        self._promise(100, 10)
        for days, wanted in ((0, {first: 60, second: 40}), (10, {first: 60, second: 40}), (11, {first: 0, second: 0}), (-1, {})):
            rows = {row.move_line_id: row for row in self._rows(days=days)}
            with self.subTest(days=days):
                for line, amount in wanted.items():
                    self.assertEqual(rows[line].amount_promised, amount)
                    self.assertEqual(rows[line].amount_dunnable, rows[line].amount_open - amount)
                self.assertTrue(all(row.amount_promised == 0 for line, row in rows.items() if line not in wanted))

    def test_negotiated_again_it_is_one_promise(self):
        self._invoice(self.customer, 100, TODAY)
        promise = self._promise(100, 10)
        promise.action_renegotiate(80, TODAY + timedelta(days=20), reason='Asked for it')
        self.assertEqual((promise.version, promise.amount, promise.made_on), (2, 80, TODAY))
        self.assertEqual(sum(self._rows(days=15).mapped('amount_promised')), 80)
        self._night(14)
        self.assertState(promise, 'open')
        self._night(24)
        self.assertState(promise, 'broken')
        noted = self.env['fulfilment.event'].search([('res_id', '=', promise.id), ('kind', '=', 'payment.promise.renegotiated')])
        self.assertEqual(noted.payload['before']['version'], 1)
        with self.assertRaises(UserError):
            promise.action_renegotiate(80, promise.date_promised)
        for vals in ({'amount': 5}, {'date_promised': TODAY}, {'threshold': 1}):
            with self.assertRaises(UserError):
                promise.with_user(self._credit()).write(vals)
        with self.assertRaises(AccessError):
            promise.with_user(self._credit()).write({'state': 'kept'})

    def _credit(self):
        if not hasattr(self, 'credit_user'):
            self.credit_user = self._make_role('p_credit', 'group_credit')
        return self.credit_user

    def test_cancelled(self):
        self._invoice(self.customer, 100, TODAY)
        promise = self._promise()
        self.assertEqual(promise.action_cancel()['res_model'], 'fulfilment.reason')
        promise.action_cancel(reason='By mistake')
        self.assertState(promise, 'cancelled')
        self.assertEqual(sum(self._rows().mapped('amount_promised')), 0)
        self._money(100, 1)
        self._night(14)
        self.assertState(promise, 'cancelled')
        with self.assertRaises(UserError):
            promise.action_cancel(reason='Again')
        with self.assertRaises(UserError):
            promise.unlink()

    def test_lines_of_somebody_else(self):
        line = self._invoice(self.other, 100, TODAY)
        with self.assertRaises(ValidationError):
            self._promise(lines=line)

    def test_typed(self):
        with Form(self.Promise.with_user(self._credit())) as form:
            form.partner_id = self.customer
            form.amount = 100
            form.date_promised = TODAY + timedelta(days=10)
        self.assertEqual((form.record.state, form.record.made_on), ('open', TODAY))


@tagged('post_install', '-at_install')
class TestPaymentPlan(PromiseCommon):

    def _plan(self, amount=300, number=3, **vals):
        plan = self.env['fulfilment.payment.plan'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'amount': amount,
            'number': number, 'date_first': TODAY + timedelta(days=10), 'interval': 'week', **vals,
        })
        plan.action_agree()
        return plan

    def test_it_adds_up_and_keeps_month_ends(self):
        plan = self._plan(100, 3)
        self.assertEqual(plan.promise_ids.sorted('date_promised').mapped('amount'), [33.33, 33.33, 33.34])
        plan = self._plan(300, 3, interval='month', date_first=date(2027, 12, 31))
        self.assertEqual(
            plan.promise_ids.sorted('date_promised').mapped('date_promised'), [date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29)],
        )
        with self.assertRaises(UserError):
            plan.with_user(self._make_role('pl_credit', 'group_credit')).write({'amount': 5})

    def test_kept_to_the_end(self):
        plan = self._plan()
        for day in (10, 17, 24):
            self._money(100, day)
        self._night(24)
        self.assertEqual(plan.promise_ids.mapped('state'), ['kept'] * 3)
        self.assertEqual((plan.state, plan.amount_received), ('done', 300))

    def test_missed_and_made_good(self):
        plan = self._plan()
        first = plan.promise_ids.sorted('date_promised')[0]
        self._night(14)
        self.assertEqual((first.state, plan.state), ('broken', 'running'))
        self._money(100, 20)  # its date, 3 days of grace and 7 of cure
        self._night(21)
        self.assertEqual((plan.state, first.amount_late), ('running', 100))

    def test_missed_makes_the_rest_due(self):
        self._invoice(self.customer, 300, TODAY - timedelta(days=5))
        plan = self._plan(interval='month')
        self.assertEqual(sum(self._rows(days=5).mapped('amount_promised')), 300)
        self._night(20)
        self.assertEqual(plan.state, 'running')
        self._night(21)
        self.assertEqual(plan.state, 'ended')
        self.assertEqual(sorted(plan.promise_ids.mapped('state')), ['broken', 'cancelled', 'cancelled'])
        self._night(21)
        self.assertEqual(len(plan.activity_ids), 1)
