"""The round over tickets, killed in the middle or doubled: everybody is told once, and each ticket closed once."""

from datetime import date

from tests.runs import RunCase

DAY = date(2026, 5, 11)
LATE, CLOSING = 700, 300

WORLD = f"""
from datetime import datetime
leader, agent, supervisor = (env['res.users'].with_context(no_reset_password=True).create({{
    'name': login, 'login': login, 'email': login + '@example.com',
    'group_ids': [(4, env.ref('fulfilment_crm.group_service').id)],
}}) for login in ('leader', 'agent', 'supervisor'))
env.company.fulfilment_service_supervisor_id = supervisor
team = env['fulfilment.service.team'].create({{'name': 'Service', 'user_id': leader.id, 'assignment': 'manual'}})
partner = env['res.partner'].create({{'name': 'Customer', 'is_company': True, 'email': 'customer@example.com'}})
# Due a day and a half before the end of the day: past the first level of escalation and the second, not the third.
env['fulfilment.ticket'].create([{{
    'title': 'Late %s' % n, 'ticket_type': 'demand', 'urgency': 'urgent', 'partner_id': partner.id, 'user_id': agent.id,
    'received_on': datetime(2026, 5, 9, 12),
}} for n in range({LATE})])
solved = env['fulfilment.ticket'].create([{{
    'title': 'Solved %s' % n, 'partner_id': partner.id, 'user_id': agent.id, 'received_on': datetime(2026, 5, 1), 'solution': 'Done',
}} for n in range({CLOSING})])
solved.action_solve()
solved.close_on = datetime(2026, 5, 11, 12)
env['mail.mail'].search([]).unlink()
env['mail.activity'].search([]).unlink()
env.cr.commit()
result = True
"""


class TestTicketsCrash(RunCase):
    model, method, action, world = "fulfilment.ticket", "_cron_tickets", "tickets", WORLD

    def assert_once(self):
        missed = self.query("SELECT count(*) FROM fulfilment_ticket_deadline WHERE missed AND level = 2 AND goal = 'answered'")
        self.assertEqual(missed, [(LATE,)])
        told = self.query("""
            SELECT count(*), count(DISTINCT activity.res_id), min(login), max(login)
              FROM mail_activity activity JOIN res_users ON res_users.id = activity.user_id
             WHERE activity.res_model = 'fulfilment.ticket'
        """)
        self.assertEqual(told, [(LATE, LATE, "supervisor", "supervisor")])
        closed = self.query("""
            SELECT count(*), count(DISTINCT ticket_id) FROM fulfilment_ticket_event WHERE event = 'closed'
        """)
        self.assertEqual(closed, [(CLOSING, CLOSING)])
        self.assertEqual(
            self.counted(DAY), {"deadlines missed": LATE, "deadlines escalated": LATE, "tickets closed": CLOSING},
        )

    def test_killed_and_run_to_the_end(self):
        for statement in (
            "SELECT count(*) FROM fulfilment_ticket_deadline WHERE missed AND goal = 'answered'",
            "SELECT count(*) FROM fulfilment_ticket_event WHERE event = 'closed'",
        ):
            self.assertEqual(self.query(statement), [(0,)])
            self.kill_when(DAY, lambda statement=statement: self.query(statement)[0][0])
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, False, True])
        self.assert_once()
        self.run_to_end(DAY)
        self.assert_once()

    def test_two_runs_at_the_same_instant(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_once()
