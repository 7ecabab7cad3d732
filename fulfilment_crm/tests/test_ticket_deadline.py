"""Deadlines of tickets: which policy, when due, warned, missed, escalated; once, whatever runs twice."""
from datetime import datetime, timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common_ticket import NOW, ServiceCommon


@tagged('post_install', '-at_install')
class TestDeadlines(ServiceCommon):

    def test_shipped_policies_for_demands(self):
        with self.at():
            urgent, important, normal = (self.make_ticket(urgency=urgency) for urgency in ('urgent', 'important', 'normal'))
        self.assertEqual(urgent.deadline_ids.mapped(lambda one: (one.goal, one.due_on)), [('answered', NOW + timedelta(hours=24))])
        self.assertEqual(important.deadline_ids.mapped(lambda one: (one.goal, one.due_on)), [('fed_back', NOW + timedelta(hours=48))])
        # Monday is not counted; the third working day is Thursday, whose close is 18:00 in Shanghai.
        self.assertEqual(normal.deadline_ids.mapped(lambda one: (one.goal, one.due_on)), [('solved', datetime(2026, 3, 5, 10, 0))])
        self.assertEqual(normal.next_due_on, datetime(2026, 3, 5, 10, 0))

    def test_received_on_the_eve_where_the_company_is(self):
        """23:30 UTC on Sunday is Monday morning in Shanghai."""
        with self.at(hours=-2, minutes=-30):
            ticket = self.make_ticket()
        self.assertEqual(ticket.deadline_ids.due_on, datetime(2026, 3, 5, 10, 0))

    def test_make_up_saturday(self):
        self.env['fulfilment.workday'].create({
            'name': 'Make-up day', 'date': '2026-03-07', 'calendar_id': self.calendar.id, 'company_id': self.company_a.id,
        })
        with self.at(days=3):
            ticket = self.make_ticket()
        self.assertEqual(ticket.deadline_ids.due_on, datetime(2026, 3, 9, 10, 0), "Friday, Saturday, Monday")

    def _holiday(self, day):
        leave = self.env['resource.calendar.leaves'].create({
            'name': 'Holiday', 'calendar_id': self.calendar.id, 'company_id': self.company_a.id, 'resource_id': False,
            'date_from': datetime.fromisoformat(f'{day} 00:00:00') - timedelta(hours=8),
            'date_to': datetime.fromisoformat(f'{day} 23:59:59') - timedelta(hours=8),
        })
        self.settle()
        return leave

    def test_hours_changed_later_move_what_is_open(self):
        with self.at():
            ticket = self.make_ticket()
            deadline = ticket.deadline_ids
            holiday = self._holiday('2026-03-04')
            self.assertEqual((deadline.due_on, ticket.next_due_on), (datetime(2026, 3, 6, 10, 0), datetime(2026, 3, 6, 10, 0)))
            holiday.unlink()
            self.settle()
            self.assertEqual(deadline.due_on, datetime(2026, 3, 5, 10, 0))
            self.calendar.attendance_ids.filtered(lambda one: one.dayofweek == '3').unlink()
            self.settle()
            self.assertEqual(deadline.due_on, datetime(2026, 3, 6, 10, 0))
            person = self.env['resource.resource'].create({'name': 'Somebody', 'calendar_id': self.calendar.id})
            before = deadline.write_date
            self._holiday('2026-03-05').resource_id = person
            self.settle()
            self.assertEqual(deadline.due_on, datetime(2026, 3, 6, 10, 0), "what one person takes off moves nothing")
            self.assertEqual(deadline.write_date, before)

    def test_nothing_is_missed_in_hindsight(self):
        with self.at():
            ticket = self.make_ticket()
        deadline = ticket.deadline_ids
        with self.at(days=2, hours=20):  # Thursday morning in Shanghai, before the close
            self.env['fulfilment.workday'].create({
                'name': 'Worked after all', 'date': '2026-02-28', 'calendar_id': self.calendar.id, 'company_id': self.company_a.id,
            })
            self.settle()
            self.assertEqual(deadline.due_on, datetime(2026, 3, 5, 10, 0))
            for day in ('2026-03-03', '2026-03-04'):
                self._holiday(day)
            self.assertEqual(deadline.due_on, datetime(2026, 3, 9, 10, 0))
        with self.at(days=5):  # Saturday
            for holiday in self.env['resource.calendar.leaves'].search([('calendar_id', '=', self.calendar.id)]):
                holiday.unlink()
            self.settle()
            self.assertEqual((deadline.due_on, deadline.missed), (datetime(2026, 3, 9, 10, 0), False))
            self.solve(ticket)
            self.assertEqual((deadline.missed, deadline.state), (False, 'met'))
        with self.at(days=8):
            ticket._log_event('answered')
            self.assertEqual((deadline.missed, deadline.state), (False, 'met'), "judged once, by the hours of its time")

    def test_what_stands_still_is_not_missed(self):
        """Whatever becomes of the working hours: it goes on when the customer has answered, and is due with the next working day."""
        with self.at():
            ticket = self.make_ticket()
        deadline = ticket.deadline_ids
        deadline.sudo().pauses = True
        with self.at(days=1):
            ticket.with_user(self.user_service).action_wait()
            self.assertEqual((deadline.due_on, deadline.state), (False, 'paused'))
            for day in ('2026-03-03', '2026-03-04', '2026-03-05'):
                self._holiday(day)
            self.assertEqual(deadline.state, 'paused')
        with self.at(days=6):
            for holiday in self.env['resource.calendar.leaves'].search([('calendar_id', '=', self.calendar.id)]):
                holiday.unlink()
            self.settle()
            self.env['fulfilment.workday'].create([{
                'name': 'Worked', 'date': day, 'calendar_id': self.calendar.id, 'company_id': self.company_a.id,
            } for day in ('2026-02-28', '2026-03-01')])
            self.settle()
            self.assertEqual((deadline.due_on, deadline.missed, deadline.state), (False, False, 'paused'))

    def test_what_was_missed_stays_so(self):
        with self.at():
            ticket = self.make_ticket()
        with self.at(days=4):
            ticket.deadline_ids._note_missed()
            self.assertTrue(ticket.deadline_ids.missed)
            self._holiday('2026-03-04')
            self.assertEqual((ticket.deadline_ids.missed, ticket.deadline_ids.due_on), (True, datetime(2026, 3, 5, 10, 0)))

    def test_exactly_in_time_and_a_second_later(self):
        for seconds, state in ((0, 'met'), (1, 'met_late')):
            with self.at():
                ticket = self.make_ticket(urgency='urgent')
            with self.at(hours=24, seconds=seconds):
                self.answer(ticket)
            deadline = ticket.deadline_ids
            self.assertEqual((deadline.state, deadline.missed, ticket.in_time_rate), (state, bool(seconds), 0.0 if seconds else 100.0))

    def test_later_events_reach_earlier_goals(self):
        with self.at():
            answered, fed_back, solved = (self.make_ticket(urgency='urgent') for _go in range(3))
        with self.at(hours=1):
            self.answer(answered)
            fed_back.with_user(self.user_service).action_feed_back(text='We send a new one')
            self.solve(solved)
        for ticket in (answered, fed_back, solved):
            self.assertEqual(ticket.deadline_ids.met_on, NOW + timedelta(hours=1))

    def test_what_the_customer_or_a_note_says_is_no_answer(self):
        with self.at():
            ticket = self.make_ticket(urgency='urgent')
            ticket.with_user(self.user_service).message_post(body='Check the seal', message_type='comment')  # a note
            ticket.message_post(
                body='Hello?', author_id=self.contact.id, message_type='comment', subtype_xmlid='mail.mt_comment',
            )
        self.assertFalse(ticket.deadline_ids.met_on)

    def test_stands_still_while_waiting(self):
        with self.at():
            ticket = self.make_ticket(urgency='important')
        with self.at(hours=10):
            ticket.with_user(self.user_service).action_wait()
        self.assertEqual((ticket.deadline_ids.state, ticket.deadline_ids.next_on, ticket.next_due_on), ('paused', False, False))
        with self.at(hours=30):
            ticket._customer_wrote()
        self.assertEqual(ticket.deadline_ids.due_on, NOW + timedelta(hours=68))

    def test_a_policy_without_pauses_runs_on(self):
        with self.at():
            ticket = self.make_ticket(origin='survey', ticket_type='complaint', urgency='important', user=self.env.ref('base.user_root'))
        with self.at(hours=10):
            ticket.with_user(self.user_service).action_wait()
        self.assertEqual(self.deadline(ticket, 'fed_back').due_on, NOW + timedelta(hours=48))

    def test_reopened_goes_on_with_what_was_left(self):
        with self.at():
            ticket = self.make_ticket(ticket_type='complaint', urgency='urgent')
        with self.at(hours=40):
            self.solve(ticket)
        self.assertEqual(self.deadline(ticket, 'solved').state, 'met')
        with self.at(hours=100):
            ticket._reopen_by_customer('Still leaks')
        self.assertEqual(self.deadline(ticket, 'solved').due_on, NOW + timedelta(hours=108))
        self.assertFalse(self.deadline(ticket, 'solved').met_on)
        self.assertTrue(self.deadline(ticket, 'answered').met_on, "it was answered; that stays")

    def test_warned_missed_and_escalated_once(self):
        with self.at():
            ticket = self.make_ticket(urgency='urgent')
        due = NOW + timedelta(hours=24)
        self.assertFalse(self.round(due - timedelta(hours=4, seconds=1)).counts)
        run = self.round(due - timedelta(hours=4))
        self.assertEqual((run.counts['deadlines warned'], ticket.is_warned, ticket.is_late), (1, True, False))
        self.assertEqual(ticket.activity_ids.user_id, self.user_service)
        self.assertFalse(self.round(due - timedelta(hours=3)).counts)
        self.assertFalse(self.round(due).counts, "at the moment itself it is not late")
        run = self.round(due + timedelta(seconds=1))
        self.assertEqual((run.counts['deadlines missed'], run.counts['deadlines escalated'], ticket.is_late), (1, 1, True))
        self.assertIn(self.user_leader, ticket.activity_ids.user_id)
        self.assertFalse(self.round(due + timedelta(hours=23)).counts)
        run = self.round(due + timedelta(hours=24))
        self.assertEqual((run.counts, ticket.deadline_ids.level), ({'deadlines escalated': 1}, 2))
        self.assertIn(self.user_supervisor, ticket.activity_ids.user_id)
        self.round(due + timedelta(hours=72))
        self.assertIn(self.user_manager, ticket.activity_ids.user_id)
        self.assertFalse(ticket.deadline_ids.next_on)
        with self.at(hours=200):
            self.answer(ticket)
        self.assertEqual((ticket.deadline_ids.state, ticket.is_missed, ticket.is_late), ('met_late', True, False), "red for good")

    def test_after_days_without_a_run_only_the_last_is_told(self):
        with self.at():
            ticket = self.make_ticket(urgency='urgent')
        run = self.round(NOW + timedelta(days=10))
        self.assertEqual(run.counts, {'deadlines missed': 1, 'deadlines escalated': 1})
        self.assertEqual((len(ticket.activity_ids), ticket.activity_ids.user_id), (1, self.user_manager))

    def test_escalation_where_there_is_nobody(self):
        self.company_a.write({'fulfilment_service_supervisor_id': False, 'fulfilment_manager_id': False})
        self.service_team.user_id = False
        with self.at():
            ticket = self.make_ticket(urgency='urgent')
        self.round(NOW + timedelta(days=10))
        self.assertTrue(ticket.is_late)
        self.assertIn('nobody to tell', ''.join(ticket.message_ids.mapped('body')))

    def test_waiting_does_not_undo_what_is_missed(self):
        with self.at():
            ticket = self.make_ticket(urgency='urgent')
        self.round(NOW + timedelta(hours=25))
        with self.at(hours=26):
            ticket.with_user(self.user_service).action_wait()
        self.assertEqual((ticket.deadline_ids.due_on, ticket.is_late), (NOW + timedelta(hours=24), True))

    def test_less_urgent_does_not_wash_away(self):
        with self.at():
            ticket, other = self.make_ticket(urgency='urgent'), self.make_ticket(urgency='urgent')
        with self.at(hours=1):
            other.with_user(self.user_service).urgency = 'normal'
        self.assertEqual(other.deadline_ids.filtered(lambda one: not one.void).mapped('goal'), ['solved'])
        self.assertEqual(self.deadline(other, 'solved').start_on, NOW, "counted from receipt all the same")
        self.assertEqual(other.event_ids[-1].event, 'urgency')
        self.round(NOW + timedelta(hours=25))
        ticket.with_user(self.user_service).urgency = 'normal'
        self.assertTrue(ticket.is_missed)

    def test_a_changed_policy_leaves_deadlines_given(self):
        with self.at():
            ticket = self.make_ticket(urgency='urgent')
        self.env.ref('fulfilment_crm.policy_demand_urgent').amount = 1
        ticket._follow_own_events()
        self.assertEqual(ticket.deadline_ids.due_on, NOW + timedelta(hours=24))
        with self.at():
            self.assertEqual(self.make_ticket(urgency='urgent').deadline_ids.due_on, NOW + timedelta(hours=1))

    def test_the_first_policy_of_the_company_that_fits(self):
        policy = self.env['fulfilment.deadline.policy']
        policy.create({'name': 'B only', 'sequence': 1, 'company_id': self.company_b.id, 'goal': 'solved', 'amount': 1, 'unit': 'hour'})
        mine = policy.create({'name': 'A', 'sequence': 2, 'company_id': self.company_a.id, 'goal': 'solved', 'amount': 2, 'unit': 'hour'})
        self.assertEqual(self.deadline(self.make_ticket(), 'solved').policy_id, mine)

    def test_bad_conditions_are_refused(self):
        for domain in ("[('solution', '=', 'x')]", "[('nothing', '=', 1)]", "no domain", "[('kind', '=', 'new')]"):
            with self.subTest(domain=domain), self.assertRaises(ValidationError):
                self.env['fulfilment.deadline.policy'].create({'name': 'Bad', 'domain': domain})

    def test_team_hours(self):
        self.service_team.calendar_id = self.calendar.copy({'tz': 'Europe/Brussels', 'name': 'Brussels'})
        with self.at():
            ticket = self.make_ticket()
        self.assertEqual(ticket.deadline_ids.due_on, datetime(2026, 3, 5, 17, 0))

    def test_without_working_time_the_ticket_is_received_and_one_is_told(self):
        self.service_team.calendar_id = self.env['resource.calendar'].create({
            'name': 'Nothing', 'company_id': self.company_a.id, 'attendance_ids': [(5, 0, 0)],
        })
        with self.at():
            ticket = self.make_ticket()
        self.assertFalse(ticket.deadline_ids.due_on)
        self.assertIn('no working hours', ''.join(ticket.message_ids.mapped('body')))

    def test_a_company_without_working_hours(self):
        self.company_a.resource_calendar_id = False
        with self.at():
            urgent, normal = self.make_ticket(urgency='urgent'), self.make_ticket()
        self.assertEqual(urgent.deadline_ids.due_on, NOW + timedelta(hours=24), "the clock needs none")
        self.assertFalse(normal.deadline_ids.due_on)

    def test_the_run_asks_as_much_for_fifty_as_for_one(self):
        with self.at():
            one, fifty = self.make_ticket(1, urgency='urgent'), self.make_ticket(50, urgency='urgent')
        moment, counts = NOW + timedelta(hours=25), []
        for tickets in (one, fifty):
            deadline_ids = tickets.deadline_ids.ids
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env['fulfilment.ticket.deadline'].browse(deadline_ids)._look(moment)
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1] - counts[0], 4, counts)
