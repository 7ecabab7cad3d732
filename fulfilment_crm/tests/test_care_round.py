"""What the daily round of care does with changes: of tier, responsible, customer; run twice, interrupted, in two companies."""
from ast import literal_eval
from datetime import date, datetime, timedelta
from unittest.mock import patch

import pytz
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools.shown_date import shown_date
from .common_queries import SameQueriesMixin
from .test_care_plan import FIRST, CareCommon


@tagged('post_install', '-at_install')
class TestCareRound(SameQueriesMixin, CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.strategic = cls._tier(('visit', 1, 'quarter'), ('call', 1, 'month'), name='Strategic')
        cls.key = cls._tier(('visit', 1, 'half'), ('call', 1, 'quarter'), name='Key')
        cls.profile = cls._profile(cls.strategic)

    def _states(self, profile=None, **wanted):
        return self._tasks(profile or self.profile, **wanted).mapped('state')

    # === THE SHIPPED PLANS === #

    def test_shipped_plans(self):
        for name, lines in (
            ('strategic', {('visit', 1, 'quarter'), ('call', 1, 'month')}), ('key', {('visit', 1, 'half'), ('call', 1, 'quarter')}),
            ('ordinary', {('followup', 1, 'year')}),
        ):
            plan = self.env.ref(f'fulfilment_crm.tier_{name}').care_plan_ids
            self.assertEqual({(line.kind, line.number, line.period) for line in plan.line_ids}, lines)

    # === ONCE === #

    def test_run_twice_and_on_the_next_day(self):
        run = self._run(FIRST)
        self.assertEqual(run.counts, {'care tasks planned': 2})
        before = self._tasks(self.profile)
        planned = before.mapped('date_planned')
        for day in (FIRST, FIRST, FIRST + timedelta(days=1), date(2026, 1, 31)):
            self.assertFalse(self._run(day).counts)
        self.assertEqual((self._tasks(self.profile), before.mapped('date_planned')), (before, planned))

    def test_the_next_contact_stands_on_the_profile(self):
        """What is planned from today on; what was missed is not next."""
        other = self._profile(self.key)
        self._run(FIRST)
        for profile in self.profile | other:
            ahead = self._tasks(profile).sorted('date_planned')
            for day, expected in ((FIRST, ahead[:1]), (ahead[-1].date_planned, ahead[-1:]), (date(2030, 1, 1), ahead.browse())):
                with freeze_time(datetime.combine(day, datetime.min.time()) + timedelta(hours=12)):
                    (self.profile | other).invalidate_recordset(['next_contact'])
                    told = profile.next_contact
                with self.subTest(profile=profile.id, day=day):
                    self.assertEqual(bool(told), bool(expected))
                    if expected:
                        self.assertIn(shown_date(self.env, expected.date_planned), told)

    def test_killed_half_way_and_taken_up_again(self):
        profiles = self.Profile.concat(*(self._profile(self.strategic) for _number in range(5)))
        Task = type(self.Task)
        original = Task._put_into_calendar

        def _put_into_calendar(tasks, company):
            if len(tasks.profile_id) > 1 or tasks.profile_id == profiles[2]:
                raise ValueError('killed')
            return original(tasks, company)

        with patch.object(Task, '_put_into_calendar', _put_into_calendar), mute_logger('odoo.addons.fulfilment_crm.models.base.run'):
            run = self._run(FIRST)
        self.assertEqual((run.problem_ids.res_id, self._tasks(profiles[2])), (profiles[2].id, self.Task))
        self.assertEqual(len(self._tasks(profiles)), 8)
        self._run(FIRST)
        self.assertEqual(len(self._tasks(profiles)), 10)
        self.assertEqual(self.env['fulfilment.problem'].search([('res_id', '=', profiles[2].id)]).mapped('state'), ['solved'])

    def test_another_run_took_the_claim(self):
        """Both count from what there is, so they claim the same key; the second starts again and finds nothing to do."""
        lay_out = [(self.profile, 'visit', 'quarter', date(2026, 1, 1), date(2026, 3, 31), FIRST, 1, self.user_sales)]
        first = self.Task._plan(self.company_a, lay_out)
        keys = self.Task.search([('profile_id', '=', self.profile.id)]).mapped('claim_key')
        self.assertEqual(keys, [f'care:{self.profile.id}:visit:quarter:2026-01-01:1'])
        self.assertFalse(self.Task._claim([{**first.copy_data()[0], 'claim_key': keys[0]}]))
        self._run(FIRST)
        self.assertEqual(len(self._tasks(self.profile, kind='visit')), 1)

    def test_ahead_and_the_edges_of_the_period(self):
        self.company_a.fulfilment_care_days = 7
        self._run(date(2026, 1, 5))
        self._run(date(2026, 3, 24))
        self.assertFalse(self._tasks(self.profile, period_start=date(2026, 4, 1), kind='visit'))
        self._run(date(2026, 3, 25))
        self.assertEqual(self._states(period_start=date(2026, 4, 1), kind='visit'), ['planned'])
        self._run(date(2026, 3, 31))
        self.assertEqual(self._states(period_start=date(2026, 1, 1), kind='visit'), ['planned'])
        self._run(date(2026, 4, 1))
        self.assertEqual(self._states(period_start=date(2026, 1, 1), kind='visit'), ['missed'])

    def test_who_comes_late_in_a_period_is_cared_for_from_the_next(self):
        self._run(date(2026, 3, 8))  # 24 of 90 days left
        self.assertEqual(len(self._tasks(self.profile, kind='visit')), 1)
        late = self._profile(self.strategic)
        self._run(date(2026, 3, 10))  # 22 of 90
        self.assertFalse(self._tasks(late, kind='visit'))
        self._run(date(2026, 4, 1))
        self.assertEqual(len(self._tasks(late, kind='visit')), 1)

    # === KEPT AND MISSED === #

    def test_a_visit_is_a_meeting_and_the_customer_is_not_invited(self):
        mails = self.env['mail.mail'].search_count([])
        self._run(FIRST)
        task = self._tasks(self.profile, kind='visit')
        event = task.event_id
        self.assertEqual((event.user_id, event.partner_ids), (self.user_sales, self.user_sales.partner_id))
        zone = pytz.timezone(self.company_a._fulfilment_zone())
        local = pytz.utc.localize(event.start).astimezone(zone)
        self.assertEqual((local.date(), local.hour), (task.date_planned, 10))
        self.assertEqual((task.activity_id.res_id, task.activity_id.user_id), (self.profile.partner_id.id, self.user_sales))
        self.assertEqual(task.activity_id.date_deadline, task.date_planned)
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)
        self.assertFalse(self.profile.partner_id.message_follower_ids.filtered(lambda one: one.partner_id == self.user_sales.partner_id))

    def test_day_of_the_meeting_in_far_zones(self):
        for zone in ('Pacific/Auckland', 'America/Los_Angeles'):
            calendar = self.company_a.resource_calendar_id.copy({'tz': zone})
            self.company_a.resource_calendar_id = calendar
            profile = self._profile(self.strategic)
            self._run(FIRST)
            task = self._tasks(profile, kind='visit')
            self.assertEqual(task.activity_id.date_deadline, task.date_planned, zone)

    def test_a_logged_contact_of_the_kind_keeps_the_next(self):
        self._run(FIRST)
        visit, call = self._tasks(self.profile, kind='visit'), self._tasks(self.profile, kind='call')
        self._contact_made(self.profile, date(2026, 1, 20), 'meeting')
        self.assertEqual((visit.state, call.state), ('planned', 'planned'))
        one = self._contact_made(self.profile, date(2026, 1, 20), 'visit')
        self.assertEqual((visit.state, visit.interaction_id, visit.date_done, call.state), ('done', one, date(2026, 1, 20), 'planned'))
        self.assertFalse(visit.activity_id.active)
        again = self._contact_made(self.profile, date(2026, 1, 21), 'visit')
        self.assertFalse(again.care_task_ids)
        self._run(date(2026, 2, 1))
        self.assertEqual((visit.state, call.state), ('done', 'missed'))
        self.assertFalse(call.activity_id)

    def test_through_a_contact_or_a_branch_it_counts_in_another_company_not(self):
        branch = self.env['res.company'].create({'name': 'Branch of A', 'parent_id': self.company_a.id})
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.profile.partner_id.id})
        self._run(FIRST)
        self._contact_made(self.profile, date(2026, 1, 9), company_id=self.company_b.id, user_id=self.user_b.id)
        self.assertEqual(self._states(kind='visit'), ['planned'])
        when = datetime(2026, 1, 9, 9)
        self.user_sales.company_ids |= branch
        self._log(when, kind='visit', partner_id=contact.id, company_id=branch.id, logged_on=when)
        self.assertEqual(self._states(kind='visit'), ['done'])

    def test_logged_late_it_still_was_kept(self):
        self._run(FIRST)
        self._run(date(2026, 4, 1))
        visit = self._tasks(self.profile, kind='visit', period_start=date(2026, 1, 1))
        self.assertEqual((visit.state, visit.kept_rate), ('missed', 0.0))
        self._contact_made(self.profile, date(2026, 3, 31))
        self.assertEqual((visit.state, visit.kept_rate), ('done', 100.0))
        self._contact_made(self.profile, date(2026, 4, 1))
        self.assertEqual(self._states(kind='visit'), ['done', 'done'])
        open_one = self._tasks(self.profile, kind='call', period_start=date(2026, 4, 1))
        self.assertIsNone(open_one.kept_rate)

    def test_the_day_is_the_companys(self):
        self.company_a.resource_calendar_id = self.company_a.resource_calendar_id.copy({'tz': 'Asia/Shanghai'})
        self._run(FIRST)
        when = datetime(2026, 3, 31, 15, 59)  # 23:59 in Shanghai
        self._log(when, kind='visit', partner_id=self.profile.partner_id.id, logged_on=when)
        self.assertEqual(self._states(kind='visit'), ['done'])
        other = self._profile(self.strategic)
        self._run(date(2026, 1, 2))
        when = datetime(2026, 3, 31, 16, 0)  # the next day in Shanghai
        self._log(when, kind='visit', partner_id=other.partner_id.id, logged_on=when)
        self.assertEqual(self._states(other, kind='visit'), ['planned'])

    def test_what_happened_before_it_was_planned_counts(self):
        self._contact_made(self.profile, date(2026, 1, 5))
        self._contact_made(self.profile, date(2025, 12, 31), 'call')
        run = self._run(date(2026, 1, 6))
        self.assertEqual((self._states(kind='visit'), self._states(kind='call')), (['done'], ['planned']))
        self.assertFalse(self._tasks(self.profile, kind='visit').event_id)
        self.assertEqual(run.counts['care tasks planned'], 1)
        self.assertFalse(self._run(date(2026, 1, 7)).counts)

    def test_a_corrected_or_deleted_contact_opens_the_task_again(self):
        self._run(FIRST)
        one = self._contact_made(self.profile, date(2026, 1, 20), 'visit')
        visit, call = self._tasks(self.profile, kind='visit'), self._tasks(self.profile, kind='call')
        one.kind = 'call'
        self.assertEqual((visit.state, call.state), ('planned', 'done'))
        self.assertTrue(visit.activity_id.active)
        one.date = datetime(2025, 12, 30, 9)
        self.assertEqual(call.state, 'planned')
        one.write({'kind': 'visit', 'date': datetime(2026, 1, 20, 9)})
        one.unlink()
        self.assertEqual((visit.state, visit.date_done), ('planned', False))

    def test_logging_from_the_task_and_from_its_meeting(self):
        self._run(FIRST)
        visit = self._tasks(self.profile, kind='visit')
        action = visit.with_user(self.user_sales).action_log()
        self.assertEqual((action['context']['default_kind'], action['context']['default_event_id']), ('visit', visit.event_id.id))
        call = self._tasks(self.profile, kind='call').with_user(self.user_sales).action_log()
        self.assertEqual((call['context']['default_kind'], call['context']['default_partner_id']), ('call', self.profile.partner_id.id))
        self._contact_made(self.profile, date(2026, 1, 20), 'visit', event_id=visit.event_id.id)
        with self.assertRaisesRegex(UserError, 'not open'):
            visit.action_log()
        with self.assertRaises(AccessError):
            visit.with_user(self.user_manager).write({'state': 'planned'})

    # === CHANGES === #

    def test_another_tier_counts_what_was_done(self):
        self._run(FIRST)
        self._contact_made(self.profile, date(2026, 1, 20))
        event = self._tasks(self.profile, kind='visit').event_id
        self.profile.tier_id = self.key
        run = self._run(date(2026, 1, 21))
        self.assertEqual(self._states(kind='visit'), ['done'])  # the half-year's visit was made
        self.assertEqual(sorted(self._states(kind='call')), ['cancelled', 'planned'])
        self.assertEqual(run.counts, {'care tasks cancelled': 1, 'care tasks planned': 1})
        self.assertTrue(event.exists())
        self._run(date(2026, 7, 1))
        self.assertEqual(self._states(kind='visit'), ['done', 'planned'])

    def test_promotion_makes_no_second_visit_in_the_quarter(self):
        self.profile.tier_id = self.key
        self._run(FIRST)
        self._contact_made(self.profile, date(2026, 2, 10))
        self.profile.tier_id = self.strategic
        self._run(date(2026, 2, 11))
        self.assertEqual(self._states(kind='visit'), ['done'])
        self._run(date(2026, 4, 1))
        self.assertEqual(self._states(kind='visit'), ['done', 'planned'])

    def test_there_and_back(self):
        self._run(FIRST)
        self.profile.tier_id = self.key
        self._run(date(2026, 1, 5))
        self.profile.tier_id = self.strategic
        self._run(date(2026, 1, 6))
        self.assertEqual(sorted(self._states(kind='visit')), ['cancelled', 'cancelled', 'planned'])
        self.assertEqual(len(set(self._tasks(self.profile).mapped('claim_key'))), len(self._tasks(self.profile)))
        self.profile.tier_id = False
        self._run(date(2026, 1, 7))
        self.assertEqual(set(self._states()), {'cancelled'})
        self.assertFalse(self._tasks(self.profile).activity_id)

    def test_a_plan_that_asks_for_more_or_less(self):
        self._run(FIRST)
        line = self.strategic.care_plan_ids.line_ids.filtered(lambda one: one.kind == 'call')
        line.number = 3
        self._run(date(2026, 1, 5))
        self.assertEqual(self._states(kind='call'), ['planned'] * 3)
        self._contact_made(self.profile, date(2026, 1, 6), 'call')
        line.number = 2
        self._run(date(2026, 1, 7))
        self.assertEqual(sorted(self._states(kind='call')), ['cancelled', 'done', 'planned'])

    def test_pause_archive_and_nobody_responsible(self):
        self._run(FIRST)
        partner = self.profile.partner_id
        with self.assertRaisesRegex(ValidationError, 'why'):
            partner.fulfilment_care_pause_until = date(2026, 1, 31)
        partner.write({'fulfilment_care_pause_until': date(2026, 1, 31), 'fulfilment_care_pause_reason': 'Insolvency talks'})
        self._run(date(2026, 1, 3))
        tasks = self._tasks(self.profile, kind='call')
        self.assertEqual((tasks.state, 'Insolvency' in tasks.reason), ('cancelled', True))
        visits = self._tasks(self.profile, kind='visit', state='planned')
        self.assertGreater(visits.date_planned, date(2026, 1, 31))  # laid out anew for after the pause
        self._run(date(2026, 2, 1))
        self.assertEqual(self._states(kind='call', period_start=date(2026, 2, 1)), ['planned'])
        self.profile.user_id = False
        fresh = self._profile(self.strategic)
        fresh.user_id = False
        run = self._run(date(2026, 2, 2))
        self.assertEqual((run.counts, run.problem_count), ({'customers without responsible': 2}, 0))
        domain = literal_eval(self.env['ir.actions.actions']._for_xml_id('fulfilment_crm.profile_action_without_carer')['domain'])
        self.assertEqual(self.Profile.search([*domain, ('company_id', '=', self.company_a.id)]), self.profile | fresh)
        partner.active = False
        self._run(date(2026, 2, 3))
        self.assertNotIn('planned', self._states())
        self.assertFalse(self._run(date(2026, 3, 1)).counts.get('care tasks planned'))

    def test_another_responsible_takes_the_open_ones(self):
        self._run(FIRST)
        visit = self._tasks(self.profile, kind='visit')
        day = visit.date_planned
        self._contact_made(self.profile, date(2026, 1, 3), 'call')
        self.env['fulfilment.account.member'].create({
            'partner_id': self.profile.partner_id.id, 'company_id': self.company_a.id, 'user_id': self.user_sales_2.id,
            'role_id': self.env.ref('fulfilment_crm.account_role_account_manager').id, 'date_from': date(2026, 1, 5),
        })
        self.assertFalse(self._run(date(2026, 1, 4)).counts)
        run = self._run(date(2026, 1, 5))
        self.assertEqual(run.counts, {'care tasks reassigned': 1})
        self.assertEqual((visit.user_id, visit.date_planned, visit.event_id.user_id), (self.user_sales_2, day, self.user_sales_2))
        self.assertEqual((visit.activity_id.user_id, visit.event_id.partner_ids), (self.user_sales_2, self.user_sales_2.partner_id))
        self.assertEqual(self._tasks(self.profile, kind='call').user_id, self.user_sales)  # kept by whom it was kept

    def test_what_somebody_moved_is_followed_and_stays(self):
        self._run(FIRST)
        visit, call = self._tasks(self.profile, kind='visit'), self._tasks(self.profile, kind='call')
        planned, other = visit.date_planned, self._profile(self.strategic)
        self._run(FIRST)
        visit.event_id.with_user(self.user_sales).with_context(no_mail_to_attendees=True).start += timedelta(days=20)
        self.assertEqual(visit.date_planned, planned + timedelta(days=20))
        call.activity_id.with_user(self.user_sales).date_deadline = date(2026, 1, 30)
        self.assertEqual(call.date_planned, date(2026, 1, 30))
        untouched = self._tasks(other, kind='visit').event_id
        (self.profile | other).tier_id = False
        self._run(date(2026, 1, 2))
        self.assertEqual((visit.state, bool(visit.event_id.exists()), bool(untouched.exists())), ('cancelled', True, False))
        self.assertFalse(call.activity_id)

    def test_merged_customers(self):
        twin = self._profile(self.strategic)
        (self.profile | twin).partner_id.user_id = self.user_sales
        self._run(FIRST)
        self._contact_made(twin, date(2026, 1, 5), 'call')
        other, partner = twin.partner_id, self.profile.partner_id
        everything = self._tasks(self.profile | twin)
        self.env['base.partner.merge.automatic.wizard'].create({})._merge((other | partner).ids, dst_partner=partner)
        self.env.invalidate_all()
        self.assertEqual(everything.exists(), everything)
        self.assertEqual((everything.partner_id, everything.profile_id), (partner, self.profile))
        today = date(2026, 1, 6)
        self._run(today)
        self.assertEqual(sorted(self._states(kind='visit')), ['cancelled', 'planned'])
        self.assertEqual(sorted(self._states(kind='call')), ['cancelled', 'done'])
        self.assertFalse(self._run(today).counts)
        self._run(date(2026, 4, 1))
        self.assertEqual(len(self._tasks(self.profile, kind='visit', period_start=date(2026, 4, 1))), 1)

    def test_two_companies(self):
        theirs = self._tier(('call', 2, 'month'), company=self.company_b)
        other = self._profile(theirs, self.user_b, partner=self.profile.partner_id, company=self.company_b)
        self.company_b.fulfilment_care_days = 0
        self._run(FIRST)
        self.assertEqual((len(self._tasks(self.profile)), len(self._tasks(other))), (2, 2))
        self._contact_made(self.profile, date(2026, 1, 8), 'call', company_id=self.company_b.id, user_id=self.user_b.id)
        self.assertEqual((self._states(kind='call'), sorted(self._states(other))), (['planned'], ['done', 'planned']))
        self.assertEqual(self._tasks(other).company_id, self.company_b)

    def test_queries(self):
        calls = self._tier(('call', 2, 'month'))
        visits = self._tier(('visit', 1, 'quarter'))
        for tier in (calls, visits):
            def make(count, tier=tier):
                return self.Profile.concat(*(self._profile(tier) for _number in range(count)))
            with self.subTest(tier=tier):
                self.assert_same_queries(make, lambda some: self.Task._lay_out(self.company_a, FIRST, some))

        def reassigned(count):
            profiles = self.Profile.concat(*(self._profile(visits) for _number in range(count)))
            self.Task._lay_out(self.company_a, FIRST, profiles)
            profiles.user_id = self.user_sales_2
            return profiles
        with self.subTest('reassigned'):
            self.assert_same_queries(reassigned, lambda some: self.Task._lay_out(self.company_a, FIRST, some))

        def withdrawn(count):
            profiles = reassigned(count)
            profiles.tier_id = False
            return profiles
        with self.subTest('withdrawn'):
            self.assert_same_queries(withdrawn, lambda some: self.Task._lay_out(self.company_a, FIRST, some))

        def missed(count):
            profiles = self.Profile.concat(*(self._profile(calls) for _number in range(count)))
            self.Task._lay_out(self.company_a, FIRST, profiles)
            return self._tasks(profiles)
        with self.subTest('missed'):
            self.assert_same_queries(missed, lambda tasks: tasks._miss())

        def logged(count):
            profiles = self.Profile.concat(*(self._profile(calls) for _number in range(count)))
            self.Task._lay_out(self.company_a, FIRST, profiles)
            return profiles.partner_id

        with self.subTest('logged'):
            self.assert_same_queries(logged, lambda partners: self.Interaction.create([{
                'date': '2026-01-08 09:00:00', 'kind': 'call', 'topic': 'Call', 'partner_id': partner.id,
                'company_id': self.company_a.id, 'user_id': self.user_sales.id,
            } for partner in partners]))
