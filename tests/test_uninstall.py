"""Removing the addon leaves a database as it would be without it, whatever was done with it."""

from collections import Counter

from devtools import odoo_process, templates
from devtools.odoo_log import Reader
from devtools.paths import ADDON_NAME, cached
from tests.harness import OutsideCase

# Business that is there with and without the addon.
BUSINESS = """
import base64
from odoo import fields
user = env['res.users'].create({'name': 'Seller', 'login': 'seller', 'group_ids': [fields.Command.link(env.ref(name).id) for name in (
    'base.group_user', 'sales_team.group_sale_salesman_all_leads')]})
customer = env['res.partner'].create({'name': 'Outside customer', 'email': 'customer@example.com', 'street': 'Street 1', 'city': 'City'})
if 'fulfilment_bank_account' in env.company._fields:
    env.company.fulfilment_bank_account = '6222 0000 1111'
product = env['product.product'].create({'name': 'Outside product', 'list_price': 100.0, 'type': 'consu'})
orders = env['sale.order'].create([{'partner_id': customer.id, 'user_id': user.id, 'order_line': [fields.Command.create({
    'product_id': product.id, 'product_uom_qty': quantity})]} for quantity in (1, 2, 3)])
orders.action_confirm()
for order in orders:
    order.activity_schedule('mail.mail_activity_data_todo', user_id=user.id, summary='Call')
    order.message_post(body='Noted', attachments=[('order.txt', b'order')])
env.cr.commit()
result = True
"""
# Everything people do with the addon and that Odoo keeps elsewhere than in the addon's own tables.
USE = """
from datetime import timedelta
today = fields.Date.today()
user.group_ids |= env.ref('fulfilment_crm.group_manager')
orders.action_create_fulfilment_contract()
contracts = orders.fulfilment_contract_id
for number, contract in enumerate(contracts):
    contract.activity_schedule('mail.mail_activity_data_todo', user_id=user.id, summary='Read the contract')
    contract.message_subscribe(customer.ids)
    contract.message_post(body='Sent', partner_ids=customer.ids, attachments=[('contract.txt', b'contract')])
    contract.write({'state': 'approved', 'approval_state': 'approved'})
    contract._sign('Customer', document=b'%PDF-1.4 signed', document_name='signed.pdf')
milestones = contracts.milestone_ids
for milestone in milestones:
    milestone.message_post(body='Soon', attachments=[('milestone.txt', b'milestone')])
    milestone.activity_schedule('mail.mail_activity_data_todo', user_id=user.id, summary='Prepare')
    milestone.evidence_ids = env['ir.attachment'].create({
        'name': 'evidence.txt', 'raw': b'evidence', 'res_model': milestone._name, 'res_id': milestone.id,
    })
done = contracts[0].activity_ids.filtered(lambda activity: activity.summary == 'Read the contract')
env['ir.attachment'].create({'name': 'feedback.txt', 'raw': b'feedback', 'res_model': 'mail.activity', 'res_id': done.id})
done.action_feedback(feedback='Read')
env['fulfilment.amendment'].create({'contract_id': contracts[0].id, 'reason': 'Later'}).message_post(body='Asked')
waiting = env['fulfilment.contract'].create({
    'partner_id': customer.id, 'type_id': env.ref('fulfilment_crm.contract_type_service').id, 'user_id': user.id, 'amount_total': 10.0,
})
waiting.action_check()
env['ir.filters'].create({'name': 'Mine', 'model_id': 'fulfilment.contract', 'domain': '[]', 'user_ids': [fields.Command.link(user.id)]})
env['ir.exports'].create({'name': 'Export', 'resource': 'fulfilment.milestone', 'export_fields': [fields.Command.create({'name': 'name'})]})
env['ir.default'].set('fulfilment.contract', 'paper_origin', 'customer')
env['ir.default'].set('sale.order', 'fulfilment_contract_id', contracts[0].id, user_id=user.id)
env['mail.template'].create({'name': 'Own template', 'model_id': env['ir.model']._get_id('fulfilment.contract'), 'subject': 'Own'})
env['fulfilment.reminder.rule'].create({
    'name': 'Own rule', 'offset_days': -2, 'channel': 'email', 'audience': 'customer',
    'template_id': env['mail.template'].create({'name': 'Own reminder', 'model_id': env['ir.model']._get_id('fulfilment.reminder')}).id,
})
env['mail.activity.plan'].create({'name': 'Own plan', 'res_model': 'fulfilment.contract', 'template_ids': [fields.Command.create({
    'activity_type_id': env.ref('mail.mail_activity_data_todo').id, 'summary': 'Plan'})]})
env['ir.actions.server'].create({
    'name': 'Own action', 'model_id': env['ir.model']._get_id('fulfilment.contract'), 'state': 'code', 'code': 'records.action_check()',
})
rules = env['fulfilment.reward.rule'].create([{
    'name': 'Reward', 'domain': "[('order_count_12m', '>=', 1)]", 'is_unlimited': True, 'days': 4000, **vals,
} for vals in (
    {'effect': 'points', 'points': 5, 'program_id': env.ref('fulfilment_crm.loyalty_program_points').id},
    {'effect': 'payment_term', 'payment_term_id': max(env['account.payment.term'].search([]), key=lambda one: one._fulfilment_days()).id},
    {'effect': 'training', 'training': 'Pumps', 'needs_approval': True},
)])
rules.action_activate()
env['fulfilment.switch']._switch_all(env['res.company'].search([]))
for days in (0, 40, 400):
    env['fulfilment.run']._day(as_of=today + timedelta(days=days))
env['mail.mail'].search([('model', '=', 'fulfilment.contract')], limit=1).write({'state': 'exception'})
env['fulfilment.workday'].create({'name': 'Make-up day', 'date': today})
env['fulfilment.reminder.rule'].create({'name': 'Not needed', 'offset_days': -9, 'channel': 'letter', 'audience': 'customer'}).unlink()
env.company.write({'fulfilment_reminder_from': 'contracts@example.com', 'fulfilment_manager_id': user.id})
env.cr.commit()
result = {
    'rewards': env['fulfilment.reward.grant'].search_count([('state', '=', 'granted')]),
    'reminders': env['fulfilment.reminder'].search_count([('state', '=', 'sent')]),
    'signed': env['ir.attachment'].search_count([('res_field', '=', 'signed_document')]),
    'noted': len(env.company.partner_id.message_ids.filtered('tracking_value_ids')),
}
"""
# Where the contents are not counted, with the reason.
UNCOUNTED = {
    "bus_bus": "notifications of the moment",
    "ir_attachment": "bundles of assets are made anew; the others are compared by name",
    "ir_profile": "measurements",
    "ir_cron_trigger": "asks for the next run of Odoo's own scheduled actions",
    "orm_signaling_registry": "tells running servers of changes",
    "orm_signaling_assets": "as above",
    "orm_signaling_default": "as above",
    "orm_signaling_groups": "as above",
    "orm_signaling_routing": "as above",
    "orm_signaling_stable": "as above",
    "orm_signaling_templates": "as above",
}
# By which names the records of a table are compared, besides their number.
NAMES = {
    "ir_model": "model, name, state",
    "ir_model_fields": "model, name, ttype, relation, store, state",
    "ir_model_fields_selection": "value, name, sequence",
    "ir_model_constraint": "name, type, definition",
    "ir_model_relation": "name",
    "ir_model_data": "module, name, model",
    "ir_model_access": "name, perm_read, perm_write, perm_create, perm_unlink",
    "ir_rule": "name, domain_force, active",
    "ir_module_category": "name",
    "ir_module_module": "name, state",
    "ir_config_parameter": "key",
    "ir_sequence": "code, prefix",
    "ir_act_window": "name, res_model",
    "ir_act_server": "name, state, code",
    "ir_act_report_xml": "name, report_name",
    "ir_cron": "cron_name, interval_number, interval_type, active",
    "ir_ui_menu": "name, parent_path IS NULL",
    "ir_ui_view": "key, name, model, type, mode, active, md5(arch_db::text)",
    "ir_asset": "name, path",
    "ir_default": "json_value",
    "ir_filters": "name, model_id",
    "ir_exports": "name, resource",
    "res_groups": "name",
    "res_groups_privilege": "name",
    "mail_activity": "res_model, summary",
    "mail_activity_type": "name, res_model",
    "mail_followers": "res_model",
    "mail_message": "model, message_type, body",
    "mail_message_subtype": "name, res_model",
    "mail_template": "name, model",
    "sms_template": "name, model",
    "res_partner": "name",
}
ATTACHMENTS = "SELECT name, res_model, res_field FROM ir_attachment WHERE url IS NULL OR url NOT LIKE '/web/assets/%%'"
STRUCTURE = {
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns "
    "WHERE table_schema = 'public'",
    # Of the relation of rules and groups Odoo says restrict on one side and cascade on the other: the side set up last decides.
    "constraints": "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE conname <> 'rule_group_rel_group_id_fkey' AND connamespace = 'public'::regnamespace",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "sequences": "SELECT sequence_name FROM information_schema.sequences WHERE sequence_schema = 'public'",
    "functions": "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
}


class TestUninstall(OutsideCase):
    maxDiff = None

    def test_used_and_removed(self):
        without = self.new_database("without", template=templates.dependencies(self.runtime))
        self.use_and_remove(self.database, without)

    def test_used_and_removed_beside_the_demo_data_of_odoo(self):
        template = templates.dependencies(self.runtime, demo=True)
        without, database = (self.new_database(name, template=template) for name in ("demo_without", "demo"))
        # Odoo gives a module its demo data where everything below it has some; here the addon comes without its own.
        for name in (without, database):
            self.query("UPDATE ir_module_module SET demo = false WHERE name = 'sms'", database=name)
        code, lines = self.odoo("-i", ADDON_NAME, "--stop-after-init", "--no-http", database=database)
        reader = Reader()
        for line in lines:
            reader.feed(line)
        self.assertEqual((code, reader.errors, reader.warnings), (0, [], []))
        self.use_and_remove(database, without)

    def use_and_remove(self, database, without):
        """Do the same business with and without the addon, and compare what is left after its removal."""
        self.script(BUSINESS, database=without)
        done = self.script(BUSINESS + USE, database=database)
        self.assertGreater(done["reminders"], 2)
        self.assertGreater(done["rewards"], 1)
        self.assertEqual(done["signed"], 3)
        self.assertGreaterEqual(done["noted"], 3)
        self.uninstall(database)
        self.assert_same(database, without)

    def uninstall(self, database):
        """As an administrator does on the command line; Odoo must have nothing to complain about."""
        reader = Reader()
        log = cached("logs", "outside") / f"{database}-uninstall.log"
        code = odoo_process.run(["module", "uninstall", "-d", database, ADDON_NAME], log, reader.feed, self.runtime)
        self.assertEqual(code, 0)
        with self.subTest(what="log"):
            self.assertEqual([text.split("\n")[:2] for text in reader.errors + reader.warnings], [])

    def assert_same(self, database, without):
        """Check that both databases have the same tables, and in them the same records."""
        for what, statement in STRUCTURE.items():
            with self.subTest(what=what):
                self.assertEqual(self.difference(statement, database, without), ([], []))
        tables = [name for (name,) in self.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", database=without)]
        counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables if name not in UNCOUNTED)
        with self.subTest(what="numbers of records"):
            self.assertEqual(self.difference(counts, database, without), ([], []))
        for table, names in NAMES.items():
            with self.subTest(table=table):
                self.assertEqual(self.difference(f"SELECT {names} FROM {table}", database, without), ([], []))
        with self.subTest(table="ir_attachment"):
            self.assertEqual(self.difference(ATTACHMENTS, database, without), ([], []))

    def difference(self, statement, database, without):
        """Return what only the one database has, and what only the other."""
        one, other = (Counter(map(str, self.query(statement, database=name))) for name in (database, without))
        return sorted((one - other).elements()), sorted((other - one).elements())
