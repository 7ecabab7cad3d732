"""Odoo's own records for people with Odoo's own roles and none of ours: everything goes as without the addon."""
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common_profile import TODAY, ProfileCommon
from .common_web import form_fields, sent_values

ROLES = {
    'employee': 'base.group_user,base.group_partner_manager,base.group_allow_export',
    'sales': 'base.group_user,base.group_allow_export,base.group_partner_manager,sales_team.group_sale_salesman_all_leads',
    'accountant': 'base.group_user,base.group_allow_export,base.group_partner_manager,account.group_account_manager',
    'surveyor': 'base.group_user,base.group_allow_export,survey.group_survey_manager',
    'administrator': 'base.group_user,base.group_system,base.group_partner_manager',
}


@tagged('post_install', '-at_install')
class TestOdooStays(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.roles = [
            new_test_user(
                cls.env, f'odoo_{name}', groups=groups, company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
                email=f'{name}@a.example',
            ) for name, groups in ROLES.items()
        ]
        cls.company.fulfilment_credit_gate = True
        cls.customer.write({
            'fulfilment_needs': 'Pumps', 'fulfilment_survey_contact': True, 'fulfilment_kind': 'company',
            'fulfilment_care_pause_until': '2026-05-01', 'fulfilment_care_pause_reason': 'Asked for it',
        })
        cls.customer.with_company(cls.company).sudo().fulfilment_priority_until = '2030-01-01'

    def _extended(self):
        """Models of Odoo's own with fields or methods of ours."""
        names = set()
        for name, model in self.env.registry.items():
            ours = any(part.__module__.startswith('odoo.addons.fulfilment_crm') for part in model.__mro__)
            if ours and not name.startswith('fulfilment.') and not model._abstract and model._auto:
                names.add(name)
        return names

    def _make(self, model, env):
        """One record of a model, as somebody with the right to would make it, or None."""
        partner = env['res.partner'].sudo().create({'name': 'Odoo Ltd', 'is_company': True})
        survey = self.env.ref('fulfilment_crm.survey_satisfaction')
        vals = {
            'res.partner': {'name': 'Odoo Ltd', 'is_company': True, 'child_ids': [Command.create({'name': 'Contact'})]},
            'sale.order': {'partner_id': partner.id, 'order_line': [Command.create({'product_id': self.product.id})]},
            'account.move': {'move_type': 'out_invoice', 'partner_id': partner.id, 'invoice_line_ids': [
                Command.create({'name': 'x', 'price_unit': 5}),
            ]},
            'account.payment.term': {'name': 'Later', 'line_ids': [Command.create({'value': 'percent', 'value_amount': 100})]},
            'calendar.event': {'name': 'Meeting', 'start': '2026-03-02 10:00:00', 'stop': '2026-03-02 11:00:00'},
            'ir.attachment': {'name': 'x.txt', 'raw': b'x'},
            'survey.question': {'title': 'How?', 'survey_id': survey.id, 'question_type': 'text_box'},
            'survey.user_input': {'survey_id': survey.id},
            'mail.activity': {
                'res_model_id': env['ir.model']._get_id('res.partner'), 'res_id': partner.id, 'summary': 'Call',
                'user_id': env.uid,
            },
        }
        if model == 'mail.activity' and not partner.with_env(env).has_access('write'):
            return None
        return env[model].create(vals[model]) if model in vals and env[model].has_access('create') else None

    def test_no_column_of_ours_must_have_a_value(self):
        """While our code is not loaded yet, other modules are tested and updated: their records know nothing of our columns."""
        columns = [
            (name, field.name) for name in self.env.registry for field in self.env[name]._fields.values()
            if not name.startswith('fulfilment.') and field.name.startswith('fulfilment_') and field.required
        ]
        self.assertEqual(columns, [])
        self.env.cr.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE column_name LIKE 'fulfilment\\_%' AND table_name NOT LIKE 'fulfilment\\_%' AND is_nullable = 'NO'"
            " AND table_name NOT IN (SELECT relname FROM pg_class WHERE relname LIKE '%\\_rel')",
        )
        self.assertEqual(self.env.cr.fetchall(), [])

    def test_copy(self):
        tried = set()
        for user in self.roles:
            for model in sorted(self._extended()):
                record = self._make(model, self.env(user=user))
                if record and model not in ('ir.attachment', 'mail.activity', 'survey.user_input'):
                    with self.subTest(user=user.login, model=model):
                        record.copy()
                    tried.add(model)
            with self.subTest(user=user.login, model='res.partner of a customer'):
                if self.env['res.partner'].with_user(user).has_access('create'):
                    copied = self.customer.with_user(user).copy().sudo()
                    self.assertRecordValues(copied, [{
                        'fulfilment_needs': False, 'fulfilment_survey_contact': False, 'fulfilment_care_pause_until': False,
                        'fulfilment_priority_until': False,
                    }])
        self.assertGreaterEqual(tried, {'res.partner', 'sale.order', 'account.move', 'account.payment.term', 'calendar.event'})

    def test_forms_are_read_and_saved(self):
        for user in self.roles:
            env = self.env(user=user)
            for model in sorted(self._extended()):
                record = self._make(model, env)
                if not record or model == 'survey.user_input':
                    continue
                with self.subTest(user=user.login, model=model):
                    spec = form_fields(env, model)
                    vals = sent_values(record, record.web_read(spec)[0], spec)
                    record.web_save({name: value for name, value in vals.items() if not record._fields[name].readonly}, spec)

    def test_export_archive_and_delete(self):
        for user in self.roles:
            env = self.env(user=user)
            for model in sorted(self._extended()):
                record = self._make(model, env)
                if not record:
                    continue
                # Relations and computed figures of Odoo's own lead to what not everybody may read; ours lead nobody there.
                readable = [
                    name for name, info in env[model].fields_get().items() if info.get('exportable', True)
                    and (info.get('store') and not info.get('relation') or name.startswith('fulfilment_'))
                ]
                with self.subTest(user=user.login, model=model, what='export'):
                    self.assertTrue(record.export_data(readable)['datas'])
                if 'active' in record._fields and record.has_access('write') and model != 'mail.activity':
                    with self.subTest(user=user.login, model=model, what='archive'):
                        record.action_archive()
                        record.action_unarchive()
                if record.has_access('unlink'):
                    with self.subTest(user=user.login, model=model, what='delete'):
                        record.unlink()

    def test_import(self):
        for user in self.roles:
            env = self.env(user=user)
            if not env['res.partner'].has_access('create'):
                continue
            result = env['res.partner'].load(['name', 'is_company', 'email'], [['Imported', '1', 'a@b.example']])
            with self.subTest(user=user.login):
                self.assertFalse(result['messages'])

    def test_merge(self):
        for user in self.roles:
            env = self.env(user=user)
            if not env['base.partner.merge.automatic.wizard'].has_access('create'):
                continue
            partners = env['res.partner'].create([{'name': 'Twin', 'email': 'twin@a.example'} for _number in range(2)])
            wizard = env['base.partner.merge.automatic.wizard'].create({
                'partner_ids': [Command.set(partners.ids)], 'dst_partner_id': partners[0].id,
            })
            with self.subTest(user=user.login), mute_logger('odoo.addons.base.partner.merge'):
                wizard.action_merge()
                self.assertEqual(partners.exists(), partners[0])

    def test_print_and_send(self):
        order = self._order(self.customer, 100, TODAY, confirm=False)
        report = self.env['ir.actions.report']
        for user in self.roles:
            if order.with_user(user).has_access('read'):
                with self.subTest(user=user.login):
                    content, _kind = report.with_user(user)._render_qweb_html('sale.action_report_saleorder', order.ids)
                    self.assertIn(order.name.encode(), content)

    def test_our_types_of_activities_stay_out_of_other_apps(self):
        """Whoever plans an activity on a lead or an order is proposed what Odoo has, and nothing of ours."""
        ours = self.env['mail.activity.type'].browse(self.env['ir.model.data'].search([
            ('module', '=', 'fulfilment_crm'), ('model', '=', 'mail.activity.type'),
        ]).mapped('res_id'))
        self.assertGreater(len(ours), 10)
        for model in ('crm.lead', 'sale.order', 'account.move', 'product.template'):
            proposed = self.env['mail.activity.type'].search(['|', ('res_model', '=', False), ('res_model', '=', model)])
            with self.subTest(model=model):
                self.assertFalse(proposed & ours)
