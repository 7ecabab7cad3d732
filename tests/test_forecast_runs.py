"""The round of forecasts, two at the same instant and killed half-way: one forecast an instalment, the weeks added up once."""

from datetime import date

from tests.runs import RunCase

DAY = date(2026, 5, 11)
CUSTOMERS = 1200  # more than one slice
WORLD = f"""
from datetime import timedelta
from odoo import fields
from odoo.fields import Command
day = fields.Date.to_date({str(DAY)!r})
company = env.company
if not company.chart_template:
    env['account.chart.template'].try_loading('generic_coa', company)
env = env(context=dict(env.context, tracking_disable=True))
partners = env['res.partner'].create([{{'name': f'Customer {{n}}', 'is_company': True}} for n in range({CUSTOMERS})])
invoices = env['account.move'].create([{{
    'move_type': 'out_invoice', 'partner_id': partner.id, 'invoice_date': day - timedelta(days=60),
    'invoice_date_due': day + timedelta(days=5),
    'invoice_line_ids': [Command.create({{'name': 'Work', 'price_unit': 100.0, 'tax_ids': []}})],
}} for partner in partners])
invoices.action_post()
env['fulfilment.profile']._refresh(as_of=day)
env['res.company'].search([]).fulfilment_forecast = False
company.fulfilment_forecast = True
env.cr.commit()
result = True
"""


class TestForecastRuns(RunCase):
    model, method, action, world = "fulfilment.payment.forecast", "_cron_forecast", "forecast", WORLD

    def assert_once(self):
        self.assert_counts(
            ("forecasts", "SELECT count(*) FROM fulfilment_payment_forecast", CUSTOMERS),
            ("instalments", "SELECT count(DISTINCT move_line_id) FROM fulfilment_payment_forecast", CUSTOMERS),
            ("weeks", "SELECT count(*) FROM fulfilment_cash_forecast", 13),
            ("months", "SELECT count(*) FROM fulfilment_forecast_score", 12),
            ("too much", f"SELECT (sum(amount) > 100.01 * {CUSTOMERS})::int FROM fulfilment_cash_forecast", 0),
        )

    def test_two_runs_at_the_same_instant(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_once()

    def test_killed_and_taken_up_again(self):
        self.kill_when(DAY, lambda: self.query("SELECT 1 FROM fulfilment_payment_forecast LIMIT 1"))
        made = self.query("SELECT count(*) FROM fulfilment_payment_forecast")[0][0]
        self.assertTrue(0 < made < CUSTOMERS)
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, True])
        self.assert_once()
