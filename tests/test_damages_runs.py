"""The round over damages, two at the same instant and killed half-way: every late payment accrues once, to the same sum."""

from datetime import date

from tests.runs import RunCase

DAY = date(2026, 5, 11)
CONTRACTS = 600
LATE, DAYS = 2, 10
# Two payments late by ten days at 0.05 % a day of 1,000, and one due on the day itself, which is not late yet.
WORLD = f"""
from datetime import timedelta
from odoo import fields
from odoo.fields import Command
day = fields.Date.to_date({str(DAY)!r})
company = env.company
company.fulfilment_approval = False
env = env(context=dict(env.context, tracking_disable=True))
contracts = env['fulfilment.contract'].create([{{
    'partner_id': partner.id, 'title': 'Pumps', 'type_id': env.ref('fulfilment_crm.contract_type_service').id,
    'amount_total': 3000.0, 'date_start': day - timedelta(days=90),
}} for partner in env['res.partner'].create([{{'name': f'Customer {{n}}', 'is_company': True}} for n in range({CONTRACTS})])])
env['fulfilment.contract.clause'].create([{{
    'contract_id': contract.id, 'name': 'Damages', 'body': 'Damages and termination.',
    'category_id': env.ref('fulfilment_crm.clause_category_breach').id,
    'parameter_ids': [Command.create({{
        'key': 'damages_rate', 'name': 'damages_rate', 'role': 'damages_rate', 'value_number': 0.05,
    }})],
}} for contract in contracts])
env['fulfilment.milestone'].create([{{
    'contract_id': contract.id, 'name': f'Payment {{late}}', 'kind': 'payment', 'obligor': 'customer', 'amount': 1000.0,
    'date_planned': day - timedelta(days=late),
}} for contract in contracts for late in ({DAYS}, {DAYS}, 0)])
contracts._move_to('approved')
contracts.sudo().date_signed = day - timedelta(days=90)
contracts._activate()
env['fulfilment.switch']._switch_all(company)
env.cr.commit()
result = True
"""
EACH = 1000 * 0.05 / 100 * DAYS


class TestDamagesRuns(RunCase):
    model, method, action, world = "fulfilment.damages", "_cron_damages", "damages", WORLD

    def assert_once(self):
        self.assert_counts(
            ("damages", "SELECT count(*) FROM fulfilment_damages", LATE * CONTRACTS),
            ("milestones", "SELECT count(DISTINCT milestone_id) FROM fulfilment_damages", LATE * CONTRACTS),
            ("to the sum", f"SELECT count(*) FROM fulfilment_damages WHERE amount = {EACH} AND days = {DAYS}", LATE * CONTRACTS),
            ("counted", f"SELECT count(*) FROM fulfilment_contract WHERE damages_until = '{DAY}'", CONTRACTS),
        )

    def test_two_runs_at_the_same_instant(self):
        self.race(DAY)
        self.assert_finished(DAY, [True, True])
        self.assert_once()
        self.assertEqual(self.counted(DAY), {"damages begun": LATE * CONTRACTS})

    def test_killed_and_taken_up_again(self):
        self.kill_when(DAY, lambda: self.query("SELECT 1 FROM fulfilment_damages LIMIT 1"))
        begun = self.query("SELECT count(*) FROM fulfilment_damages")[0][0]
        self.assertTrue(0 < begun < LATE * CONTRACTS)
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, True])
        self.assert_once()
        self.run_to_end(DAY)
        self.assert_once()
