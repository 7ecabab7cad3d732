"""Updating the addon keeps what people have changed, changes nothing else, and says nothing."""

from devtools.odoo_log import Reader
from devtools.paths import ADDON_NAME
from tests.harness import OutsideCase

# An administrator has made the shipped records their own, and there is business already.
EDITS = """
from datetime import timedelta
from odoo import fields
ref = lambda name: env.ref(f'fulfilment_crm.{name}')
today = fields.Date.today()
ref('rule_milestone_m7').write({'offset_days': -5, 'name': 'Five days before', 'channel': 'activity'})
ref('rule_milestone_p15').active = False
ref('rule_expiry_90').domain = "[('auto_renew', '=', False)]"
ref('mail_template_reminder').write({'subject': 'Our own subject', 'body_html': '<p>Our own words</p>'})
ref('contract_type_service').write({'name': 'Our services', 'deemed_acceptance_days': 99})
ref('contract_type_service').mandatory_category_ids = False
ref('contract_template_product_sale').write({'name': 'Our sale', 'duration_months': 7})
ref('milestone_template_product_sale_delivery').offset_days = 77
ref('approval_chain_contract_step_4').minimum_amount = 5
ref('ir_cron_reminders').write({'interval_number': 3, 'active': False})
env['fulfilment.clause'].search([], limit=1).body = '<p>Our own clause</p>'
env['ir.sequence'].search([('code', '=', 'fulfilment.contract')]).prefix = 'OURS/'
env['fulfilment.switch']._switch_all(env['res.company'].search([]))
env.company.write({'fulfilment_catch_up_days': 3, 'fulfilment_reminder_hour': 5})
partner = env['res.partner'].create({'name': 'Customer', 'email': 'customer@example.com'})
contract = env['fulfilment.contract'].create({
    'partner_id': partner.id, 'type_id': ref('contract_type_service').id, 'template_id': ref('contract_template_product_sale').id,
    'amount_total': 1000.0, 'date_start': today,
})
contract.write({'state': 'active', 'date_signed': today})
env['fulfilment.milestone'].create({
    'contract_id': contract.id, 'name': 'Payment', 'kind': 'payment', 'obligor': 'customer', 'amount': 10.0,
    'date_planned': today + timedelta(days=3),
})
env['fulfilment.reminder']._cron_reminders(as_of=today)
env.cr.commit()
result = True
"""
UPDATES = 2
# Two noted by Odoo on every write, and what updating is for.
VOLATILE = ("write_date", "write_uid")


class TestUpgrade(OutsideCase):
    def test_update_keeps_what_people_changed(self):
        self.script(EDITS)
        records, contents = self.shipped(), self.contents()
        self.assertEqual(records["rule_milestone_m7"]["offset_days"], -5)
        self.assertEqual(records["rule_milestone_p15"]["active"], False)
        self.assertEqual(records["mail_template_reminder"]["subject"], {"en_US": "Our own subject"})
        for number in range(UPDATES):
            with self.subTest(update=number + 1):
                reader = Reader()
                code, lines = self.odoo("-u", ADDON_NAME, "--stop-after-init", "--no-http")
                for line in lines:
                    reader.feed(line)
                self.assertEqual(code, 0)
                self.assertTrue(any("Modules loaded" in line for line in lines))
                self.assertEqual((reader.errors, reader.warnings), ([], []))
                self.assertEqual(self.different(records, self.shipped()), {})
                self.assertEqual(self.different(contents, self.contents()), {})

    def shipped(self):
        """All records of the addon that updates leave alone, by XML id, with every column."""
        named = self.query("SELECT name, model, res_id FROM ir_model_data WHERE module = %s AND noupdate ORDER BY name", (ADDON_NAME,))
        tables = {model for _name, model, _id in named}
        rows = {(model, row.pop("id")): row for model in tables for row in self.rows(model.replace(".", "_"))}
        return {name: rows[model, record] for name, model, record in named}

    def contents(self):
        """Return the contracts and what belongs to them, and the settings of the company."""
        tables = ("fulfilment_contract", "fulfilment_contract_clause", "fulfilment_milestone", "fulfilment_reminder", "res_company")
        return {(table, row.pop("id")): row for table in tables for row in self.rows(table)}

    def rows(self, table):
        # The table of a model has its name with underscores, but for these.
        table = {"ir_actions_act_window": "ir_act_window", "ir_actions_server": "ir_act_server"}.get(table, table)
        for (row,) in self.query(f'SELECT to_jsonb(one) FROM "{table}" one'):
            yield {name: value for name, value in row.items() if name not in VOLATILE}

    def different(self, before, after):
        """Return what changed, appeared or went: `{name: {column: (before, after)}}`."""
        return {
            name: {
                column: (before.get(name, {}).get(column), after.get(name, {}).get(column))
                for column in before.get(name, {}).keys() | after.get(name, {}).keys()
                if before.get(name, {}).get(column) != after.get(name, {}).get(column)
            }
            for name in before.keys() | after.keys()
            if before.get(name) != after.get(name)
        }
