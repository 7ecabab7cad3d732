"""Assessments: the quarterly round, changes of grade and their approval, external scores, scorecards in use, limits."""
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_assessment import AssessmentCommon
from .common_profile import TODAY


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestQuarter(AssessmentCommon):

    def assertAssessed(self, as_of, number):
        self._credit_cron(as_of)
        self.assertEqual(self.Assessment.search_count([('partner_id', '=', self.customer.id), ('occasion', '=', 'quarter')]), number, as_of)

    def test_once_a_quarter_and_customer(self):
        self._rate(85)
        self.assertAssessed(TODAY, 1)
        self.assertAssessed(TODAY, 1)
        self.assertAssessed(TODAY + timedelta(days=1), 1)
        self.assertAssessed(date(2026, 3, 31), 1)
        self.assertAssessed(date(2026, 4, 1), 2)
        self.assertAssessed(date(2026, 6, 30), 2)
        self.assertAssessed(date(2026, 7, 1), 3)
        # Whoever is new is assessed at once, on what the quarter still has.
        self._rate(85, self.other)
        self._credit_cron(date(2026, 7, 2))
        self.assertEqual(self.Assessment.search([('partner_id', '=', self.other.id)]).mapped('date'), [date(2026, 7, 2)])
        self.assertAssessed(date(2026, 7, 2), 3)

    def test_a_round_beside_this_one_finds_it_done(self):
        self._rate(85)
        for day, number in ((TODAY, 1), (TODAY, 0), (TODAY + timedelta(days=9), 0), (date(2026, 4, 1), 1)):
            made = self.Assessment._judge(self.company, day, [('partner_id', '=', self.customer.id)], 'quarter', None)
            self.assertEqual(len(made), number, day)

    def test_one_asked_for_does_not_stand_for_the_quarter(self):
        self._assess(85)
        self.assertAssessed(TODAY, 1)

    def test_quarters_of_the_fiscal_year(self):
        self.company.write({'fiscalyear_last_month': '5', 'fiscalyear_last_day': 31})
        self._rate(85)
        self.assertAssessed(TODAY, 1)
        self.assertAssessed(date(2026, 5, 31), 1)
        self.assertAssessed(date(2026, 6, 1), 2)
        self.assertEqual(self.Assessment._quarter(self.company, date(2026, 2, 28)), ('2025-12', date(2025, 12, 1)))

    def test_quarters_of_a_fiscal_year_that_ends_within_a_month(self):
        self.company.write({'fiscalyear_last_month': '4', 'fiscalyear_last_day': 14})
        for day, first in (
            (date(2026, 4, 15), date(2026, 4, 15)), (date(2026, 7, 10), date(2026, 4, 15)), (date(2026, 7, 15), date(2026, 7, 15)),
            (date(2027, 4, 14), date(2027, 1, 15)),
        ):
            self.assertEqual(self.Assessment._quarter(self.company, day)[1], first, day)

    def test_the_bad_customer_is_set_aside(self):
        self._rate(85)
        self._rate(85, self.other)
        Assessment, bad = type(self.Assessment), self._profile_of(self.other)
        judge = Assessment._judge

        def broken(assessments, company, day, only, occasion, note):
            if bad in self.Profile.with_env(assessments.env).search(only):
                raise ValueError('Broken judgement')
            return judge(assessments, company, day, only, occasion, note)

        self.patch(Assessment, '_judge', broken)
        with self.assertLogs('odoo.addons.fulfilment_crm', 'WARNING'):
            run = self._credit_cron()
        self.assertEqual(run.problem_ids.mapped(lambda one: (one.res_model, one.res_id)), [('fulfilment.profile', bad.id)])
        self.assertTrue(self._line().grade_id)
        self.assertFalse(self._line(self.other))

    def test_changes_found_by_the_round_go_into_approval(self):
        self._rate(85)
        self.assertAssessed(TODAY, 1)
        self._rate(35)
        self._credit_cron(date(2026, 4, 1))
        assessment = self.Assessment.search([('partner_id', '=', self.customer.id)], limit=1)
        self.assertEqual((assessment.state, assessment.change, assessment.approval_state), ('in_approval', 'down', 'pending'))
        self.assertFalse(self._credit_cron(date(2026, 4, 1)).counts)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestGradeChange(AssessmentCommon):

    def test_the_first_grade_is_in_effect_at_once(self):
        assessment = self._assess(82)
        self.assertRecordValues(assessment, [{
            'state': 'effective', 'change': 'first', 'approval_state': 'none', 'score': 85, 'effective_on': TODAY,
            'previous_grade_id': False,
        }])
        self.assertEqual(assessment.grade_id.code, 'AA')
        profile = self._profile_of(self.customer)
        self.assertEqual((self._line().grade_id.code, profile.credit_grade_id.code, profile.credit_score), ('AA', 'AA', 85))

    def test_unchanged_is_in_effect_at_once(self):
        self._assess(82)
        assessment = self._assess(88)
        self.assertRecordValues(assessment, [{'state': 'effective', 'change': 'same', 'approval_state': 'none'}])
        self.assertEqual(assessment.previous_grade_id, assessment.grade_id)

    def test_a_lower_grade_holds_at_once_and_passes_four_people(self):
        self._assess(82)
        assessment = self._assess(45)
        line = self._line()
        self.assertEqual((assessment.state, assessment.change, assessment.grade_id.code), ('in_approval', 'down', 'B'))
        self.assertEqual((line.grade_id.code, line.provisional_grade_id.code), ('AA', 'B'))
        self.assertEqual(line._effective_terms().code, 'B')
        self.assertEqual(assessment.approval_ids.sorted('sequence').mapped('name'), [
            'Sales request', 'Opinion of business management', 'Finance review', 'Managing director',
        ])
        everybody = self.chain
        stranger = self._make_sales_user('a_stranger')
        for place, person in enumerate(everybody):
            self.assertEqual((assessment.state, line.grade_id.code), ('in_approval', 'AA'))
            # A manager is a leader too, and may take that step, but then not the last one.
            for wrong in [one for one in [*everybody, stranger] if one != person and (place, one) != (1, self.manager)]:
                with self.assertRaises(UserError, msg=f'step {place}, {wrong.login}'), self.env.cr.savepoint():
                    assessment.with_user(wrong).action_approve()
            self._through(assessment, person)
        self.assertEqual((assessment.state, assessment.approval_state), ('effective', 'approved'))
        self.assertEqual((line.grade_id.code, line.provisional_grade_id.code), ('B', False))
        self.assertEqual(self._profile_of(self.customer).credit_grade_id.code, 'B')
        self.assertEqual(assessment.approval_ids.sorted('sequence').decided_by_id, self.env['res.users'].concat(*everybody))
        with self.assertRaises(UserError):
            assessment.with_user(self.manager).action_approve()

    def test_nobody_decides_twice(self):
        boss = self.manager
        boss.write({'group_ids': [Command.link(self.env.ref(f'fulfilment_crm.group_{name}').id) for name in ('user', 'leader', 'credit')]})
        self._assess(82)
        assessment = self._assess(45)
        self._through(assessment, self.seller, boss)
        with self.assertRaises(AccessError):
            self._through(assessment, boss)
        # Nobody else could take the last step.
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self._through(assessment, self.credit)
        director = self._make_user('a_director', 'group_manager')
        self._through(assessment, self.credit)
        with self.assertRaises(AccessError):
            self._through(assessment, boss)
        self._through(assessment, director)
        self.assertEqual(assessment.state, 'effective')

    def test_a_lower_grade_waits_where_the_company_wants_it_to(self):
        self.company.fulfilment_downgrade_at_once = False
        self._assess(82)
        self._assess(45)
        self.assertFalse(self._line().provisional_grade_id)

    def test_a_higher_grade_waits_for_the_last(self):
        self._assess(45)
        assessment = self._assess(95)
        line = self._line()
        self.assertEqual(assessment.change, 'up')
        self.assertFalse(line.provisional_grade_id)
        for person in self.chain:
            self.assertEqual(line.grade_id.code, 'B')
            self._through(assessment, person)
        self.assertEqual(line.grade_id.code, 'AAA')

    def test_rejected(self):
        self._assess(82)
        assessment = self._assess(45)
        self._through(assessment, self.seller)
        assessment.with_user(self.leader).action_reject(reason='The delay was ours')
        self.assertRecordValues(assessment, [{'state': 'refused', 'approval_state': 'rejected', 'refused_reason': 'The delay was ours'}])
        line = self._line()
        self.assertEqual((line.grade_id.code, line.provisional_grade_id.code), ('AA', False))
        with self.assertRaises(UserError):
            self._through(assessment, self.credit)

    def test_approval_switched_off(self):
        self.company.fulfilment_approval = False
        self._assess(82)
        assessment = self._assess(45)
        self.assertRecordValues(assessment, [{'state': 'effective', 'approval_state': 'approved', 'approval_by_chain': False}])
        self.assertEqual((self._line().grade_id.code, self._line().provisional_grade_id.code), ('B', False))

    def test_a_newer_change_replaces_one_in_approval(self):
        self._assess(82)
        first = self._assess(45)
        self._through(first, self.seller)
        second = self._assess(62)
        self.assertEqual((first.state, first.approval_state), ('refused', 'none'))
        self.assertIn('newer', first.refused_reason)
        self.assertFalse(first.approval_ids.filtered(lambda one: one.state in ('pending', 'waiting')))
        self.assertFalse(first.activity_ids)
        self.assertEqual((second.state, self._line().provisional_grade_id.code), ('in_approval', 'BBB'))
        self._through(second, *self.chain)
        self.assertEqual(self._line().grade_id.code, 'BBB')

    def test_a_newer_one_without_change_replaces_it_too(self):
        self._assess(82)
        first = self._assess(45)
        self.assertTrue(self._line().provisional_grade_id)
        second = self._assess(85)
        self.assertEqual((first.state, second.state, second.change), ('refused', 'effective', 'same'))
        self.assertFalse(self._line().provisional_grade_id)
        # The round does the same.
        third = self._assess(45)
        self._rate(85)
        self._credit_cron()
        self.assertEqual((third.state, self._line().provisional_grade_id.code), ('refused', False))

    def test_others_are_left_alone(self):
        self._assess(82)
        self._assess(82, self.other)
        waiting = self._assess(45)
        self._assess(45, self.other)
        self.assertEqual(waiting.state, 'in_approval')

    def test_grades_between_two_quarters(self):
        """The table of migrations groups by the grade before and the grade after."""
        partners = [self._make_customer(f'Customer {number}') for number in range(4)]
        for partner, scores in zip(partners, ((85, 85), (85, 45), (85, 95), (45, 45)), strict=True):
            self._assess(scores[0], partner)
            self._assess(scores[1], partner)
        rows = self.Assessment._read_group(
            [('partner_id', 'in', [partner.id for partner in partners]), ('change', '!=', 'first')], ['previous_grade_id', 'grade_id'],
            ['__count'],
        )
        self.assertEqual(
            sorted((before.code, after.code, number) for before, after, number in rows),
            [('AA', 'AA', 1), ('AA', 'AAA', 1), ('AA', 'B', 1), ('B', 'B', 1)],
        )

    def test_nothing_can_be_set_by_hand(self):
        assessment = self._assess(82)
        for vals in (
            {'grade_id': self._grade('AAA').id}, {'state': 'draft'}, {'inputs': {}}, {'score': 100}, {'approval_state': 'approved'},
        ):
            with self.assertRaises(AccessError, msg=vals), self.env.cr.savepoint():
                assessment.with_user(self.manager).write(vals)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._line().with_user(self.credit).grade_id = self._grade('AAA')


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestLimits(AssessmentCommon):

    def _give(self, code, kind, **vals):
        self._grade(code).write({'limit_kind': kind, 'limit_least': 0.0, **vals})

    def test_amount_share_and_none(self):
        self._invoice(self.customer, 1000, TODAY)
        self._give('AA', 'share', limit_share=12.5)
        self._give('B', 'fixed', limit_amount=777)
        self._give('AAA', 'none')
        self.company.fulfilment_approval = False
        for score, source, limit, shown in ((82, 'grade', 125, 125), (45, 'grade', 777, 777), (95, 'none', 0, None)):
            self._assess(score)
            line, profile = self._line(), self._profile_of(self.customer)
            self.assertEqual((line.limit_source, line.limit, profile.credit_limit), (source, limit, shown))
            self.assertEqual(profile.credit_used, shown and round(100 * 1000 / shown, 2))

    def test_a_share_follows_turnover_while_the_grade_stays(self):
        self._give('AA', 'share', limit_share=10)
        self._invoice(self.customer, 1000, TODAY)
        self._assess(82)
        self._invoice(self.customer, 500, TODAY)
        self._assess()
        self.assertEqual(self._line().limit, 150)

    def test_a_good_small_customer_can_order(self):
        self._give('AA', 'share', limit_share=10, limit_least=300.0)
        self._give('B', 'share', limit_share=10, limit_least=120.0)
        self._invoice(self.customer, 1000, TODAY)
        self._assess(82)
        profile = self._profile_of(self.customer)
        self.assertEqual((self._line().limit, profile.credit_limit), (300, 300))
        self._assess(45)  # proposed, and holds at once
        self.env['fulfilment.credit.line']._show_all(self.company)
        self.env.invalidate_all()
        self.assertEqual((self._line().limit_in_force, profile.credit_limit), (120, 120))
        self._invoice(self.customer, 9000, TODAY)
        self.company.fulfilment_approval = False
        self._assess(82)
        self.assertEqual(self._line().limit, 1000)

    def test_credit_notes_beyond_turnover_give_no_limit_below_zero(self):
        self._give('AA', 'share', limit_share=10)
        self._give('B', 'share', limit_share=10)
        self._invoice(self.customer, 1000, TODAY, move_type='out_refund')
        self._assess(82)
        self.assertEqual((self._line().limit, self._line().limit_source), (0, 'grade'))
        assessment = self._assess(45)
        self._through(assessment, *self.chain)
        self.assertEqual(self._line().limit, 0)

    def test_a_limit_set_by_hand_stays(self):
        self._give('AA', 'fixed', limit_amount=500)
        self._give('B', 'fixed', limit_amount=50)
        self._assess(82)
        self._line().with_user(self.credit).limit = 4321
        self.assertEqual(self._line().limit_source, 'manual')
        self.assertEqual(self._profile_of(self.customer).credit_limit, 4321)
        self._assess(84)
        self.assertEqual(self._line().limit, 4321)
        # Also one that was there before the first grade.
        self.env['fulfilment.credit.line']._of(self.other, self.company)[self.other].write({'limit_source': 'manual', 'limit': 66})
        self._assess(82, self.other)
        line = self._line(self.other)
        self.assertEqual((line.limit, line.limit_source, line.grade_id.code), (66, 'manual', 'AA'))
        self._through(self._assess(45), *self.chain)
        self.assertEqual((self._line().limit, self._line().limit_source, self._line().grade_id.code), (4321, 'manual', 'B'))
