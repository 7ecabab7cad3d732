"""The meetings communication plans make: which days, once, within the contract, through days off and changing clocks."""
from datetime import date, datetime, timedelta

import pytz

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY
from .common_queries import SameQueriesMixin
from .test_interaction import InteractionCommon


@tagged('post_install', '-at_install')
class TestCommunicationPlan(SameQueriesMixin, InteractionCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company_a.resource_calendar_id = cls.company_a.resource_calendar_id.copy({'tz': 'Europe/Berlin'})
        cls.contract = cls._make_contract('active', date_end=date(2026, 12, 31), partner_id=cls.contact.id)
        cls.Plan = cls.env['fulfilment.communication.plan']

    def _plan(self, contract=None, **vals):
        return self.Plan.create({
            'name': 'Project meeting', 'contract_id': (contract or self.contract).id, 'rhythm': 'weekly', 'weekday': '2', 'time': 14.5,
            'contact_ids': [Command.set(self.contact.ids)], 'participant_ids': [Command.set(self.user_sales_2.ids)], **vals,
        })

    def _run(self, day):
        return self.run_cron('fulfilment.care.task', '_cron_care', as_of=day)

    def _local(self, plan):
        """The meetings of a plan in the calendar, local time."""
        zone = pytz.timezone('Europe/Berlin')
        return [
            pytz.utc.localize(start).astimezone(zone).replace(tzinfo=None) for start in sorted(plan.meeting_ids.event_id.mapped('start'))
        ]

    def _days(self, plan):
        return [one.date() for one in self._local(plan)]

    def _leave(self, *days):
        zone = pytz.timezone('Europe/Berlin')
        self.env['resource.calendar.leaves'].create([{
            'name': 'Holiday', 'calendar_id': self.company_a.resource_calendar_id.id, 'company_id': self.company_a.id, 'resource_id': False,
            **{name: zone.localize(datetime(day.year, day.month, day.day, *clock)).astimezone(pytz.utc).replace(tzinfo=None)
               for name, clock in (('date_from', (0, 0)), ('date_to', (23, 59)))},
        } for day in days])

    # === WHICH DAYS === #

    def test_weekly_at_the_same_local_hour(self):
        plan = self._plan()
        mails = self.env['mail.mail'].search_count([])
        run = self._run(TODAY)  # Monday; the clocks change on 29 March
        self.assertEqual(self._local(plan), [datetime(2026, 3, 4, 14, 30) + timedelta(weeks=number) for number in range(5)])
        self.assertEqual(run.counts, {'meetings made': 5})
        starts = sorted(plan.meeting_ids.event_id.mapped('start'))
        self.assertEqual([start.hour for start in starts], [13, 13, 13, 13, 12])
        event = plan.meeting_ids.event_id[0]
        self.assertEqual(event.partner_ids, self.contact | (self.user_sales | self.user_sales_2).partner_id)
        self.assertEqual((event.user_id, event.duration, event.res_id), (self.user_sales, 1.0, self.contract.id))
        self.assertFalse(self.contract.activity_ids)
        self.assertEqual(self.env['mail.mail'].search_count([]), mails)
        self.assertEqual((event.fulfilment_contact_id, event._fulfilment_contract()), (self.contact, self.contract))

    def test_once_and_only_what_is_new(self):
        plan = self._plan()
        self._run(TODAY)
        self.assertFalse(self._run(TODAY).counts)
        self.assertFalse(self._run(TODAY + timedelta(days=1)).counts)
        self.assertEqual(self._run(TODAY + timedelta(days=2)).counts, {'meetings made': 1})
        deleted = plan.meeting_ids.event_id.sorted('start')[3]
        deleted.unlink()
        self._run(TODAY + timedelta(days=2))
        self.assertEqual(len(plan.meeting_ids.event_id), 5)

    def test_last_day_of_short_months(self):
        self.company_a.fulfilment_meeting_days = 400
        contract = self._make_contract('active', date_end=date(2028, 12, 31))
        plan = self._plan(contract, rhythm='monthly', day=31)
        self._run(date(2027, 12, 1))
        # 31 January and 30 April 2028 are working days; 31 December 2027 is a Friday, 29 February 2028 a Tuesday.
        days = self._days(plan)
        self.assertEqual(days[:3], [date(2027, 12, 31), date(2028, 1, 31), date(2028, 2, 29)])
        self.assertEqual((len(days), days[-1]), (12, date(2028, 11, 30)))  # 31 December 2028 is a Sunday, and then the contract is over

    def test_quarterly_from_the_month_it_begins_in(self):
        self.company_a.fulfilment_meeting_days = 400
        plan = self._plan(rhythm='quarterly', day=15, date_from=date(2026, 4, 1))
        self._run(TODAY)
        self.assertEqual(self._days(plan), [date(2026, 4, 15), date(2026, 7, 15), date(2026, 10, 15)])

    def test_a_day_off_gives_way_to_the_next_working_day(self):
        self._leave(date(2026, 3, 11), date(2026, 3, 12))
        plan = self._plan()
        saturday = self._plan(weekday='5', name='Saturdays')
        self._run(TODAY)
        self.assertEqual(self._days(plan)[:3], [date(2026, 3, 4), date(2026, 3, 13), date(2026, 3, 18)])
        self.assertEqual(self._days(saturday)[:2], [date(2026, 3, 9), date(2026, 3, 16)])
        self.env['fulfilment.workday'].create({'name': 'Make-up', 'date': date(2026, 3, 14), 'company_id': self.company_a.id})
        self._run(TODAY)
        self.assertEqual(self._days(saturday)[:2], [date(2026, 3, 9), date(2026, 3, 14)])

    def test_a_week_off_does_not_make_two_meetings_in_a_day(self):
        self._leave(*(date(2026, 3, 11) + timedelta(days=number) for number in range(7)))
        plan = self._plan()
        self._run(TODAY)
        self.assertEqual(self._days(plan)[:3], [date(2026, 3, 4), date(2026, 3, 18), date(2026, 3, 25)])

    # === WHILE THE CONTRACT RUNS === #

    def test_only_while_the_contract_runs(self):
        contract = self._make_contract('approved')
        plan = self._plan(contract)
        self._run(TODAY)
        self.assertFalse(plan.meeting_ids)
        contract.sudo().write({'date_signed': TODAY, 'signed_by': 'Lin Wei'})
        contract.sudo()._activate()
        self._run(TODAY)
        self.assertEqual(len(plan.meeting_ids), 5)
        contract._move_to('settlement')
        self.assertFalse(self._run(TODAY).counts)
        contract.action_terminate(reason='Test')
        run = self._run(TODAY + timedelta(days=10))  # two were held
        self.assertEqual((len(plan.meeting_ids), run.counts), (2, {'meetings removed': 3}))

    def test_within_the_days_of_plan_and_contract(self):
        plan = self._plan(date_from=date(2026, 3, 11), date_to=date(2026, 3, 18))
        self._run(TODAY)
        self.assertEqual(self._days(plan), [date(2026, 3, 11), date(2026, 3, 18)])
        ending = self._make_contract('active', date_end=date(2026, 3, 10))
        short = self._plan(ending)
        self._run(TODAY)
        self.assertEqual(self._days(short), [date(2026, 3, 4)])
        for vals in ({'date_from': date(2026, 3, 1)}, {'date_to': date(2027, 1, 1)}, {'date_from': date(2027, 1, 1)}):
            with self.subTest(vals=vals), self.assertRaisesRegex(ValidationError, 'beyond'), self.env.cr.savepoint():
                self._plan(**vals)
        with self.assertRaisesRegex(ValidationError, 'between 1 and 31'):
            self._plan(rhythm='monthly', day=32)

    def test_stopped_it_leaves_what_somebody_has_changed(self):
        plan = self._plan()
        contract = self.contract
        start = datetime.now().replace(microsecond=0) + timedelta(days=3)
        contract.sudo().write({'date_end': (start + timedelta(days=400)).date()})
        today = start.date()
        self._run(today)
        meetings = plan.meeting_ids.sorted('start')
        moved = meetings[1].event_id
        moved.with_context(no_mail_to_attendees=True).start += timedelta(hours=1)
        plan.with_user(self.user_sales).action_stop()
        self.assertEqual(plan.meeting_ids.event_id, moved)
        self.assertFalse(self._run(today).counts)
        plan.with_user(self.user_sales).action_resume()
        self.assertEqual(self._run(today).counts, {'meetings made': len(meetings) - 1})

    def test_a_changed_plan_changes_the_calendar(self):
        plan = self._plan()
        self._run(TODAY)
        plan.write({'weekday': '3', 'time': 9.0})
        run = self._run(TODAY)
        self.assertEqual(run.counts, {'meetings made': 5, 'meetings removed': 5})
        self.assertEqual(self._local(plan)[0], datetime(2026, 3, 5, 9, 0))

    # === WHO === #

    def test_rights(self):
        plan = self._plan()
        self.assertTrue(plan.with_user(self.user_sales).has_access('write'))
        self.assertFalse(plan.with_user(self.user_sales_2).has_access('read'))
        for user in (self.user_inspector, self.user_service):
            self.assertTrue(plan.with_user(user).has_access('read'))
            with self.assertRaises(AccessError):
                plan.with_user(user).action_stop()
        with self.assertRaises(AccessError):
            self.Plan.with_user(self.user_sales_2).create({'name': 'x', 'contract_id': self.contract.id})

    def test_two_companies_by_their_own_day(self):
        there = self._make_contract('active', company=self.company_b, user_id=self.user_b.id)
        here, other = self._plan(weekday='0'), self._plan(there, weekday='0')
        calendar = self.company_a.resource_calendar_id.copy({'tz': 'Asia/Tokyo', 'company_id': self.company_b.id})
        self.company_b.resource_calendar_id = calendar
        # 15:30 UTC on Monday: the Tuesday has begun in Tokyo.
        self._run(datetime(2026, 3, 2, 15, 30))
        self.assertEqual((min(here.meeting_ids.mapped('date')), min(other.meeting_ids.mapped('date'))), (TODAY, TODAY + timedelta(days=7)))

    def test_queries(self):
        def make(count):
            return self.Plan.concat(*(self._plan(rhythm='monthly', day=16) for _number in range(count)))
        today = {self.company_a: TODAY, self.company_b: TODAY}
        self.assert_same_queries(make, lambda plans: self.Plan._arrange(plans, today), for_many=2)
