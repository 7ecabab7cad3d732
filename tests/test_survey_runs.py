"""The round of surveys, two at the same instant and killed half-way: every customer is asked once, by one mail."""

from datetime import date, timedelta

from tests.runs import RunCase

DAY = date(2026, 3, 2)
CUSTOMERS = 400
WORLD = f"""
env['fulfilment.switch']._switch_all(env['res.company'].search([]))
env.ref('fulfilment_crm.survey_plan_satisfaction').domain = '[]'
env['fulfilment.profile'].search([]).unlink()
partners = env['res.partner'].create([
    {{'name': f'Customer {{n}}', 'is_company': True, 'email': f'customer{{n}}@example.com'}} for n in range({CUSTOMERS})
])
env['fulfilment.profile'].create([{{'partner_id': partner.id, 'company_id': env.company.id}} for partner in partners])
env['mail.mail'].search([]).unlink()
env.cr.commit()
result = True
"""


class TestSurveyRuns(RunCase):
    model, method, action, world = "fulfilment.survey.request", "_cron_surveys", "surveys", WORLD

    def asked(self):
        return self.query("SELECT count(*) FROM fulfilment_survey_request")[0][0]

    def assert_once(self):
        for what, statement in (
            ("requests", "SELECT count(*) FROM fulfilment_survey_request WHERE state = 'sent'"),
            ("customers", "SELECT count(DISTINCT commercial_partner_id) FROM fulfilment_survey_request"),
            ("answers to fill in", "SELECT count(DISTINCT user_input_id) FROM fulfilment_survey_request"),
            ("answers in all", "SELECT count(*) FROM survey_user_input WHERE survey_id IN (SELECT survey_id FROM fulfilment_survey_plan)"),
            ("mails", "SELECT count(*) FROM mail_mail"),
            ("receivers", "SELECT count(DISTINCT res_partner_id) FROM mail_mail_res_partner_rel"),
        ):
            with self.subTest(what=what):
                self.assertEqual(self.query(statement), [(CUSTOMERS,)])

    def test_two_runs_at_the_same_instant(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_once()
        self.assertEqual(self.counted(DAY), {"surveys sent": CUSTOMERS})

    def test_killed_and_taken_up_again(self):
        self.kill_when(DAY, lambda: self.asked() > 0)
        self.assertLess(self.asked(), CUSTOMERS)
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, True])
        self.assert_once()
        self.run_to_end(DAY + timedelta(days=1))
        self.assertEqual(self.counted(DAY + timedelta(days=1)), {})
