"""Scores and grades: the one statement against the calculation for one customer, edges, recomputation, what would raise a grade."""
import random
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.fulfilment_crm.tools import scoring

from .common_profile import TODAY, ProfileCommon

FIGURES = ('payment_index', 'on_time_payment_rate', 'overdue_days_open', 'overdue_days_max', 'relation_years', 'revenue_12m', 'altman_z')
WHOLE = frozenset({'overdue_days_open', 'overdue_days_max', 'relation_years'})


class ScoringCommon(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Assessment = cls.env['fulfilment.credit.assessment']
        cls.Scorecard = cls.env['fulfilment.scorecard']
        cls.Scorecard.search([]).state = 'retired'
        cls.scale = cls.env['fulfilment.credit.grade']._scale()

    @classmethod
    def _grade(cls, code):
        return cls.env['fulfilment.credit.grade'].search([('code', '=', code)])

    @classmethod
    def _scorecard(cls, *criteria, caps=('BBB', 'CCC'), state='active', **vals):
        """A scorecard of criteria ``(figure, weight, no_data, [(lower, points, grade forced or None), …])``."""
        return cls.Scorecard.create({
            'name': 'Test', 'state': state, 'cap_b_grade_id': cls._grade(caps[0]).id, 'cap_c_grade_id': cls._grade(caps[1]).id, **vals,
            'criterion_ids': [Command.create({
                'name': figure, 'figure': figure, 'weight': weight, 'no_data': no_data, 'band_ids': [Command.create({
                    'lower': lower, 'points': points, 'force_grade_id': cls._grade(force).id if force else False,
                }) for lower, points, force in bands],
            }) for figure, weight, no_data, bands in criteria],
        })

    @classmethod
    def _flat(cls, points, **vals):
        """A scorecard that gives everybody with a payment index these points."""
        return cls._scorecard(('payment_index', 10, 'skip', [(0, points, None)]), **vals)

    @classmethod
    def _profile(cls, **figures):
        return cls.env['fulfilment.profile'].sudo().create({
            'partner_id': cls._make_customer('Scored').id, 'company_id': cls.company.id, 'currency_id': cls.company.currency_id.id,
            **figures,
        })

    def _scores(self, scorecard):
        """The scores by statement: ``{profile id: row}``."""
        self.env.flush_all()
        self.env.cr.execute(scorecard._scores_sql(self.company))
        return {row['profile_id']: row for row in self.env.cr.dictfetchall()}

    def _judged(self, profile):
        """An assessment of a profile, on the figures it has."""
        return self.Assessment._judge(self.company, TODAY, [('id', '=', profile.id)], 'manual', None)

    def _random_criteria(self, dice):
        for figure in dice.sample(FIGURES, dice.randint(1, 5)):
            edges = sorted(dice.sample(range(-20, 120), dice.randint(1, 5)))
            yield (
                figure, dice.choice([0, 1, 5, 10, 33.33]) if dice.random() < 0.9 else 0.01, dice.choice(['skip', 'neutral', 'worst']),
                [(edge, dice.choice([0, 10, 25.5, 50, 70, 90, 90.01, 100]), dice.choice([None] * 6 + ['A', 'BB', 'C'])) for edge in edges],
            )

    def _random_figures(self, dice):
        figures = {name: dice.choice([None, 0, dice.randint(-25, 125)]) for name in FIGURES}
        for name in set(FIGURES) - WHOLE:
            if figures[name] is not None:
                figures[name] += dice.choice([0, 0, 0.01, -0.01, 0.5])
        return figures


@tagged('post_install', '-at_install')
class TestScoring(ScoringCommon):

    def test_one_statement_is_the_calculation_for_each(self):
        dice = random.Random(7)
        cases = [self._random_figures(dice) for _number in range(60)]
        profiles = [self._profile(**case) for case in cases]
        order = [code for code, _above in self.scale]
        compared = set()
        for number in range(40):
            scorecard = self._scorecard(
                *self._random_criteria(dice), state='draft', caps=(dice.choice(['BBB', 'AA', None]), dice.choice(['CCC', 'C', None])),
                overdue_days=dice.choice([0, 10, 30]), data_share=dice.choice([0, 0, 33.33, 50, 100]),
            )
            scores = self._scores(scorecard)
            for profile, case in zip(profiles, cases, strict=True):
                score, grade, caps = scoring.grade_of(
                    scorecard._criteria(), case, self.scale, scorecard._caps(), scorecard.overdue_days, scorecard.data_share,
                )
                row = scores.get(profile.id)
                found = row and (float(row['score']), self.env['fulfilment.credit.grade'].browse(row['grade_id']).code)
                with self.subTest(scorecard=number, case=case):
                    self.assertEqual(found, None if score is None else (score, grade))
                    if row:
                        self.assertEqual(row['overdue_class'], scoring.overdue_class(case['overdue_days_max'], scorecard.overdue_days))
                        by_score = self.env['fulfilment.credit.grade'].browse(row['score_grade_id']).code
                        self.assertEqual(by_score != grade, bool(caps))
                        compared.add(order.index(grade))
                    else:
                        compared.add(None)
        self.assertEqual(compared, {*range(9), None})

    def test_too_little_data_is_no_grade(self):
        for weights, least, graded in (((50, 50), 50, True), ((49.99, 50.01), 50, False), ((1, 99), 0, True), ((1, 99), 1.01, False)):
            scorecard = self._scorecard(
                ('payment_index', weights[0], 'skip', [(0, 90, None)]), ('altman_z', weights[1], 'neutral', [(0, 90, None)]),
                state='draft', data_share=least,
            )
            profile = self._profile(payment_index=80)
            with self.subTest(weights=weights, least=least):
                self.assertEqual(profile.id in self._scores(scorecard), graded)

    def test_a_new_customer_is_not_graded_and_told_why(self):
        self.Scorecard.search([]).state = 'retired'
        self.env.ref('fulfilment_crm.scorecard_standard').state = 'active'
        new = self._make_customer('New')
        self._order(new, 100.0, TODAY)
        self.env['fulfilment.profile']._refresh(new, companies=self.company)
        profile = self.env['fulfilment.profile'].search([('partner_id', '=', new.id), ('company_id', '=', self.company.id)])
        with self.assertRaisesRegex(UserError, 'New is not graded.*50 % are needed'):
            profile.action_assess()
        self.assertFalse(profile.credit_grade_id)
        self.assertFalse(self.env['fulfilment.credit.assessment'].search([('partner_id', '=', new.id)]))
        for days in range(20, 140, 20):
            self._invoice(new, 100.0, TODAY - timedelta(days=days), paid_on=TODAY - timedelta(days=days + 1))
        profile.action_assess()
        self.assertTrue(profile.credit_grade_id)
        self.Scorecard.search([]).state = 'retired'
        with self.assertRaisesRegex(UserError, 'no scorecard'):
            self._profile().action_assess()

    def test_the_edges_of_grades(self):
        profile = self._profile(payment_index=80)
        for points, code in (
            (90.01, 'AAA'), (90, 'AA'), (80.01, 'AA'), (80, 'A'), (70, 'BBB'), (60, 'BB'), (50, 'B'), (40, 'CCC'), (30, 'CC'),
            (20.01, 'CC'),
            (20, 'C'), (0, 'C'), (100, 'AAA'),
        ):
            row = self._scores(self._flat(points, state='draft'))[profile.id]
            self.assertEqual(self.env['fulfilment.credit.grade'].browse(row['grade_id']).code, code, points)

    def test_scores_are_rounded_before_grading(self):
        # (90 × 2 + 90.01) ÷ 3 = 90.0033 → 90.00 → AA; (90 + 90.01 × 2) ÷ 3 = 90.0067 → 90.01 → AAA.
        profile = self._profile(payment_index=80, relation_years=1)
        for weights, code in (((2, 1), 'AA'), ((1, 2), 'AAA')):
            scorecard = self._scorecard(
                ('payment_index', weights[0], 'skip', [(0, 90, None)]), ('relation_years', weights[1], 'skip', [(0, 90.01, None)]),
                state='draft',
            )
            self.assertEqual(self.env['fulfilment.credit.grade'].browse(self._scores(scorecard)[profile.id]['grade_id']).code, code)

    def test_overdue_classes_cap(self):
        scorecard = self._flat(100)
        for days, overdue_class, code in (
            (None, None, 'AAA'), (0, 'A', 'AAA'), (1, 'B', 'BBB'), (30, 'B', 'BBB'), (31, 'C', 'CCC'), (400, 'C', 'CCC'),
        ):
            profile = self._profile(payment_index=80, overdue_days_max=days)
            row = self._scores(scorecard)[profile.id]
            found = (row['overdue_class'], self.env['fulfilment.credit.grade'].browse(row['grade_id']).code)
            self.assertEqual(found, (overdue_class, code), days)
            self.assertEqual(self.env['fulfilment.credit.grade'].browse(row['score_grade_id']).code, 'AAA')

    def test_a_cap_makes_nobody_better(self):
        scorecard = self._flat(10)
        profile = self._profile(payment_index=80, overdue_days_max=31)
        self.assertEqual(self._scores(scorecard)[profile.id]['grade_id'], self._grade('C').id)

    def test_bands_begin_where_they_say(self):
        scorecard = self._scorecard(('payment_index', 1, 'skip', [(20, 10, None), (50, 45, None), (80, 95, None)]))
        for value, points in ((-5, 10), (0, 10), (20, 10), (49.99, 10), (50, 45), (79.99, 45), (80, 95), (1000, 95)):
            profile = self._profile(payment_index=value)
            self.assertEqual(float(self._scores(scorecard)[profile.id]['score']), points, value)

    def test_without_data(self):
        bands = [(0, 20, 'C'), (50, 100, None)]
        profile = self._profile(payment_index=60)
        for no_data, score in (('skip', 100), ('neutral', 75), ('worst', 60)):
            scorecard = self._scorecard(('payment_index', 10, 'skip', bands), ('altman_z', 10, no_data, bands))
            row = self._scores(scorecard)[profile.id]
            self.assertEqual(float(row['score']), score)
            # What is not known forces no grade.
            self.assertNotEqual(row['grade_id'], self._grade('C').id)
            scorecard.state = 'retired'
        nothing = self._profile(payment_index=None)
        self.assertNotIn(nothing.id, self._scores(self._flat(90)))

    def test_the_first_scorecard_that_fits_serves(self):
        self._flat(95, sequence=20)
        self._flat(15, sequence=10, domain="[('revenue_12m', '>=', 1000)]")
        self._flat(1, sequence=1, state='draft')
        self._flat(1, sequence=1, company_id=self._make_company('Second Inc.').id)
        big, small, unknown = (self._profile(payment_index=80, revenue_12m=amount) for amount in (1000, 999.99, None))
        for profile, code in ((big, 'C'), (small, 'AAA'), (unknown, 'AAA')):
            self.assertEqual(self._judged(profile).grade_id.code, code)

    def test_altman_known_answer(self):
        self.assertAlmostEqual(scoring.altman_z(200, 150, 120, 400, 500, 1100, 900), 2.2705, 4)
        self.assertIsNone(scoring.altman_z(200, 150, 120, 400, 0, 1100, 900))
        statement = self.env['fulfilment.financial.statement'].create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'date': TODAY - timedelta(days=60), 'current_assets': 300,
            'assets': 900,
            'current_liabilities': 100, 'liabilities': 500, 'equity': 400, 'retained_earnings': 150, 'sales': 1100, 'ebit': 120,
            'operating_cash_flow': 50,
        })
        profile = self.profile(self.customer)
        self.assertEqual((profile.altman_z, profile.debt_ratio, profile.current_ratio, profile.cash_flow_ratio), (2.2705, 55.56, 3, 0.5))
        self.assertEqual((profile.statement_id, profile.statement_audited), (statement.id, 0))
        # The latest up to the day counts; without liabilities there is no Z.
        statement.copy({'date': TODAY, 'liabilities': 0, 'current_liabilities': 0, 'audited': True})
        self.assertFigures(self.customer, altman_z=None, debt_ratio=0, current_ratio=None, statement_audited=1)
        self._invoice(self.other, 100.0, TODAY)
        self.assertFigures(self.other, statement_audited=None)
        self.assertFigures(self.customer, TODAY - timedelta(days=1), altman_z=2.27)

    def test_an_audited_statement_can_count_for_more(self):
        """A scorecard may ask for it as for any figure."""
        self._flat(60, sequence=5)
        self._flat(90, sequence=1, domain="[('statement_audited', '=', 1)]")
        audited, plain, without = (
            self._profile(payment_index=50, **figures) for figures in ({'statement_audited': 1}, {'statement_audited': 0}, {})
        )
        self.assertEqual([self._judged(one).score for one in (audited, plain, without)], [90, 60, 60])


@tagged('post_install', '-at_install')
class TestExplanation(ScoringCommon):

    def test_recomputed_from_what_was_stored(self):
        dice = random.Random(3)
        for _number in range(25):
            scorecard = self._scorecard(*self._random_criteria(dice))
            profile = self._profile(**self._random_figures(dice))
            assessment = self._judged(profile)
            profile.write(dict.fromkeys(FIGURES))
            if assessment:
                score, grade, caps = assessment._stored_calculation()
                self.assertEqual((score, grade), (assessment.score, assessment.grade_id.code))
                self.assertEqual(bool(caps), assessment.grade_id != assessment.score_grade_id)
                self.assertTrue(assessment.explanation)
                self.assertTrue(assessment.improvement)
            scorecard.state = 'retired'

    def test_the_ledger_changes_and_the_grade_can_still_be_told(self):
        self._scorecard(
            ('on_time_payment_rate', 10, 'skip', [(0, 20, None), (100, 95, None)]), ('relation_years', 5, 'skip', [(0, 60, None)]),
        )
        line = self._invoice(self.customer, 100, TODAY - timedelta(days=40), paid_on=TODAY - timedelta(days=40))
        assessment = self.Assessment._assess(self.customer, as_of=TODAY, companies=self.company)
        self.assertEqual((assessment.score, assessment.grade_id.code), (83.33, 'AA'))
        line.remove_move_reconcile()
        self.assertFigures(self.customer, on_time_payment_rate=0)
        self.assertEqual(assessment._stored_calculation(), (83.33, 'AA', []))
        self.assertEqual(assessment.inputs['profile'], assessment.profile_id.id)
        self.assertIn('95', assessment.explanation)

    def test_a_grade_that_is_out_of_use_still_explains(self):
        scorecard = self._scorecard(('payment_index', 10, 'skip', [(0, 100, 'BB')]))
        assessment = self._judged(self._profile(payment_index=5, overdue_days_max=3))
        self.assertEqual(assessment.grade_id.code, 'BB')
        (self._grade('BB') | scorecard.cap_b_grade_id).active = False
        self.env.invalidate_all()
        self.assertTrue(assessment.explanation)

    def test_caps_and_vetoes_are_named(self):
        self._scorecard(('payment_index', 10, 'skip', [(0, 100, 'CC'), (50, 100, None)]))
        assessment = self._judged(self._profile(payment_index=5, overdue_days_max=3))
        self.assertIn('allows BBB at most', assessment.explanation)
        self.assertIn('allows CC at most', assessment.explanation)
        self.assertIn('with Payment index at 50', assessment.improvement.lower().replace('payment index', 'Payment index'))

    def test_the_smallest_change_raises_and_is_the_smallest(self):
        """Against every value of every figure, in steps finer than the bands."""
        dice = random.Random(5)
        order = [code for code, _above in self.scale]
        found = 0
        for number in range(120):
            criteria = [{
                'figure': figure, 'weight': weight, 'no_data': no_data,
                'bands': [(None, *bands[0][1:]), *bands[1:]],
            } for figure, weight, no_data, bands in self._random_criteria(dice)]
            values, caps, limit = self._random_figures(dice), {'B': 'BBB', 'C': 'CCC'}, dice.choice([0, 10, 30])
            _score, grade, _caps = scoring.grade_of(criteria, values, self.scale, caps, limit)
            change = scoring.smallest_change(criteria, values, self.scale, caps, limit, WHOLE)
            if grade is None:
                self.assertIsNone(change)
                continue
            best = None
            for figure in {criterion['figure'] for criterion in criteria} | {'overdue_days_max'}:
                edges = {lower for one in criteria if one['figure'] == figure for lower, _p, _f in one['bands'] if lower is not None}
                if figure == 'overdue_days_max':
                    edges |= {1, limit + 1}
                now = values[figure]
                for half in range(-60, 260):
                    value = half / 2
                    if figure in WHOLE and value != int(value):
                        continue
                    crossed = sum(value >= edge for edge in edges) - (sum(now >= edge for edge in edges) if now is not None else -1)
                    _s, better, _c = scoring.grade_of(criteria, {**values, figure: value}, self.scale, caps, limit)
                    if order.index(better) < order.index(grade):
                        best = min(abs(crossed), best) if best is not None else abs(crossed)
            with self.subTest(number=number):
                self.assertEqual(change and change[3], best)
                if change:
                    figure, value, code, _crossed = change
                    _s, after, _c = scoring.grade_of(criteria, {**values, figure: value}, self.scale, caps, limit)
                    self.assertEqual(after, code)
                    self.assertLess(order.index(after), order.index(grade))
                    self.assertTrue(figure not in WHOLE or value == int(value))
                    found += 1
        self.assertGreater(found, 50)

    def test_applied_to_the_profile_it_raises_the_grade(self):
        dice = random.Random(9)
        raised = 0
        for _number in range(20):
            scorecard = self._scorecard(*self._random_criteria(dice))
            profile = self._profile(**self._random_figures(dice))
            assessment = self._judged(profile)
            change = assessment and assessment._smallest_change()
            if change:
                profile[change[0]] = change[1]
                after = self._judged(profile)
                self.assertEqual(after.grade_id.code, change[2])
                self.assertTrue(assessment.grade_id._is_worse_than(after.grade_id))
                raised += 1
            scorecard.state = 'retired'
        self.assertGreater(raised, 5)

    def test_bounds_between_whole_numbers(self):
        criteria = [{'figure': 'relation_years', 'weight': 1, 'no_data': 'skip', 'bands': [(None, 10, None), (1.5, 95, None)]}]
        self.assertEqual(
            scoring.smallest_change(criteria, {'relation_years': 0}, self.scale, {}, 30, WHOLE)[:3], ('relation_years', 2, 'AAA'),
        )
