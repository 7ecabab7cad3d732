"""What happened with a ticket stays on record: no change, merger or cancellation washes a deadline away."""
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_ticket import NOW, ServiceCommon


@tagged('post_install', '-at_install')
class TestTicketOnRecord(ServiceCommon):
    def late(self, **vals):
        """A ticket whose deadline has passed and that no round has looked at yet."""
        with self.at():
            return self.make_ticket(urgency='urgent', **vals)

    def test_urgency_type_and_team_do_not_wash(self):
        slow = self.env['fulfilment.service.team'].create({
            'name': 'Slow', 'company_id': self.company_a.id, 'assignment': 'manual',
            'calendar_id': self.calendar.copy({'name': 'Slow', 'tz': 'America/Los_Angeles'}).id,
        })
        for vals in ({'urgency': 'normal'}, {'ticket_type': 'request'}, {'team_id': slow.id}):
            ticket = self.late()
            due = ticket.deadline_ids.due_on
            with self.at(hours=25), self.subTest(vals=vals):
                ticket.with_user(self.user_service).write(vals)
                ticket.with_user(self.user_service).action_take()
                self.assertEqual((ticket.is_missed, ticket.deadline_ids[0].due_on), (True, due))

    def test_cancelling_and_merging_do_not_wash(self):
        ticket, merged = self.late(), self.late()
        with self.at(hours=-1):
            older = self.make_ticket()
        with self.at(hours=25):
            ticket.with_user(self.user_service).action_cancel(reason='None')
            (older | merged).with_user(self.user_service).action_merge()
        self.assertTrue(ticket.is_missed)
        self.assertTrue(merged.is_missed)
        self.assertEqual(older.urgency, 'urgent', "the stricter of both")

    def test_an_archived_policy_does_not_wash(self):
        ticket = self.late()
        with self.at(hours=25):
            self.env.ref('fulfilment_crm.policy_demand_urgent').active = False
            ticket.with_user(self.user_service).category_id = self.category
        self.assertTrue(ticket.is_missed)

    def test_no_ticket_is_born_closed(self):
        closed, solved = (self.env['fulfilment.ticket.stage']._first(kind) for kind in ('closed', 'solved'))
        with self.assertRaises(UserError):
            self.make_ticket(stage_id=closed.id)
        with self.assertRaises(UserError):
            self.env['fulfilment.ticket'].with_context(default_stage_id=solved.id).create({'title': 'x', 'company_id': self.company_a.id})
        progress = self.make_ticket(stage_id=self.env['fulfilment.ticket.stage']._first('progress').id)
        self.assertEqual(progress.event_ids.mapped('event'), ['received', 'taken'])

    def test_what_counts_stays_on_record(self):
        ticket = self.late()
        with self.at(hours=25):
            ticket.action_cancel(reason='None')
        with self.assertRaises(AccessError):
            ticket.with_user(self.user_service).unlink()
        with self.assertRaises(UserError):
            ticket.with_user(self.user_manager).unlink()
        with self.assertRaises(UserError):
            self.make_ticket().with_user(self.user_service).active = False

    def test_time_spent_cancelled_does_not_count(self):
        ticket = self.late()
        with self.at(hours=1):
            ticket.action_cancel(reason='By mistake')
        with self.at(hours=240):
            ticket.action_reopen(reason='By mistake')
        self.assertEqual(ticket.deadline_ids.due_on, NOW + timedelta(hours=263))

    def objected(self):
        ticket = self.make_ticket()
        self.solve(ticket)
        ticket._object('Not what was agreed')
        return ticket

    def test_levels_added_and_removed_later(self):
        policy = self.env.ref('fulfilment_crm.policy_demand_urgent')
        policy.escalation_ids = [Command.clear(), Command.create({'after_hours': 0, 'receiver': 'leader'})]
        ticket = self.late()
        self.round(NOW + timedelta(hours=25))
        self.assertFalse(ticket.deadline_ids.next_on)
        policy.escalation_ids = [Command.create({'after_hours': 10, 'receiver': 'manager'})]
        self.assertEqual(ticket.deadline_ids.next_on, NOW + timedelta(hours=34))
        self.round(NOW + timedelta(hours=34))
        self.assertIn(self.user_manager, ticket.activity_ids.user_id)
        policy.escalation_ids = [Command.clear(), Command.create({'after_hours': 50, 'receiver': 'supervisor'})]
        self.round(NOW + timedelta(hours=75))
        self.assertIn(self.user_supervisor, ticket.activity_ids.user_id)

    def test_who_has_left_is_told_nothing(self):
        ticket = self.late()
        self.user_service.active = False
        self.round(NOW + timedelta(hours=21))
        self.assertEqual(ticket.activity_ids.user_id, self.user_leader)
        level = self.env.ref('fulfilment_crm.policy_demand_urgent').escalation_ids[0]
        level.write({'receiver': 'user', 'user_id': self.user_b.id})
        self.assertEqual(level._receiver_of(ticket), self.user_manager, "one of another company does not see it")

    def test_warned_again_after_reopening(self):
        with self.at():
            ticket = self.make_ticket(ticket_type='complaint', urgency='urgent')
        self.round(NOW + timedelta(hours=41))
        with self.at(hours=42):
            self.solve(ticket)
        with self.at(hours=20 * 24):
            ticket.action_reopen(reason='x')
        self.assertTrue(self.deadline(ticket, 'solved').warned, "six hours are left: it is due soon")
        with self.at():
            other = self.make_ticket(ticket_type='complaint', urgency='important')
        self.deadline(other, 'solved').warned = True
        with self.at(hours=1):
            other._follow_own_events()
        self.assertFalse(self.deadline(other, 'solved').warned)

    def test_reopened_without_an_agent(self):
        ticket = self.make_ticket(user_id=False)
        ticket.write({'solution': 'x'})
        ticket.action_solve()
        ticket.with_user(self.env.ref('base.public_user')).sudo()._reopen_by_customer('Still leaks')
        self.assertEqual(ticket.activity_ids.user_id, self.user_leader)
        self.solve(ticket, self.user_supervisor)
        self.assertFalse(ticket.activity_ids)
