"""Scorecards with their versions and preview, and scores from outside."""
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_assessment import AssessmentCommon
from .common_profile import TODAY


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
        self.company.fulfilment_approval_exception = 'never'
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

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.credit | cls.manager).company_ids = cls.env['res.company'].search([])  # scorecards for all are theirs who work in all

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
