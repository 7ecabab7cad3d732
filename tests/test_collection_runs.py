"""The round of collection, two at the same instant and killed half-way: every instalment asked for once, one letter a customer."""

from datetime import date

from tests.runs import RunCase

DAY = date(2026, 5, 11)
CUSTOMERS = 250
TEMPLATE = "fulfilment_crm.mail_template_dunning_first"
# The second instalment is due on the day itself and is not asked for yet.
WORLD = f"""
from datetime import timedelta
from odoo import fields
from odoo.fields import Command
day = fields.Date.to_date({str(DAY)!r})
company = env.company
if not company.chart_template:
    env['account.chart.template'].try_loading('generic_coa', company)
env = env(context=dict(env.context, tracking_disable=True))
partners = env['res.partner'].create([
    {{'name': f'Customer {{n}}', 'email': f'customer{{n}}@example.com', 'is_company': True}} for n in range({CUSTOMERS})
])
invoices = env['account.move'].create([{{
    'move_type': 'out_invoice', 'partner_id': partner.id, 'invoice_date': day - timedelta(days=60),
    'invoice_date_due': day - timedelta(days=late),
    'invoice_line_ids': [Command.create({{'name': 'Work', 'price_unit': 100.0, 'tax_ids': []}})],
}} for partner in partners for late in (5, 4, 0)])
invoices.action_post()
env['fulfilment.profile']._refresh()
env['fulfilment.switch']._switch_all(company)
env['fulfilment.collection.strategy'].search([]).action_archive()
env['fulfilment.collection.strategy'].create({{'name': 'Everybody', 'step_ids': [
    Command.create({{'name': str(offset), 'offset_days': offset, 'channel': 'email', 'template_id': env.ref({TEMPLATE!r}).id}})
    for offset in (3, 20)
]}})
env.cr.commit()
result = True
"""


class TestCollectionRuns(RunCase):
    model, method, action, world = "fulfilment.payment.promise", "_cron_collection", "collection", WORLD

    def assert_once(self):
        self.assert_counts(
            ("letters", "SELECT count(*) FROM fulfilment_reminder WHERE step_id IS NOT NULL AND state = 'sent'", CUSTOMERS),
            ("customers", "SELECT count(DISTINCT customer_id) FROM fulfilment_reminder WHERE step_id IS NOT NULL", CUSTOMERS),
            ("claims", "SELECT count(*) FROM fulfilment_collection_claim", 2 * CUSTOMERS),
            ("instalments", "SELECT count(DISTINCT move_line_id) FROM fulfilment_collection_claim", 2 * CUSTOMERS),
            ("mails", "SELECT count(DISTINCT message_id) FROM fulfilment_reminder WHERE step_id IS NOT NULL", CUSTOMERS),
            ("taken", "SELECT count(*) FROM fulfilment_collection_position WHERE taken = 3", 2 * CUSTOMERS),
        )

    def test_two_runs_at_the_same_instant(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_once()
        self.assertEqual(self.counted(DAY), {"letters and calls": CUSTOMERS, "dunning by email": CUSTOMERS})

    def test_killed_and_taken_up_again(self):
        self.kill_when(DAY, lambda: self.query("SELECT 1 FROM fulfilment_collection_claim LIMIT 1"))
        asked = self.query("SELECT count(*) FROM fulfilment_reminder WHERE step_id IS NOT NULL")[0][0]
        self.assertTrue(0 < asked < CUSTOMERS)
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, True])
        self.assert_once()
