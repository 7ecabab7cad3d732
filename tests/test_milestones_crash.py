"""The daily round over contracts and milestones, killed in the middle or doubled: everything happens once."""

from collections import Counter
from datetime import date, timedelta

from tests.runs import RunCase

DAY = date(2026, 5, 11)
DEEMED_AFTER = 10
# How many contracts of each kind; a slice of the round has 200 records.
SILENT, LATE, STARTING, ENDING, RENEWING, AMENDED, WAITING = 450, 300, 60, 60, 40, 40, 20

WORLD = f"""
from odoo import fields
from datetime import date, timedelta
day = date.fromisoformat({str(DAY)!r})
user = env.ref('base.user_admin')
env.company.fulfilment_manager_id = user
env = env(context=dict(env.context, tracking_disable=True))
ctype = env.ref('fulfilment_crm.contract_type_product_sale')
ctype.deemed_acceptance_days = {DEEMED_AFTER}
partner = env['res.partner'].create({{'name': 'Customer', 'email': 'customer@example.com', 'is_company': True}})

def after(days):
    return day + timedelta(days=days)

def contracts(title, count, state='active', **values):
    made = env['fulfilment.contract'].create([dict({{
        'title': title, 'partner_id': partner.id, 'user_id': user.id, 'type_id': ctype.id, 'date_start': after(-60), 'amount_total': 1000.0,
    }}, **values) for _number in range(count)])
    made.write({{'state': state, 'date_signed': after(-60) if state in ('active', 'approved') else False}})
    return made

def milestones(some, **values):
    return env['fulfilment.milestone'].create([
        dict({{'contract_id': one.id, 'name': one.title, 'user_id': user.id, 'kind': 'other', 'anchor': 'fixed'}}, **values) for one in some
    ])

silent = contracts('silent', {SILENT})
deliveries = milestones(silent, kind='delivery', state='done', date_planned=after(-20), date_done=after(-20))
acceptances, payments = milestones(silent, kind='acceptance', obligor='customer', date_planned=after(-18)), \\
    milestones(silent, kind='payment', obligor='customer', amount=1000.0, date_planned=after(-13))
for first, then, days in ((deliveries, acceptances, 2), (acceptances, payments, 5)):
    for one, other in zip(first, then):
        other.write({{'anchor': 'predecessor', 'predecessor_id': one.id, 'offset_days': days}})
(acceptances | payments)._reschedule()
milestones(contracts('late', {LATE}), kind='document', date_planned=after(-1))
milestones(contracts('starting', {STARTING}, 'approved', date_start=after(-1)), anchor='start', offset_days=30)
contracts('ending', {ENDING}, date_end=after(-1))
milestones(contracts('renewing', {RENEWING}, date_end=after(10), auto_renew=True, renew_months=12), date_planned=after(5))
amended = milestones(contracts('amended', {AMENDED}), date_planned=after(3))
env['fulfilment.amendment'].create([{{
    'contract_id': one.contract_id.id, 'reason': 'Agreed', 'date_effective': after(-1),
    'line_ids': [fields.Command.create({{'kind': 'milestone_date', 'milestone_id': one.id, 'value_date': after(40)}})],
}} for one in amended]).write({{'state': 'approved'}})
env['fulfilment.approval'].create([{{
    'res_model': one._name, 'res_id': one.id, 'company_id': one.company_id.id, 'round': 1, 'name': 'Business', 'state': 'pending',
    'deadline': after(-2), 'candidate_ids': [fields.Command.set(user.ids)],
}} for one in contracts('waiting', {WAITING}, 'in_approval')])
for planned, group in env['fulfilment.milestone'].search([('contract_state', '=', 'active')]).grouped('date_planned').items():
    group.date_first_planned = planned
env['fulfilment.milestone.event'].search([]).unlink()
env.cr.commit()
result = True
"""


def after(days):
    return DAY + timedelta(days=days)


class TestMilestonesCrash(RunCase):
    model, method, action, world = "fulfilment.contract", "_cron_milestones", "milestones", WORLD

    def test_killed_and_run_to_the_end(self):
        # In the middle of a step, and between steps.
        for statement in (
            "SELECT count(*) FROM fulfilment_acceptance",
            "SELECT count(*) FROM fulfilment_contract WHERE renewed_from_id IS NOT NULL",
            "SELECT count(*) FROM fulfilment_milestone WHERE told_late_for IS NOT NULL",
        ):
            before = self.query(statement)[0][0]
            self.assertEqual(before, 0)
            self.kill_when(DAY, lambda statement=statement: self.query(statement)[0][0])
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, False, False, True])
        self.assert_once()

        self.run_to_end(DAY)
        self.assert_once()

    def test_two_rounds_at_the_same_instant(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_once()

    def test_two_rounds_at_the_same_instant_again(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_once()

    def assert_once(self):
        """Check the whole of what one round leaves, and that nothing is there twice."""
        title = "JOIN fulfilment_contract contract ON contract.id = one.contract_id"
        acceptances = self.query(f"SELECT contract.id, contract.title, outcome, date FROM fulfilment_acceptance one {title}")
        self.assertEqual(len({row[0] for row in acceptances}), SILENT)
        self.assertEqual(Counter(row[1:] for row in acceptances), {("silent", "deemed", after(DEEMED_AFTER - 20)): SILENT})

        events = self.query(f"""
            SELECT one.milestone_id, contract.title, milestone.kind, one.kind, date_from, date_to
              FROM fulfilment_milestone_event one {title} JOIN fulfilment_milestone milestone ON milestone.id = one.milestone_id
        """)
        self.assertEqual(
            Counter(row[1:] for row in events),
            {
                ("silent", "acceptance", "done", after(-18), after(-10)): SILENT,
                ("silent", "payment", "moved", after(-13), after(-5)): SILENT,
                ("amended", "other", "moved", after(3), after(40)): AMENDED,
            },
        )
        self.assertEqual(len({row[0] for row in events}), 2 * SILENT + AMENDED)

        columns = "contract.title, kind, one.state, date_planned, told_late_for"
        milestones = self.query(f"SELECT {columns} FROM fulfilment_milestone one {title}")
        self.assertEqual(
            Counter(row for row in milestones if row[0] != "renewing"),
            {
                ("silent", "delivery", "done", after(-20), None): SILENT,
                ("silent", "acceptance", "done", after(-18), None): SILENT,
                ("silent", "payment", "pending", after(-5), after(-5)): SILENT,
                ("late", "document", "pending", after(-1), after(-1)): LATE,
                ("starting", "other", "pending", after(29), None): STARTING,
                ("amended", "other", "pending", after(40), None): AMENDED,
            },
        )

        states = "SELECT title, state, renewed_from_id IS NOT NULL FROM fulfilment_contract"
        self.assertEqual(
            Counter(self.query(states)),
            {
                ("silent", "active", False): SILENT,
                ("late", "active", False): LATE,
                ("starting", "active", False): STARTING,
                ("ending", "settlement", False): ENDING,
                ("renewing", "active", False): RENEWING,
                ("renewing", "draft", True): RENEWING,
                ("amended", "active", False): AMENDED,
                ("waiting", "in_approval", False): WAITING,
            },
        )
        renewed = "SELECT count(DISTINCT renewed_from_id) FROM fulfilment_contract WHERE renewed_from_id IS NOT NULL"
        self.assertEqual(self.query(renewed), [(RENEWING,)])
        self.assertEqual(self.query("SELECT state, count(*) FROM fulfilment_amendment GROUP BY state"), [("applied", AMENDED)])

        activities = """
            SELECT contract.title, count(*), count(DISTINCT contract.id) FROM mail_activity activity
              JOIN fulfilment_contract contract ON activity.res_model = 'fulfilment.contract' AND contract.id = activity.res_id
             GROUP BY contract.title ORDER BY contract.title
        """
        self.assertEqual(self.query(activities), [("renewing", RENEWING, RENEWING), ("waiting", WAITING, WAITING)])
        changes = """
            SELECT contract.title, count(*), count(DISTINCT contract.id) FROM mail_tracking_value value
              JOIN ir_model_fields field ON field.id = value.field_id AND field.name = 'state'
              JOIN mail_message message ON message.id = value.mail_message_id AND message.model = 'fulfilment.contract'
              JOIN fulfilment_contract contract ON contract.id = message.res_id
             GROUP BY contract.title ORDER BY contract.title
        """
        self.assertEqual(self.query(changes), [("ending", ENDING, ENDING), ("starting", STARTING, STARTING)])
        self.assertEqual(
            self.counted(DAY),
            {
                "acceptances deemed given": SILENT,
                "amendments in force": AMENDED,
                "approvals escalated": WAITING,
                "contracts started": STARTING,
                "contracts to settlement": ENDING,
                "milestones late": LATE + SILENT,
                "renewals drafted": RENEWING,
            },
        )
