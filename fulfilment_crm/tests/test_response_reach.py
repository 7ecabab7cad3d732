"""Who may start responses, with which plans, and what they show of what others may not read."""
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_warning import WarningCommon


@tagged('post_install', '-at_install')
class TestResponseReach(WarningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_sales_3 = cls._make_user('f_sales_3', 'group_user', 'sales_team.group_sale_salesman')  # of no team
        cls.plan = cls.env['fulfilment.response.plan'].create({'name': 'Fire', 'step_ids': [
            Command.create({'name': 'Call', 'role': 'user', 'user_id': cls.user_sales_2.id, 'amount': 4, 'anchor': 'start'}),
        ]})

    def _risk(self, **vals):
        return self.env['fulfilment.risk'].create({
            'name': 'May not pay', 'company_id': self.company_a.id, 'user_id': self.user_sales.id, **vals,
        })

    def test_an_archived_plan_is_not_started(self):
        self.rule.write({'response_plan_id': self.plan.id, 'starts_response': True})
        self.plan.active = False
        self.profile.overdue_days_open = 40
        self.go()
        self.assertEqual(self.alerts().response_count, 0)

    def test_a_colleagues_contract_stays_hidden(self):
        contract = self._make_contract('active', user_id=self.user_sales_2.id)
        self.customer.user_id = self.user_sales
        contract.user_id = self.user_sales_2
        alert = self._make_alert(contract)
        alert.user_id = self.user_sales_2
        self.assertFalse(self.env['fulfilment.alert'].with_user(self.user_sales).search([('id', '=', alert.id)]))
        self.assertTrue(self.env['fulfilment.alert'].with_user(self.user_sales_2).search([('id', '=', alert.id)]))

    def test_contracts_one_may_not_read(self):
        contract = self._make_contract('active')
        contract.user_id = self.user_sales_2
        risks = self.env['fulfilment.risk'].with_user(self.user_sales_3)
        for create in (
            lambda: risks.create({'name': 'X', 'contract_id': contract.id}),
            lambda: risks.with_context(default_contract_id=contract.id).create({'name': 'X'}),
        ):
            with self.assertRaises(AccessError):
                create()
        risk = risks.create({'name': 'X'})
        with self.assertRaises(AccessError):
            risk.contract_id = contract
        with self.assertRaises(AccessError):
            risks.onchange({'contract_id': contract.id}, ['contract_id'], {'contract_id': {}, 'commercial_partner_id': {}})

    def test_plans_of_other_companies(self):
        self.plan.company_id = self.company_b
        start = self.env['fulfilment.response.start'].with_user(self.user_manager).with_context(allowed_company_ids=self.company_a.ids)
        with self.assertRaises(AccessError):
            start.create({'res_model': 'res.partner', 'res_id': self.customer.id, 'plan_id': self.plan.id})
        with self.assertRaisesRegex(UserError, 'only'):
            self.plan._start(self._make_contract('active'))

    def test_whoever_starts_a_response_does_not_report_for_others(self):
        starter = self.user_legal
        response = self.plan.with_user(starter)._start(self.customer, owner=self.user_sales)
        activity = response.sudo().step_ids.activity_id
        with self.assertRaises(AccessError):
            activity.with_user(starter).action_feedback()
        self.assertEqual(response.sudo().state, 'running')
        activity.with_user(self.user_sales_2).action_feedback()
        self.assertEqual(response.sudo().state, 'done')
        with self.assertRaisesRegex(UserError, 'is over'):
            response.step_ids.with_user(self.user_sales_2).write({'note': 'Never called'})
