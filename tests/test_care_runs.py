"""The round of care, two at the same instant and killed half-way: every contact is planned once, with its meeting or activity."""

from datetime import date, timedelta

from tests.runs import RunCase

DAY = date(2026, 1, 1)
CUSTOMERS = 900
WORLD = f"""
env['fulfilment.switch']._switch_all(env['res.company'].search([]))
users = env['res.users'].create([{{'name': f'Seller {{number}}', 'login': f'seller{{number}}',
    'group_ids': [(4, env.ref('fulfilment_crm.group_user').id)]}} for number in range(3)])
tier = env['fulfilment.tier'].create({{'name': 'Cared for', 'domain': "[('exposure', '<', 0)]"}})
env['fulfilment.care.plan'].create({{'tier_id': tier.id, 'line_ids': [
    (0, 0, {{'kind': 'visit', 'number': 1, 'period': 'quarter'}}), (0, 0, {{'kind': 'call', 'number': 2, 'period': 'month'}}),
]}})
partners = env['res.partner'].create([{{'name': f'Customer {{number}}', 'is_company': True}} for number in range({CUSTOMERS})])
env['fulfilment.profile'].create([{{
    'partner_id': partner.id, 'company_id': env.company.id, 'user_id': users[number % 3].id, 'tier_id': tier.id,
}} for number, partner in enumerate(partners)])
contract = env['fulfilment.contract'].create({{
    'title': 'Pumps', 'partner_id': partners[0].id, 'type_id': env.ref('fulfilment_crm.contract_type_service').id,
    'date_start': '2026-01-01', 'amount_total': 10.0,
}})
contract.sudo().write({{'state': 'active', 'date_signed': '2026-01-01'}})
env['fulfilment.communication.plan'].create({{'name': 'Weekly', 'contract_id': contract.id, 'weekday': '2'}})
env['fulfilment.care.occasion'].create({{'name': 'Birthday', 'partner_id': partners[0].id, 'month': '1', 'day': 3, 'user_id': users[0].id}})
env.company.fulfilment_care_days = 0
env.cr.commit()
result = True
"""


class TestCareRuns(RunCase):
    model, method, action, world = "fulfilment.care.task", "_cron_care", "care", WORLD

    def assert_once(self):
        planned = "SELECT kind, count(*), count(DISTINCT profile_id) FROM fulfilment_care_task GROUP BY kind ORDER BY kind"
        self.assertEqual(self.query(planned), [("call", 2 * CUSTOMERS, CUSTOMERS), ("visit", CUSTOMERS, CUSTOMERS)])
        ours = "activity_type_id = (SELECT res_id FROM ir_model_data WHERE module = 'fulfilment_crm' AND name = 'activity_type_care')"
        self.assert_counts(
            ("meetings of visits", "SELECT count(*) FROM calendar_event WHERE res_model = 'res.partner'", CUSTOMERS),
            ("calls, and the birthday", f"SELECT count(*) FROM mail_activity WHERE {ours}", 2 * CUSTOMERS + 1),
            ("meetings of the contract", "SELECT count(*) FROM calendar_event WHERE res_model = 'fulfilment.contract'", 5),
            ("linked to their task", "SELECT count(*) FROM fulfilment_care_task WHERE activity_id IS NULL", 0),
        )

    def test_two_runs_at_the_same_instant(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_once()
        self.assertEqual(self.counted(DAY), {"care tasks planned": 3 * CUSTOMERS, "meetings made": 5, "occasions told": 1})

    def test_killed_and_taken_up_again(self):
        started = "SELECT count(*) FROM fulfilment_care_task"
        self.kill_when(DAY, lambda: self.query(started)[0][0] > 0)
        self.assertLess(self.query(started)[0][0], 3 * CUSTOMERS)
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, True])
        self.assert_once()
        self.run_to_end(DAY + timedelta(days=1))
        self.assertEqual(self.counted(DAY + timedelta(days=1)), {})
