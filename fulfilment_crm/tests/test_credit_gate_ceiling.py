"""What is ordered under a framework contract counts for everybody the same, and is held against its ceiling."""
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
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

    def test_a_ceiling_in_a_currency_without_a_rate(self):
        """One for one would let through what is worth many times as much."""
        dear = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'IDR')])
        dear.active = True
        dear.rate_ids.unlink()
        framework = self._contract(self.framework, 10 ** 6, ceiling_rule='hold', currency_id=dear.id)
        order = self._under(framework, 500)
        order.action_confirm()
        self.assertHeld(order, 'rate')

    def test_a_ceiling_of_another_company_tells_no_figures(self):
        framework = self._contract(self.framework, 1000, ceiling_rule='hold')
        order = self._under(framework, 5000)
        order.action_confirm()
        self.assertHeld(order, 'ceiling')
        self.assertIn('1,000', order.with_user(self.credit).sudo().fulfilment_credit_text)
        elsewhere = self._make_company('Elsewhere Ltd.')
        framework.sudo().write({'company_id': elsewhere.id, 'user_id': False})
        self.env.invalidate_all()
        decision = order.sudo().fulfilment_credit_decision_ids.with_user(self.credit)
        self.assertNotIn('1,000', decision.hit_text)
        with self.assertRaises(AccessError):
            decision.read(['hits'])

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

    def test_negative_orders_make_no_room(self):
        self.master.ceiling_rule = 'hold'
        back = self._under(self.local, -700.0)
        back.action_confirm()
        self.assertEqual(back.state, 'sale')
        order = self._under(self.local, 1000.01)
        order.action_confirm()
        self.assertHeld(order, 'ceiling')
        both = self._under(self.local, -700.0) | self._under(self.local, 1000.01)
        both.action_confirm()
        self.assertHeld(both[1], 'ceiling')

    def test_a_release_for_credit_lifts_no_ceiling(self):
        self.company.fulfilment_credit_gate = True
        self._limit(self.customer, 10.0)
        self.master.ceiling_rule = 'hold'
        order = self._quote(5000.0)
        order.action_confirm()
        self.assertHeld(order)
        order.with_user(self.credit).action_fulfilment_release(reason='Paid by phone', amount=9000.0)
        self.assertEqual(order.state, 'sale')
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.fulfilment_contract_id = self.local
        other = self._quote(5000.0)
        other.action_confirm()
        other.with_user(self.manager).action_fulfilment_release(reason='Agreed')
        other.action_lock()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            other.fulfilment_contract_id = self.local

    def test_taxes_do_not_make_up_for_a_price(self):
        group = self.env['account.tax.group'].create({'name': 'VAT', 'company_id': self.company.id})
        tax = self.env['account.tax'].create({
            'name': '10 %', 'amount': 10, 'company_id': self.company.id, 'tax_group_id': group.id, 'country_id': self.env.ref('base.cn').id,
        })
        self.master.ceiling_rule = 'hold'
        order = self._under(self.local, 1000.0)
        order.sudo().order_line.tax_ids = tax
        order.action_confirm()
        self.assertPassed(order)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.order_line.write({'tax_ids': [Command.clear()], 'price_unit': 1050.0})
        order.order_line.write({'tax_ids': [Command.clear()]})

    def test_typed_totals(self):
        """Held against a ceiling alone, totals follow from lines, too."""
        self.master.ceiling_rule = 'hold'
        order = self._quote(5000.0)
        for name, road in {
            'total': lambda: order.write({'amount_untaxed': 1.0}), 'line': lambda: order.order_line.write({'price_subtotal': 1.0}),
        }.items():
            with self.subTest(road=name), self.assertRaises(AccessError):
                road()
        order.sudo().amount_untaxed = 1.0  # however it came to be so
        order.sudo().fulfilment_contract_id = self.local
        order.action_confirm()
        self.assertHeld(order, 'ceiling')

    def test_a_contract_put_under_a_framework_afterwards(self):
        self.master.ceiling_rule = 'hold'
        loose = self.env['fulfilment.contract'].sudo().create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'type_id': self.local.type_id.id, 'user_id': self.sales.id,
            'amount_total': 500.0, 'date_start': TODAY,
        })
        self._under(loose, 1000.01).action_confirm()
        with self.assertRaisesRegex(ValidationError, 'ceiling'), self.env.cr.savepoint():
            loose.with_user(self.sales).parent_id = self.master
        self.master.ceiling_rule = 'warn'
        loose.with_user(self.sales).parent_id = self.master

    def test_an_order_does_not_leave_its_ceiling(self):
        self.master.ceiling_rule = 'hold'
        order = self._under(self.local, 1000.0)
        order.action_confirm()
        with self.assertRaisesRegex(AccessError, 'team leader'), self.env.cr.savepoint():
            order.fulfilment_contract_id = False
        order.fulfilment_contract_id = self.below  # under the same ceiling
        order.with_user(self.manager).fulfilment_contract_id = False
        draft = self._under(self.local, 1.0)
        draft.fulfilment_contract_id = False

    def test_counted_up_by_who_decides(self):
        before = self.master.sudo().ceiling_sequence
        self._under(self.local, 1.0).action_confirm()
        self.assertEqual(self.master.sudo().ceiling_sequence, before + 1)
