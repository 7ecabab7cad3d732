"""Forecasts from the ledger: what is known on an evening, and what is shown to whom."""
import random
from bisect import bisect_left
from datetime import date, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.forecast.forecast_score import FulfilmentForecastScore
from ..models.forecast.forecaster import Forecaster
from ..tools.payment_forecast import Days, Run
from ..tools.shown_date import shown_date
from .common_forecast import DAY, ForecastCommon, back
from .common_queries import SameQueriesMixin


@tagged('post_install', '-at_install')
class TestForecast(SameQueriesMixin, ForecastCommon):

    # === ONE CUSTOMER === #

    def test_a_steady_customer(self):
        self._run()
        forecast = self._of(self.open)
        self.assertEqual(forecast.date_likely, DAY + timedelta(days=6))
        self.assertEqual(forecast.late_probability, 1.0, "it is late")
        self.assertEqual((forecast.paid_count, forecast.paid_late_count, forecast.amount), (8, 8, 1000.0))
        self.assertEqual(forecast.basis, 'paid late 8 of 8')
        self.assertLessEqual(forecast.date_low, forecast.date_likely)
        self.assertGreaterEqual(forecast.date_high, forecast.date_likely)
        self.assertEqual(forecast.as_of, DAY)
        shares = forecast.sudo().weeks
        self.assertEqual(len(shares), 13)
        self.assertLessEqual(sum(shares), 1.0001)

    def test_paid_in_parts_undone_and_credited(self):
        line = self._invoice(self.other, 300, back(30))
        first = self._pay(line, 100, back(20))
        self.assertEqual(self._expected(line).amount, 200.0)
        self.assertEqual(self._expected(line).paid, 1)
        first.remove_move_reconcile()
        self.assertEqual((self._expected(line).amount, self._expected(line).paid), (300.0, 0))
        credit = self._invoice(self.other, 300, back(10), move_type='out_refund')
        (line | credit).reconcile()
        self.settle()
        self.assertFalse(Forecaster(self.company, DAY).of(self.other.ids), "a credit settles it")
        next_one = self._invoice(self.other, 50, DAY)
        self.assertEqual(self._expected(next_one).paid, 0, "and is no payment")

    def test_a_contact_pays_for_its_company(self):
        contact = self.env['res.partner'].create({'name': 'Branch office', 'parent_id': self.customer.id})
        line = self._invoice(contact, 70, DAY + timedelta(days=6))
        self.assertEqual((self._expected(line).partner_id, self._expected(line).paid), (self.customer.id, 8))

    def test_nobody_has_paid_yet(self):
        line = self._invoice(self.other, 70, DAY + timedelta(days=6))
        self._run()
        self.assertIn('has not paid anything yet', self._of(line).basis)
        self.assertEqual(self._of(line).date_likely, DAY + timedelta(days=13), "as the others do")

    def test_a_customer_who_pays_in_runs(self):
        days = Days(back(800).toordinal(), (DAY + timedelta(days=400)).toordinal(), [
            day for day in range(back(800).toordinal(), (DAY + timedelta(days=400)).toordinal()) if (day - 1) % 7 < 5
        ])
        runs = days.of_run(Run('month', 25, False))
        for number in range(1, 15):
            due = back(23 * number)
            paid = date.fromordinal(runs[bisect_left(runs, due.toordinal())])
            if paid <= DAY:
                self._invoice(self.other, 80, due, paid_on=paid)
        line = self._invoice(self.other, 500, DAY + timedelta(days=3))
        self._run()
        forecast = self._of(line)
        self.assertEqual((forecast.run_kind, forecast.run_day), ('month', 25))
        self.assertEqual(forecast.date_likely, date(2026, 3, 25))
        self.assertIn('pays on day 25 of the month', forecast.basis)

    # === PROMISES AND DISPUTES === #

    def test_promised_and_disputed(self):
        before = self._expected(self.open).outlook
        promised_on = DAY + timedelta(days=40)
        promise = self.env['fulfilment.payment.promise'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'amount': 1000, 'date_promised': promised_on,
        })
        self.settle()
        promise.hold_ids.sudo().date_from = DAY
        promised = self._expected(self.open).outlook
        self.assertEqual(promised.by(promised_on.toordinal() - 1), 0.0)
        self.assertAlmostEqual(promised.by((promised_on).toordinal()), 0.5, 2, "nothing is known of how promises are kept")
        self.assertGreater(before.by(promised_on.toordinal() - 1), 0.8)
        self.assertGreater(self._expected(self.open, back(1)).outlook.by(promised_on.toordinal() - 1), 0.8, "not promised yet")
        promise.hold_ids.sudo().unlink()
        reason = self.env['fulfilment.dispute.reason'].search([], limit=1)
        dispute = self.env['fulfilment.dispute'].create({
            'move_id': self.open.move_id.id, 'reason_id': reason.id, 'amount': 400, 'date_answer_due': DAY + timedelta(days=30),
        })
        held = dispute.hold_ids
        held.sudo().date_from = DAY
        disputed = self._expected(self.open).outlook
        answer = (DAY + timedelta(days=30)).toordinal()
        self.assertAlmostEqual(disputed.by(answer), 0.6 * before.by(answer), 6)

    def test_kept_promises_count(self):
        def at(days):
            return freeze_time(fields.Datetime.to_datetime(back(days)) + timedelta(hours=9))
        with at(120):
            line = self._invoice(self.other, 200, back(130))
            promise = self.env['fulfilment.payment.promise'].create({
                'partner_id': self.other.id, 'company_id': self.company.id, 'amount': 200, 'date_promised': back(110),
            })
            self.settle()
        with at(112):
            self._pay(line, 200, back(112))
            self.settle()
        promise._follow_ledger(back(100))
        self.assertEqual(promise.state, 'kept')
        self.settle()
        forecaster = Forecaster(self.company, DAY)
        self.assertEqual(forecaster.kept_rate, 1.0)
        self.assertEqual(Forecaster(self.company, back(108)).kept_rate, 0.5, "its days of grace are not over")
        self.assertEqual(forecaster._kept_rate(0, 2), 0.5, "two broken of one's own against two of all")

    # === NOTHING LATER IS LOOKED AT === #

    def test_a_past_evening_stays_as_it_was(self):
        dice = random.Random(5)
        lines = [self._invoice(dice.choice((self.customer, self.other)), 100 + number, back(dice.randint(20, 200))) for number in range(24)]
        for line in lines[:12]:
            self._pay(line, line.balance * dice.choice((1.0, 0.5)), back(dice.randint(40, 60)))
        evening = back(30)

        def pictured():
            self.settle()
            forecaster = Forecaster(self.company, evening)
            return [
                (one.line_id, one.amount, one.mean_day, one.paid, one.run, list(one.outlook.points()))
                for one in forecaster.of([self.customer.id, self.other.id])
            ]
        before = pictured()
        self.assertGreater(len(before), 12)
        for line in lines:
            if not line.reconciled:
                self._pay(line, line.amount_residual, back(dice.randint(0, 29)))
        self._invoice(self.other, 999, DAY, day=back(3))
        self.assertEqual(pictured(), before, "to the bit")

    # === COMPANIES === #

    def test_branches_count_in_and_are_told_apart(self):
        branch = self._make_company('Branch', parent=self.company)
        for field, kind in (('property_account_receivable_id', 'asset_receivable'), ('property_account_payable_id', 'liability_payable')):
            self.env['ir.default'].set('res.partner', field, self._account(kind).id, company_id=branch.id)
        line = self._invoice(self.customer, 600, DAY - timedelta(days=1), day=back(40), company=branch)
        self._run()
        self.assertEqual((self._of(line).company_id, self._of(line).paid_count), (branch, 8))
        first = {row.company_id: row.amount for row in self.env['fulfilment.cash.forecast'].search([], order='week desc')}
        self.assertEqual(set(first), {self.company, branch})
        sums = {company: sum(self.env['fulfilment.cash.forecast'].search([('company_id', '=', company.id)]).mapped('amount'))
                for company in (self.company, branch)}
        self.assertAlmostEqual(sums[branch] / sums[self.company], 0.6, 3)

    def test_another_company_knows_nothing_of_it(self):
        elsewhere = self._make_company('Elsewhere', currency='base.USD')
        line = self._invoice(self.customer, 600, DAY - timedelta(days=1), day=back(40), company=elsewhere)
        self.assertEqual(self._expected(line).paid, 0)
        self._run()
        self.assertFalse(self._of(line), "switched off there")

    def test_a_foreign_invoice_counts_in_the_company_currency(self):
        dollar = self.env.ref('base.USD')
        dollar.active = True
        line = self._entry('general', self.customer, 500, back(40), currency=dollar, rate=2.0)
        self.assertEqual(self._expected(line).amount, 250.0)

    # === THE ROUND === #

    def test_weeks_are_the_sum_of_likelihoods(self):
        self._invoice(self.other, 400, DAY + timedelta(days=20))
        self._run()
        forecasts, weeks = self.Forecast.search([]), self.env['fulfilment.cash.forecast'].search([], order='week')
        self.assertEqual((len(forecasts), len(weeks)), (2, 13))
        self.assertEqual([row.week.weekday() for row in weeks], [0] * 13)
        self.assertEqual(weeks[0].week, date(2026, 3, 2))
        ends = [DAY.toordinal(), *((row.week + timedelta(days=6)).toordinal() for row in weeks)]
        for place, row in enumerate(weeks):
            expected = sum(one.amount * (one.outlook.by(ends[place + 1]) - one.outlook.by(ends[place])) for one in Forecaster(
                self.company, DAY).of([self.customer.id, self.other.id]))
            self.assertAlmostEqual(row.amount, expected, 0)
            self.assertLessEqual(row.amount_low, row.amount)
            self.assertGreaterEqual(row.amount_high, row.amount)
        action = weeks[1].action_open_forecasts()
        self.assertIn(self._of(self.open), self.Forecast.search(action['domain']))

    def test_twice_is_the_same_and_what_was_paid_goes(self):
        self._run()
        rows = self.Forecast.search_read([], ['date_likely', 'amount', 'move_name', 'late_probability'])
        weeks = self.env['fulfilment.cash.forecast'].search_read([], ['week', 'amount', 'amount_low'])
        for row in rows + weeks:
            row.pop('id')
        self._run()
        again = self.Forecast.search_read([], ['date_likely', 'amount', 'move_name', 'late_probability'])
        later = self.env['fulfilment.cash.forecast'].search_read([], ['week', 'amount', 'amount_low'])
        for row in again + later:
            row.pop('id')
        self.assertEqual((again, later), (rows, weeks))
        self._pay(self.open, 1000, DAY)
        self._run(DAY + timedelta(days=1))
        self.assertFalse(self.Forecast.search([('company_id', '=', self.company.id)]))

    def test_an_interrupted_run_goes_on_where_it_stopped(self):
        self._invoice(self.other, 400, DAY + timedelta(days=20))
        self._run()
        self._of(self.open).sudo().as_of = DAY - timedelta(days=1)
        seen = []
        slices = type(self.Forecast)._forecast_slice

        def noted(model, forecaster, rule, profiles):
            seen.extend(profiles.partner_id.ids)
            return slices(model, forecaster, rule, profiles)
        with patch.object(type(self.Forecast), '_forecast_slice', noted):
            self._run()
            self.assertEqual(seen, self.customer.ids)
            seen.clear()
            self._run()
        self.assertEqual(set(seen), {self.customer.id, self.other.id}, "all are done: all again")

    def test_one_bad_customer_is_set_aside(self):
        line = self._invoice(self.other, 400, DAY + timedelta(days=20))
        plain = Forecaster.of

        def broken(forecaster, partners):
            if self.customer.id in partners:
                raise ValueError("cannot be forecast")
            return plain(forecaster, partners)
        with patch.object(Forecaster, 'of', broken), patch.object(FulfilmentForecastScore, '_due', lambda *_arguments: []):
            self._run()
        self.assertTrue(self._of(line))
        problem = self.env['fulfilment.problem'].search([('action', '=', 'forecast'), ('state', '=', 'open')])
        self.assertEqual((problem.record_name, problem.message), (self.customer.name, "cannot be forecast"))
        self._run()
        self.assertEqual(problem.state, 'solved')

    def test_off_it_does_nothing(self):
        self.env['res.company'].search([]).fulfilment_forecast = False
        self.settle()
        self._cron(DAY)
        self.assertFalse(self.Forecast.search([]))
        effects = self.env['fulfilment.switch']._preview_forecast(self.company)
        self.assertEqual([(effect.count, effect.model) for effect in effects], [(1, 'res.partner')])

    def test_many_take_the_queries_of_one(self):
        forecaster = Forecaster(self.company, DAY)

        def prepare(number):
            customers = self.env['res.partner'].concat(*(self._make_customer(f'Payer {place}') for place in range(number)))
            for customer in customers:
                self._invoice(customer, 100, DAY)
            self.settle()
            self.Profile._refresh(customers, as_of=DAY, companies=self.company)
            return self.Profile.search([('partner_id', 'in', customers.ids), ('company_id', '=', self.company.id)])
        self.assert_same_queries(prepare, lambda profiles: self.Forecast._forecast_slice(forecaster, 'forecast', profiles))

    # === SHOWN TO WHOM === #

    def test_where_it_is_shown(self):
        seller, stranger = self._make_sales_user('fc_seller'), self._make_sales_user('fc_stranger')
        self.customer.user_id = seller
        self._run()
        profile = self.Profile.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)])
        told = f"overdue, likely paid by {shown_date(self.env, self._of(self.open).date_likely)}"
        self.assertIn(told, profile.with_user(seller).payment_outlook)
        mine = self.env['fulfilment.instalment'].with_user(seller).search([('move_name', '=', self.open.move_name)])
        self.assertEqual(mine.date_likely, self._of(self.open).date_likely)
        self.assertEqual(mine.forecast_basis, 'paid late 8 of 8')
        self.assertFalse(mine.with_context(as_of=fields.Date.to_string(DAY)).date_likely, "not of a past day")
        self.assertTrue(self.Forecast.with_user(seller).search([]))
        self.assertFalse(self.Forecast.with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self._of(self.open).with_user(stranger).read(['date_likely'])
        for role, may in (
            ('group_credit', True), ('group_manager', True), ('group_inspector', True), ('group_user', False), ('group_legal', False),
        ):
            user = self._make_role(f'fc_{role}', role)
            with self.subTest(role=role):
                self.assertEqual(self.env['fulfilment.cash.forecast'].with_user(user).has_access('read'), may)
                self.assertEqual(self.env['fulfilment.forecast.score'].with_user(user).has_access('read'), may)

    def test_on_the_start_page(self):
        credit = self._make_role('fc_credit', 'group_credit')
        start = self.env['fulfilment.start'].with_user(credit).with_company(self.company)
        empty = start._chart_cash()
        self.assertFalse(empty['labels'])
        self._run()
        chart = start._chart_cash()
        self.assertEqual((len(chart['labels']), chart['labels'][0]), (13, 'Mar 2'))
        self.assertEqual(len(chart['band']['low']), 13)
        self.env['res.lang']._activate_lang('zh_CN')
        self.assertEqual(start.with_context(lang='zh_CN')._chart_cash()['labels'][0], '3月2日')
        self.assertIn('Not judged yet', chart['note'])
        self.assertEqual(chart['series'][0]['values'], self.env['fulfilment.cash.forecast'].search([], order='week').mapped('amount'))
        self.assertIn('cash', [one['key'] for one in start._charts('credit')])
        start = self.env['fulfilment.start'].with_user(self._make_sales_user('fc_sales'))
        self.assertNotIn('cash', [one['key'] for one in start._charts('sales')])

    def test_merged_and_deleted(self):
        twin = self._make_customer('Twin')
        line = self._invoice(twin, 90, DAY + timedelta(days=6))
        self._run()
        self.env['base.partner.merge.automatic.wizard'].sudo()._merge([self.customer.id, twin.id], self.customer)
        self._run()
        self.assertEqual((self._of(line).partner_id, self._of(line).paid_count), (self.customer, 8))
        line.move_id.button_draft()
        line.move_id.unlink()
        self.settle()
        self.assertEqual(len(self.Forecast.search([])), 1)
