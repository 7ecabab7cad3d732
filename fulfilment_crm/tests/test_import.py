"""The import templates go through Odoo's own import as they are."""
from datetime import date

from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools.misc import file_open

MIME = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
OPTIONS = {
    'has_headers': True, 'advanced': True, 'keep_matches': False, 'encoding': '', 'separator': '', 'quoting': '"',
    'date_format': '%Y-%m-%d', 'datetime_format': '', 'float_thousand_separator': ',', 'float_decimal_separator': '.',
    'sheet': '', 'fallback_values': {},
    'import_skip_records': [], 'import_set_empty_fields': [], 'name_create_enabled_fields': {},
}


@tagged('post_install', '-at_install')
class TestImport(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env['res.partner'].create({'name': 'Example Trading Ltd', 'is_company': True})
        cls.credit = new_test_user(cls.env, 'i_credit', groups='base.group_user,fulfilment_crm.group_credit')
        cls.sales = new_test_user(
            cls.env, 'i_sales', groups='base.group_user,fulfilment_crm.group_user,sales_team.group_sale_salesman',
            email='i_sales@a.example',
        )

    def _import(self, model, user):
        """Import the template of a model as it is served, every column matched by its heading; returns what came of it."""
        if 'base_import.import' not in self.env:
            self.skipTest("base_import is not installed")
        [template] = self.env[model].get_import_templates()
        with file_open(template['template'].removeprefix('/'), 'rb') as file:
            content = file.read()
        wizard = self.env['base_import.import'].with_user(user).create({
            'res_model': model, 'file': content, 'file_name': template['template'].rsplit('/', 1)[1], 'file_type': MIME,
        })
        preview = wizard.parse_preview(OPTIONS)
        self.assertNotIn('error', preview)
        headers, matches = preview['headers'], preview['matches']
        self.assertEqual(len(matches), len(headers), f'{headers}: {matches}')
        fields = ['/'.join(matches[position]) for position in range(len(headers))]
        result = wizard.execute_import(fields, headers, preview['options'])
        self.assertEqual([message['message'] for message in result['messages']], [])
        return self.env[model].browse(result['ids'])

    def test_financial_statements(self):
        statement = self._import('fulfilment.financial.statement', self.credit)
        self.assertRecordValues(statement, [{
            'partner_id': self.customer.id, 'date': date(2025, 12, 31), 'currency_id': self.env.ref('base.USD').id,
            'current_assets': 900000.0, 'assets': 3100000.0, 'current_liabilities': 600000.0, 'liabilities': 1500000.0,
            'equity': 1600000.0, 'retained_earnings': 700000.0, 'sales': 4200000.0, 'ebit': 380000.0,
            'operating_cash_flow': 310000.0, 'audited': True, 'note': 'Annual report',
        }])

    def test_external_scores(self):
        score = self._import('fulfilment.external.score', self.credit)
        self.assertRecordValues(score, [{
            'partner_id': self.customer.id, 'source': 'Example Ratings', 'rating': '2 (good)', 'score': 78.0, 'date': date(2026, 1, 15),
        }])

    def test_contracts(self):
        contract = self._import('fulfilment.contract', self.sales)
        self.assertRecordValues(contract, [{
            'title': 'Spare parts for one year', 'partner_id': self.customer.id, 'date_start': date(2026, 1, 1),
            'date_end': date(2026, 12, 31), 'amount_total': 50000.0, 'state': 'draft',
            'type_id': self.env.ref('fulfilment_crm.contract_type_framework').id, 'user_id': self.sales.id,
        }])
        self.assertNotEqual(contract.name, '/')

    def test_every_template_is_there(self):
        """Whatever a model of the addon offers for import can be downloaded."""
        for name in self.env.registry:
            if name.startswith('fulfilment.') and not self.env[name]._abstract:
                for template in self.env[name].get_import_templates():
                    with self.subTest(model=name), file_open(template['template'].removeprefix('/'), 'rb') as file:
                        self.assertTrue(file.read(4).startswith(b'PK'))
