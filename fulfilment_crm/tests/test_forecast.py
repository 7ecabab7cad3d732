"""Forecasts from the ledger: what is known on an evening, what is shown to whom, and what it was worth."""
import random
from bisect import bisect_left
from collections import Counter
from datetime import date, timedelta
from statistics import median
from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.forecast.forecast_score import FulfilmentForecastScore
from ..models.forecast.forecaster import Forecaster
from ..tools.payment_forecast import Days, Run
from .common_profile import ProfileCommon
from .common_queries import SameQueriesMixin

DAY = date(2026, 3, 4)  # a Wednesday


def back(days):
    return DAY - timedelta(days=days)


@tagged('post_install', '-at_install')
class TestForecast(SameQueriesMixin, ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Forecast = cls.env['fulfilment.payment.forecast']
        # The due days lie on Tuesdays to Thursdays, so that days off do not matter.
        for number in range(1, 9):
            due = back(21 * number + number % 3 - 1)
            cls._invoice(cls.customer, 100, due, paid_on=due + timedelta(days=7))
        cls.open = cls._invoice(cls.customer, 1000, DAY - timedelta(days=1), day=back(40))

    def settle(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def _run(self, day=DAY, company=None):
        company = company or self.company
        self.settle()
        self.Profile._refresh(companies=company.root_id, as_of=day)
        others = self.env['res.company'].search([('fulfilment_forecast', '=', True)]) - company.root_id
        others.fulfilment_forecast = False
        company.root_id.fulfilment_forecast = True
        self._cron(day)

    def _cron(self, day):
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})['fulfilment.payment.forecast']._cron_forecast(as_of=day)
        self.settle()

    def _of(self, line):
        return self.Forecast.search([('move_line_id', '=', line.id)])

    def _expected(self, line, day=DAY):
        self.settle()
        forecaster = Forecaster(line.company_id.root_id, day)
        [found] = [one for one in forecaster.of(line.partner_id.commercial_partner_id.ids) if one.line_id == line.id]
        return found

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

    # === WHAT IT WAS WORTH === #

    def _past_world(self, number=3):
        """Customers who each take a time of their own, over a year and a half."""
        customers = [self._make_customer(f'Past {place}') for place in range(number)]
        for place, customer in enumerate(customers):
            for step in range(20):
                due = back(540 - 28 * step)
                paid = due + timedelta(days=8 * place)
                self._invoice(customer, 100 + place, due, paid_on=paid if paid <= DAY else None)
        return customers

    def test_the_back_test_against_a_slow_calculation(self):
        customers = self._past_world()
        self.settle()
        [(company, scores)] = self.Forecast._backtest(self.company, months=3, as_of=DAY).items()
        self.assertEqual(company, self.company)
        self.assertEqual([score['month'] for score in scores], [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)])
        score = scores[0]
        evening, forecaster = score['month'], Forecaster(self.company, score['month'])
        sundays = [day for day in (date(2026, 1, 4) + timedelta(days=7 * week) for week in range(13)) if day <= DAY]
        errors, off, in_span = {rule: [] for rule in ('forecast', 'mean', 'due')}, Counter(), 0
        weeks = {rule: Counter() for rule in ('forecast', 'mean', 'due', 'came')}
        expected = {one.line_id: one for one in forecaster.of([*(one.id for one in customers), self.customer.id])}
        lines = self.env['account.move.line'].search([
            ('account_id.account_type', '=', 'asset_receivable'), ('move_id.move_type', '=', 'out_invoice'),
            ('company_id', '=', self.company.id), ('date', '<=', evening),
        ])
        for line in lines:
            payments = [(part.max_date, part.amount) for part in line.matched_credit_ids]
            if sum(amount for day, amount in payments if day <= evening) >= line.balance:
                self.assertNotIn(line.id, expected)
                continue
            one = expected[line.id]
            for day, amount in payments:
                place = next((place for place, end in enumerate(sundays) if day <= end), None)
                if day > evening and place is not None:
                    weeks['came'][place] += amount
            told = {'forecast': one.outlook.quantile(0.5), 'mean': one.mean_day, 'due': one.due_day}
            for rule, day in told.items():
                if line.reconciled:
                    errors[rule].append(abs(day - max(paid for paid, _amount in payments).toordinal()))
                place = next((place for place, end in enumerate(sundays) if day <= end.toordinal()), None)
                if rule != 'forecast' and place is not None:
                    weeks[rule][place] += one.amount
            if line.reconciled:
                day = max(paid for paid, _amount in payments).toordinal()
                in_span += one.outlook.quantile(0.1) <= day <= one.outlook.quantile(0.9)
            for place, end in enumerate(sundays):
                weeks['forecast'][place] += one.amount * (
                    one.outlook.by(end.toordinal()) - one.outlook.by((end - timedelta(days=7)).toordinal())
                )
        for rule in errors:
            off[rule] = sum(abs(weeks[rule][place] - weeks['came'][place]) for place in range(len(sundays)))
            self.assertAlmostEqual(score[f'off_{rule}'], off[rule], 6, rule)
            # The lower of the two in the middle.
            self.assertEqual(score[f'days_{rule}'], sorted(errors[rule])[(len(errors[rule]) - 1) // 2], rule)
        self.assertEqual((score['number'], score['in_span']), (len(errors['forecast']), in_span))
        self.assertAlmostEqual(score['amount_came'], sum(weeks['came'].values()), 6)
        self.assertLessEqual(median(errors['forecast']), median(errors['due']))

    def test_scores_are_kept_once_a_month(self):
        self._past_world(2)
        self._run()
        scores = self.env['fulfilment.forecast.score']
        mine = scores.search([('company_id', '=', self.company.id)])
        self.assertEqual(len(mine), 12)
        self.assertEqual(max(mine.mapped('month')), date(2026, 2, 28))
        written = {score.month: score.scored_on for score in mine}
        self._run(DAY + timedelta(days=1))
        self.assertEqual({score.month: score.scored_on for score in mine}, written)
        self._run(date(2026, 4, 2))
        mine = scores.search([('company_id', '=', self.company.id)])
        self.assertEqual(len(mine), 13)
        again = [score.month for score in mine.sorted('month') if score.scored_on == date(2026, 4, 2)]
        self.assertEqual(again, [date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)])

    def _score(self, forecast, mean, due, number=40, month='2026-02-28'):
        return self.env['fulfilment.forecast.score'].sudo().create({
            'company_id': self.company.id, 'month': month, 'scored_on': DAY, 'number': number, 'amount_came': 100.0,
            **{f'days_{rule}': days for rule, (days, _off) in zip(('forecast', 'mean', 'due'), (forecast, mean, due), strict=True)},
            **{f'off_{rule}': off for rule, (_days, off) in zip(('forecast', 'mean', 'due'), (forecast, mean, due), strict=True)},
        })

    def test_given_up_where_a_simple_rule_is_as_good(self):
        scores = self.env['fulfilment.forecast.score']
        for forecast, mean, due, rule in (
            ((3, 10), (7, 30), (14, 80), 'forecast'), ((7, 30), (7, 30), (14, 80), 'mean'), ((7, 30), (7, 31), (14, 80), 'forecast'),
            ((8, 29), (7, 30), (14, 80), 'forecast'), ((20, 90), (19, 60), (14, 80), 'mean'), ((5, 9), (7, 30), (4, 8), 'due'),
        ):
            score = self._score(forecast, mean, due)
            with self.subTest(forecast=forecast, mean=mean, due=due):
                self.assertEqual(scores._verdict(self.company)['rule'], rule)
            score.unlink()
        few = self._score((9, 90), (7, 30), (14, 80), number=29)
        self.assertEqual((scores._verdict(self.company)['rule'], scores._verdict(self.company)['is_judged']), ('forecast', False))
        self.assertIn('29', scores._verdict_text(self.company))
        few.number = 30
        self.assertEqual(scores._verdict(self.company)['rule'], 'mean')
        self.assertIn('Mean delay of the customer', scores._verdict_text(self.company))

    def test_told_by_the_simple_rule(self):
        self._score((9, 90), (7, 30), (14, 80))
        with patch.object(FulfilmentForecastScore, '_due', lambda *_arguments: []):
            self._run()
        forecast = self._of(self.open)
        self.assertEqual((forecast.rule, forecast.date_likely), ('mean', DAY + timedelta(days=6)))
        self.assertEqual(forecast.basis, 'paid late 8 of 8; by the mean delay')
        self.assertFalse(forecast.date_low or forecast.date_high or forecast.late_probability)
        week = self.env['fulfilment.cash.forecast'].search([('amount', '>', 0)])
        self.assertEqual((week.week, week.amount, week.rule), (date(2026, 3, 9), 1000.0, 'mean'))
        self.assertFalse(week.amount_low or week.amount_high)

    # === SHOWN TO WHOM === #

    def test_where_it_is_shown(self):
        seller, stranger = self._make_sales_user('fc_seller'), self._make_sales_user('fc_stranger')
        self.customer.user_id = seller
        self._run()
        profile = self.Profile.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)])
        told = f"overdue, likely paid by {fields.Date.to_date(self._of(self.open).date_likely):%m/%d/%Y}"
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
