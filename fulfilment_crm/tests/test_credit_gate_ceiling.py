"""What is ordered under a framework contract counts for everybody the same, and is held against its ceiling."""
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_gate import GateCommon
from .common_profile import TODAY


@tagged('post_install', '-at_install')
class TestCeiling(GateCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.fulfilment_credit_gate = False
        cls.framework = cls.env.ref('fulfilment_crm.contract_type_framework')
        cls.master = cls._contract(cls.framework, 1000.0)
        cls.local = cls._contract(cls.env.ref('fulfilment_crm.contract_type_service'), 500.0, parent_id=cls.master.id)
        cls.below = cls._contract(cls.env.ref('fulfilment_crm.contract_type_service'), 500.0, parent_id=cls._contract(
            cls.framework, 0.0, parent_id=cls.master.id).id)

    @classmethod
    def _contract(cls, kind, amount, **vals):
        contract = cls.env['fulfilment.contract'].sudo().create({
            'partner_id': cls.customer.id, 'company_id': cls.company.id, 'type_id': kind.id, 'template_id': False, 'user_id': cls.sales.id,
            'amount_total': amount, 'date_start': TODAY, **vals,
        })
        contract.write({'state': 'active', 'date_signed': TODAY})
        return contract

    def _under(self, contract, amount):
        order = self._quote(amount)
        order.sudo().fulfilment_contract_id = contract
        return order

    def test_counted_the_same_for_everybody_at_any_depth(self):
        for contract, amount in ((self.master, 100.0), (self.local, 200.0), (self.below, 300.0)):
            self._under(contract, amount).action_confirm()
        stranger = self._make_sales_user('g_ceiling_stranger')
        self.master.sudo().user_id = stranger
        self.env.flush_all()
        for user in (self.env.user, self.manager, stranger):
            self.env.invalidate_all()
            self.assertEqual(self.master.with_user(user).amount_ordered, 600.0, user.login)
            self.assertEqual(self.master.with_user(user).ceiling_share, 60.0)

    def test_edge(self):
        self.master.ceiling_rule = 'hold'
        first = self._under(self.local, 1000.0)
        first.action_confirm()
        self.assertPassed(first)
        order = self._under(self.below, 0.01)
        order.action_confirm()
        self.assertHeld(order, 'ceiling')
        self.assertIn(self.master.name, order.sudo().fulfilment_credit_text)
        order.with_user(self.manager).action_fulfilment_release(reason='Agreed by phone')
        self.assertEqual(order.state, 'sale')

    def test_warning(self):
        order = self._under(self.local, 1000.01)
        order.action_confirm()
        self.assertPassed(order, 'warn')

    def test_two_at_once(self):
        self.master.ceiling_rule = 'hold'
        orders = self._under(self.local, 600.0) | self._under(self.below, 600.0)
        orders.action_confirm()
        self.assertEqual(orders.mapped('state'), ['sale', 'draft'])

    def test_a_confirmed_order(self):
        """Made larger, or put under the contract afterwards: refused like any other way round."""
        self.master.ceiling_rule = 'hold'
        order = self._under(self.local, 900.0)
        order.action_confirm()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.order_line.product_uom_qty *= 2
        loose = self._quote(200.0)
        loose.action_confirm()
        self.assertFalse(loose.sudo().fulfilment_credit_decision_ids)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            loose.fulfilment_contract_id = self.local
        written = self._under(self.local, 200.0)
        written.write({'state': 'sale'})
        self.assertHeld(written, 'ceiling')

    def test_nothing_without_a_ceiling(self):
        order = self._quote(5000.0)
        order.action_confirm()
        self.assertEqual((order.state, order.fulfilment_credit_state), ('sale', False))
        self.assertFalse(order.sudo().fulfilment_credit_decision_ids)
