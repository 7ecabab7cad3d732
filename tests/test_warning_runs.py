"""The round of early warning, two at the same instant and killed half-way: no alert twice, none missing, one mail an owner."""

from datetime import date, timedelta

from tests.runs import RunCase

DAY = date(2026, 1, 5)
ALERTS = 1200
WORLD = f"""
env['fulfilment.switch']._switch_all(env['res.company'].search([]))
env.company.fulfilment_alerts_at_once = 1000000
env['fulfilment.warning.rule'].search([]).action_archive()
users = env['res.users'].create([{{
    'name': f'Seller {{number}}', 'login': f'seller{{number}}', 'email': f'seller{{number}}@firm.example',
    'group_ids': [(4, env.ref('fulfilment_crm.group_user').id)],
}} for number in range(3)])
rules = env['fulfilment.warning.rule'].create([
    {{'name': 'Overdue', 'domain': "[('overdue_days_open', '>', 30)]", 'state': 'active'}},
    {{'name': 'Never', 'domain': "[('overdue_days_open', '>', 3000)]", 'state': 'active'}},
])
partners = env['res.partner'].create([{{'name': f'Customer {{number}}', 'is_company': True}} for number in range(2 * {ALERTS} + 10)])
env['fulfilment.profile'].create([{{
    'partner_id': partner.id, 'company_id': env.company.id, 'user_id': users[number % 3].id,
    'overdue_days_open': 40 if number < {ALERTS} else 10,
}} for number, partner in enumerate(partners)])
env.cr.commit()
result = True
"""


class TestWarningRuns(RunCase):
    model, method, action, world = "fulfilment.alert", "_cron_warnings", "warnings", WORLD

    def assert_once(self):
        ours = "activity_type_id = (SELECT res_id FROM ir_model_data WHERE module = 'fulfilment_crm' AND name = 'activity_type_alert')"
        self.assert_counts(
            ("alerts", "SELECT count(*) FROM fulfilment_alert", ALERTS),
            ("customers", "SELECT count(DISTINCT res_id) FROM fulfilment_alert WHERE state = 'open'", ALERTS),
            ("to-dos", f"SELECT count(*) FROM mail_activity WHERE {ours}", ALERTS),
            ("told or waiting for tomorrow", "SELECT count(*) FROM fulfilment_alert_digest", 3),
            ("mails", "SELECT count(*) FROM mail_message WHERE model = 'fulfilment.alert.digest'", 3),
        )

    def test_two_runs_at_the_same_instant(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_once()
        self.assertEqual(self.counted(DAY), {"alerts raised": ALERTS, "mails about alerts": 3})

    def test_killed_and_taken_up_again(self):
        started = "SELECT count(*) FROM fulfilment_alert"
        self.kill_when(DAY, lambda: self.query(started)[0][0] > 0)
        self.assertLess(self.query(started)[0][0], ALERTS)
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, True])
        self.assert_once()
        self.run_to_end(DAY)
        self.assertEqual(self.counted(DAY).get("alerts raised"), ALERTS)
        self.run_to_end(DAY + timedelta(days=1))
        self.assertEqual(self.counted(DAY + timedelta(days=1)), {})
