from odoo.tests import HttpCase, tagged

from .common import FulfilmentCommon


@tagged('post_install', '-at_install', 'fulfilment_tour')
class TestGuidedStart(FulfilmentCommon, HttpCase):

    def test_first_contract(self):
        self.env['res.partner'].create({'name': 'Guided Start Ltd', 'is_company': True})
        self.start_tour('/odoo', 'fulfilment_first_contract', login='f_sales')
        contract = self.env['fulfilment.contract'].search([('partner_id.name', '=', 'Guided Start Ltd')])
        self.assertEqual((contract.state, contract.user_id), ('draft', self.user_sales))
        self.assertTrue(contract.clause_ids)
        self.assertTrue(contract.finding_ids)
