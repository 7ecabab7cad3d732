"""Installed where there is data already: a week of all scheduled actions starts nothing; then each switch does what its preview said."""

from devtools import templates
from devtools.paths import ADDON_NAME
from tests.harness import OutsideCase

# What each mechanism makes. The gate makes decisions about orders that people confirm, and grades changes that wait for approval.
MADE = {
    "reminders": "fulfilment.reminder", "surveys": "fulfilment.survey.request", "care": "fulfilment.care.task",
    "warnings": "fulfilment.alert", "rewards": "fulfilment.reward.grant",
}
QUIET = {
    **MADE, "mails": "mail.mail", "to-dos": "mail.activity", "approvals": "fulfilment.approval", "problems": "fulfilment.problem",
    "decisions": "fulfilment.credit.decision",
}
COMMON = f"""
from datetime import timedelta
from odoo import fields

QUIET = {QUIET!r}
env = env(context=dict(env.context, tracking_disable=True))

def counts():
    env.invalidate_all()
    return {{key: env[model].with_context(active_test=False).search_count([]) for key, model in QUIET.items()}}

def day(date):
    for model, method in env['fulfilment.run']._day_actions():
        getattr(env[model], method)(as_of=date)
        env.cr.commit()

today = fields.Date.today()
"""
# Customers who owe, as a company has them that installs the addon.
LEDGER = """
from datetime import timedelta
from odoo import fields
today = fields.Date.today()
partners = env['res.partner'].search([('is_company', '=', True), ('customer_rank', '>=', 0)], limit=12, order='id')
partners.user_id = env.ref('base.user_admin')
moves = env['account.move'].create([{
    'move_type': 'out_invoice', 'partner_id': partner.id, 'invoice_date': today - timedelta(days=90),
    'invoice_date_due': today - timedelta(days=60), 'invoice_payment_term_id': False,
    'invoice_line_ids': [fields.Command.create({'name': 'Goods', 'quantity': 1, 'price_unit': 150000.0, 'tax_ids': False})],
} for partner in partners])
moves.action_post()
env.cr.commit()
"""
WEEK = COMMON + """
before = counts()
for days in range(7):
    day(today + timedelta(days=days))
result = {'before': before, 'after': counts(), 'profiles': env['fulfilment.profile'].search_count([])}
"""
SWITCHES = COMMON + f"""
MADE = {MADE!r}
today += timedelta(days=6)
result = {{}}
Switch = env['fulfilment.switch']
for key, model in MADE.items():
    Switch.action_open_page()
    switch = Switch.search([('mechanism', '=', key)], order='id desc', limit=1)
    switch.action_preview()
    effects = [(one.name, one.count) for one in switch.effect_ids]
    foreseen = sum(count for name, count in effects if name != "Customers nobody is responsible for")
    before = counts()
    switch.action_switch_on()
    env.cr.commit()
    day(today)
    after = counts()
    switch.action_switch_off()
    env.cr.commit()
    result[key] = {{
        'foreseen': foreseen, 'made': after[key] - before[key],
        'others': {{other: after[other] - before[other] for other in MADE if other != key and after[other] != before[other]}},
        'effects': effects,
    }}
"""


class TestQuietWeek(OutsideCase):
    maxDiff = None

    @classmethod
    def new_database(cls, purpose, template=None):
        return super().new_database(purpose, template=template or templates.dependencies(cls.runtime, demo=True))

    def test_nothing_starts_unasked(self):
        self.script(LEDGER)
        # Odoo loads the demo data of an app where all it stands on has its own; a company's own data has none of ours.
        self.script("env['ir.module.module'].search([('name', '=', 'crm')]).demo = False\nenv.cr.commit()")
        code, lines = self.odoo("-i", ADDON_NAME, "--stop-after-init", "--no-http")
        self.assertEqual(code, 0, lines[-20:])
        week = self.script(WEEK, timeout=900)
        self.assertEqual(week["after"], week["before"])
        self.assertGreater(week["profiles"], 10, "figures are worked out all the same")
        done = self.script(SWITCHES, timeout=900)
        for key, told in done.items():
            with self.subTest(mechanism=key, effects=told["effects"]):
                self.assertEqual((told["made"], told["others"]), (told["foreseen"], {}))
        self.assertGreater(sum(told["made"] for told in done.values()), 0)
