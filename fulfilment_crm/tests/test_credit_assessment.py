"""Assessments: the quarterly round, changes of grade and their approval, outside scores, scorecards in use, limits."""
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_profile import TODAY
from .test_credit_scoring import ScoringCommon
from .test_profile_cron import CronCommon


class AssessmentCommon(ScoringCommon, CronCommon):
    """One criterion: the outside score is the score, in bands of ten."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.scorecard = cls._scorecard(('external_score', 10, 'skip', [(lower, lower + 5, None) for lower in range(0, 100, 10)]))
        cls.company.fulfilment_score_fall = 101  # events are not what most tests are about
        cls.seller = cls._make_user('a_sales', 'group_user', 'sales_team.group_sale_salesman')
        cls.leader = cls._make_user('a_leader', 'group_leader')
        cls.credit = cls._make_user('a_credit', 'group_credit')
        cls.manager = cls._make_user('a_manager', 'group_manager')
        cls.customer.user_id = cls.seller
        cls.Score = cls.env['fulfilment.external.score']
        cls.score_day = TODAY - timedelta(days=300)

    @classmethod
    def _make_user(cls, login, group, *others):
        return new_test_user(
            cls.env, login, groups=','.join(['base.group_user', f'fulfilment_crm.{group}', *others]), company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def _rate(cls, score, partner=None, day=None):
        """A newer outside score, and figures that show it."""
        partner = partner or cls.customer
        cls.score_day += timedelta(days=1)
        cls.Score.create({
            'partner_id': partner.id, 'company_id': cls.company.id, 'source': 'Agency', 'score': score, 'date': day or cls.score_day,
        })
        cls.env['fulfilment.profile']._refresh(partner, as_of=TODAY, companies=cls.company)

    def _assess(self, score=None, partner=None, **kwargs):
        if score is not None:
            self._rate(score, partner)
        return self.Assessment._assess(partner or self.customer, as_of=TODAY, companies=self.company, **kwargs)

    def _line(self, partner=None):
        return self.env['fulfilment.credit.line'].search(
            [('partner_id', '=', (partner or self.customer).id), ('company_id', '=', self.company.id)],
        )

    def _credit_cron(self, as_of=TODAY):
        return self.run_cron(as_of, 'fulfilment.credit.assessment', '_cron_credit')

    def _through(self, assessment, *people):
        for person in people:
            assessment.with_user(person).action_approve()

    @property
    def chain(self):
        return [self.seller, self.leader, self.credit, self.manager]


@tagged('post_install', '-at_install')
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


@tagged('post_install', '-at_install')
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


@tagged('post_install', '-at_install')
class TestLimits(AssessmentCommon):

    def _give(self, code, kind, **vals):
        self._grade(code).write({'limit_kind': kind, **vals})

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


@tagged('post_install', '-at_install')
class TestOutsideScores(AssessmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.fulfilment_score_fall = 10

    def _events(self):
        return self.Assessment.search([('partner_id', '=', self.customer.id), ('occasion', '=', 'event')])

    def _score(self, score, day, source='Agency', **vals):
        return self.Score.create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'source': source, 'score': score, 'date': day, **vals,
        })

    def test_a_fall_by_the_threshold_warns(self):
        for before, after in ((80.0, 70.0), (20.4, 10.4), (90.3, 80.3)):
            self._score(before, date(2026, 1, 1), source=f'Agency {before}')
            number = len(self._events())
            fallen = self._score(after, date(2026, 1, 2), source=f'Agency {before}')
            self.assertEqual((fallen.previous_score, round(fallen.fall, 2)), (before, 10))
            self.assertEqual(len(self._events()), number + 1, (before, after))
        self.assertIn('fell', self._events()[0].occasion_note)
        self.assertEqual(self.customer.activity_ids.user_id, self.seller)
        self.assertEqual(len(self.customer.activity_ids), 3)

    def test_below_the_threshold_nothing_happens(self):
        self._score(80, date(2026, 1, 1))
        self._score(70.01, date(2026, 1, 2))
        self._score(75, date(2026, 1, 3))
        self._score(20, date(2026, 1, 3), source='Bank')
        self.assertFalse(self._events())
        self.assertFalse(self.customer.activity_ids)

    def test_told_once(self):
        self._score(80, date(2026, 1, 1))
        fallen = self._score(60, date(2026, 1, 2))
        self.assertTrue(fallen.told)
        fallen.note = 'Confirmed'
        self._credit_cron()
        self.assertEqual(len(self._events()), 1)
        # A corrected score is looked at again.
        fallen.score = 50
        self.assertEqual(len(self._events()), 2)

    def test_a_score_of_the_future_waits_for_its_day(self):
        self._score(80, date(2026, 1, 1))
        ahead = self._score(60, date(2999, 1, 1))
        self.assertFalse(ahead.told)
        self.assertFalse(self._events())
        self._credit_cron()
        self.assertFalse(self._events())
        self._credit_cron(date(2999, 1, 1))
        self.assertTrue(ahead.told)
        self.assertEqual(len(self._events()), 1)

    def test_a_fall_is_on_record_though_nobody_can_approve(self):
        self._score(85, date(2026, 1, 1))
        self.Assessment._assess(self.customer, companies=self.company)
        self.seller.group_ids -= self.env.ref('fulfilment_crm.group_user')
        (self.leader | self.manager).active = False
        fallen = self._score(45, date(2026, 1, 2))
        self.assertTrue(fallen.told)
        assessment = self._events()
        self.assertEqual((assessment.state, self._line().provisional_grade_id.code), ('draft', 'B'))
        # Who asks for an assessment is told.
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.Assessment._assess(self.customer, companies=self.company)
        self.env.invalidate_all()
        with self.assertLogs('odoo.addons.fulfilment_crm', 'WARNING'):
            self.assertIn('Nobody is left', self._credit_cron().problem_ids.message)
        (self.leader | self.manager).active = True
        self._credit_cron()
        waiting = self.Assessment.search([('partner_id', '=', self.customer.id), ('state', '=', 'in_approval')])
        self.assertEqual(len(waiting), 1)
        self.assertFalse(self.env['fulfilment.problem'].search([('state', '=', 'open'), ('action', '=', 'credit')]))

    def test_a_fall_lowers_the_grade_at_once(self):
        self._score(85, date(2026, 1, 1))
        self.Assessment._assess(self.customer, companies=self.company)
        self._score(45, date(2026, 1, 2))
        self.assertEqual((self._line().grade_id.code, self._line().provisional_grade_id.code), ('AA', 'B'))


@tagged('post_install', '-at_install')
class TestScorecards(AssessmentCommon):

    def _refused(self, record, vals, error=UserError):
        with self.assertRaises(error, msg=f'{record}: {vals}'), self.env.cr.savepoint():
            record.with_user(self.credit).write(vals)
        self.env.invalidate_all()

    def test_in_use_nothing_changes(self):
        scorecard = self.scorecard.with_user(self.credit)
        criterion, band = scorecard.criterion_ids[0], scorecard.criterion_ids.band_ids[0]
        self._refused(scorecard, {'overdue_days': 5})
        self._refused(scorecard, {'domain': "[('revenue_12m', '>', 1)]"})
        self._refused(scorecard, {'criterion_ids': [Command.clear()]})
        self._refused(scorecard, {'criterion_ids': [Command.update(criterion.id, {'weight': 1})]})
        self._refused(criterion, {'weight': 1})
        self._refused(criterion, {'band_ids': [Command.delete(band.id)]})
        self._refused(band, {'points': 1})
        for record in (band, criterion, scorecard):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                record.unlink()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            band.create({'criterion_id': criterion.id, 'lower': 55, 'points': 1})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            criterion.create({'scorecard_id': scorecard.id, 'name': 'More', 'figure': 'dso'})
        scorecard.write({'sequence': 3})
        # Nor when it is out of use: grades rest on it.
        scorecard.action_retire()
        self._refused(criterion, {'weight': 1})

    def test_nothing_is_moved_into_one_in_use(self):
        draft = self.Scorecard.with_user(self.credit).browse(self.scorecard.with_user(self.credit).action_new_version()['res_id'])
        criterion = draft.criterion_ids[0]
        self._refused(criterion, {'scorecard_id': self.scorecard.id})
        self._refused(criterion.band_ids[0], {'criterion_id': self.scorecard.criterion_ids[0].id, 'lower': 3})

    def test_the_state_is_set_by_the_buttons(self):
        draft = self.Scorecard.with_user(self.credit).browse(self.scorecard.with_user(self.credit).action_new_version()['res_id'])
        for vals in ({'state': 'active'}, {'version': 9}, {'previous_id': False}):
            self._refused(draft, vals, AccessError)
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self.Scorecard.with_user(self.credit).create({'name': 'Mine', 'state': 'active'})
        self._refused(self.scorecard, {'state': 'draft'})

    def test_a_new_version_takes_over(self):
        first = self.scorecard.with_user(self.credit)
        second = self.Scorecard.browse(first.action_new_version()['res_id'])
        third = self.Scorecard.browse(first.action_new_version()['res_id'])
        self.assertEqual([(one.version, one.state) for one in (first, second, third)], [(1, 'active'), (2, 'draft'), (3, 'draft')])
        self.assertEqual(len(second.criterion_ids.band_ids), len(first.criterion_ids.band_ids))
        second.with_user(self.credit).criterion_ids.band_ids.sorted('lower')[8].points = 5
        second.with_user(self.credit).action_activate()
        self.assertEqual([one.state for one in (first, second, third)], ['retired', 'active', 'draft'])
        self.assertTrue(second.activated_on)
        self.assertEqual(self._assess(82).scorecard_id, second)
        # Also where a version in between was not its predecessor.
        third.with_user(self.credit).action_activate()
        self.assertEqual([one.state for one in (first, second, third)], ['retired', 'retired', 'active'])
        self.assertEqual(self._assess().scorecard_id, third)
        with self.assertRaises(UserError):
            third.with_user(self.credit).action_activate()

    def test_activation_needs_something_to_judge_by(self):
        empty = self.Scorecard.with_user(self.credit).create({'name': 'Empty'})
        with self.assertRaises(UserError):
            empty.action_activate()
        criterion = self.env['fulfilment.scorecard.criterion'].with_user(self.credit).create(
            {'scorecard_id': empty.id, 'name': 'DSO', 'figure': 'dso'},
        )
        with self.assertRaises(UserError):
            empty.action_activate()
        self.env['fulfilment.scorecard.band'].with_user(self.credit).create({'criterion_id': criterion.id, 'lower': 0, 'points': 50})
        empty.action_activate()
        self.assertEqual(empty.state, 'active')

    def test_a_salesperson_changes_none(self):
        scorecard = self.scorecard.with_user(self.seller)
        for method in ('action_new_version', 'action_activate', 'action_retire', 'action_preview'):
            with self.assertRaises(AccessError, msg=method), self.env.cr.savepoint():
                getattr(scorecard, method)()

    def test_the_preview_tells_what_will_happen(self):
        customers = [self._make_customer(f'Customer {number}') for number in range(12)]
        for number, partner in enumerate(customers):
            self._rate(8 * number + 3, partner)
        # A scorecard before it in order, which has nothing to say about most of those it fits.
        self._scorecard(('altman_z', 10, 'skip', [(-1000, 50, None)]), sequence=1, domain="[('external_score', '>', 50)]")
        self.Assessment._assess(self.env['res.partner'].concat(*customers[:9]), as_of=TODAY, companies=self.company)
        draft = self.Scorecard.browse(self.scorecard.action_new_version()['res_id'])
        for place, band in enumerate(draft.criterion_ids.band_ids.sorted('lower')):
            band.points = [50, 5, 25, 35, 95, 55, 30, 65, 30, 95][place]
        action = draft.with_user(self.credit).with_company(self.company).action_preview()
        preview = self.env[action['res_model']].browse(action['res_id'])
        self.assertEqual(preview.customer_count, 12)
        self.assertFalse(self.Assessment.search([('scorecard_id', '=', draft.id)]))
        expected = sorted((line.partner_id.id, line.grade_after_id.code, line.direction) for line in preview.line_ids)
        draft.action_activate()
        made = self.Assessment._assess(self.env['res.partner'].concat(*customers), as_of=TODAY, companies=self.company)
        self.assertEqual(made.scorecard_id, draft)
        changed = made.filtered(lambda one: one.change != 'same')
        self.assertEqual(sorted((one.partner_id.id, one.grade_id.code, one.change) for one in changed), expected)
        self.assertEqual(
            (preview.moved_count, preview.up_count, preview.down_count),
            (len(changed), *(len(made.filtered(lambda one, change=change: one.change == change)) for change in ('up', 'down'))),
        )
        self.assertGreater(min(preview.up_count, preview.down_count), 0)
