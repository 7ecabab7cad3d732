"""What forecasts were worth: the back-test against a slow calculation, and the rule that tells dates."""
from collections import Counter
from datetime import date, timedelta
from statistics import median
from unittest.mock import patch

from odoo.tests import tagged

from ..models.forecast.forecast_score import FulfilmentForecastScore
from ..models.forecast.forecaster import Forecaster
from .common_forecast import DAY, ForecastCommon, back


@tagged('post_install', '-at_install')
class TestForecastScore(ForecastCommon):

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
