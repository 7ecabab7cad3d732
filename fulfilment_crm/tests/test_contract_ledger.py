import base64
import io

import openpyxl

from odoo.tests import tagged

from ..tools.sheet import Column, Sheet, render
from .common import TODAY, FulfilmentCommon


@tagged('post_install', '-at_install')
class TestLedger(FulfilmentCommon):

    def _read(self, content):
        return openpyxl.load_workbook(io.BytesIO(content)).active

    def test_texts_are_never_formulas(self):
        page = self._read(render(Sheet('T', [Column('A'), Column('B', 'money'), Column('C', 'date')], [
            ['=1+1', -1.5, TODAY], ['+1', None, None], ['-1', 0.0, None], ['@x', 2, None], ['http://x.example', None, None],
        ])))
        self.assertEqual([page.cell(row, 1).value for row in range(2, 7)], ['=1+1', '+1', '-1', '@x', 'http://x.example'])
        self.assertEqual({page.cell(row, 1).data_type for row in range(2, 7)}, {'s'})
        self.assertEqual((page.cell(2, 2).value, page.cell(3, 2).value, page.cell(4, 2).value), (-1.5, None, 0))
        self.assertEqual(page.cell(2, 3).value.date(), TODAY)

    def test_ledger_of_what_the_reader_may_see(self):
        mine = self._make_contract('active', title='=HYPERLINK("http://x")')
        self._make_milestone(mine, -5)
        hidden = self._make_contract(user_id=self.user_manager.id, team_id=False)
        contracts = self.env['fulfilment.contract'].with_user(self.user_sales)
        action = contracts.action_export_ledger()
        export = self.env['fulfilment.export'].search([], order='id desc', limit=1)
        self.assertIn(f'/{export.id}/file/', action['url'])
        page = self._read(base64.b64decode(export.file))
        numbers = [page.cell(row, 1).value for row in range(2, page.max_row + 1)]
        self.assertIn(mine.name, numbers)
        self.assertNotIn(hidden.name, numbers)
        row = numbers.index(mine.name) + 2
        self.assertEqual((page.cell(row, 2).value, page.cell(row, 2).data_type), ('=HYPERLINK("http://x")', 's'))
        self.assertEqual((page.cell(row, 14).value, page.cell(row, 15).value), (1, 1))
