"""What an order is when it is written as confirmed is what was judged, whatever else happens on the way."""
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.sale_loyalty.models import sale_order as sale_loyalty

from .common_gate import GateCommon
from .common_profile import TODAY


@tagged('post_install', '-at_install')
class TestGateGrown(GateCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._limit(cls.customer, 10_000)
        cls.program = cls.env['loyalty.program'].create({
            'name': 'Ten percent', 'program_type': 'promotion', 'trigger': 'auto', 'applies_on': 'current',
            'rule_ids': [Command.create({'minimum_amount': 1})],
            'reward_ids': [Command.create({'reward_type': 'discount', 'discount': 10, 'discount_mode': 'percent'})],
        })

    def _vals(self, *amounts, **vals):
        return {'partner_id': self.customer.id, 'company_id': self.company.id, 'user_id': self.sales.id, **vals, 'order_line': [
            Command.create({'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': amount, 'tax_ids': [Command.clear()]})
            for amount in amounts
        ]}

    def _in_a_currency_that_rose(self):
        """Values of an order in a currency that was worth a hundredth once."""
        foreign = self.env['res.currency'].with_context(active_test=False).search([('id', '!=', self.company.currency_id.id)], limit=1)
        foreign.active = True
        self.env['res.currency.rate'].create([
            {'currency_id': foreign.id, 'name': day, 'rate': rate, 'company_id': self.company.id}
            for day, rate in (('2020-01-01', 100.0), ('2025-01-01', 1.0))
        ])
        pricelist = self.env['product.pricelist'].create({'name': 'Foreign', 'currency_id': foreign.id, 'company_id': self.company.id})
        return {'pricelist_id': pricelist.id, 'currency_id': foreign.id}

    def _discounted(self, amount):
        order = self._quote(amount)
        order._update_programs_and_rewards()
        order._apply_program_reward(self.program.reward_ids, order._get_claimable_rewards().keys().__iter__().__next__())
        return order

    def test_a_typed_reward_is_judged_as_what_odoo_makes_of_it(self):
        card = self.env['loyalty.card'].create({'program_id': self.program.id, 'points': 0})
        vals = self._vals(100_000)
        vals['order_line'].append(Command.create({
            'name': 'Discount', 'product_id': self.product.id, 'price_unit': -95_000, 'reward_id': self.program.reward_ids.id,
            'coupon_id': card.id, 'reward_identifier_code': 'x', 'points_cost': 0, 'tax_ids': [Command.clear()],
        }))
        order = self.env['sale.order'].with_user(self.sales).create(vals)
        order.action_confirm()
        self.assertHeld(order, 'limit_share')

    def test_a_promotion_that_has_ended_counts_no_more(self):
        order = self._discounted(11_000)
        self.assertEqual(order.amount_total, 9_900)
        self.program.active = False
        order.action_confirm()
        self.assertHeld(order, 'limit_share')

    def test_a_promotion_that_holds_passes_and_is_brought_up_to_date_afterwards(self):
        order = self._discounted(11_000)
        order.action_confirm()
        self.assertPassed(order)
        order.action_open_reward_wizard()
        self.assertEqual((order.state, order.amount_total), ('sale', 9_900))

    def test_rewards_are_brought_up_to_date_once(self):
        """Twice would take more of a card whose points are all spent; confirmed at once, and released."""
        odoos, done = sale_loyalty.SaleOrder._update_programs_and_rewards, []

        def counted(orders):
            done.append(orders)
            return odoos(orders)

        small, large = self._discounted(1_000), self._discounted(20_000)
        with patch.object(sale_loyalty.SaleOrder, '_update_programs_and_rewards', counted):
            small.action_confirm()
            self.assertPassed(small)
            self.assertEqual(len(done), 1)
            large.action_confirm()
            self.assertHeld(large)
            done.clear()
            large.with_user(self.credit).action_fulfilment_release(reason="Agreed")
        self.assertEqual(large.state, 'sale')
        self.assertEqual(len(done), 1)

    def test_what_any_module_adds_while_it_confirms_is_refused(self):
        order = self._quote(9_000)
        model = type(self.env['sale.order'])
        original = model._prepare_confirmation_values

        def enlarge(orders):
            orders.order_line.price_unit = 90_000
            return original(orders)

        with patch.object(model, '_prepare_confirmation_values', enlarge), \
                self.assertRaisesRegex(UserError, 'cannot become larger'), self.env.cr.savepoint():
            order.action_confirm()
        self.assertEqual(order.state, 'draft')

        def reduce(orders):
            orders.order_line.price_unit = 8_000
            return original(orders)

        with patch.object(model, '_prepare_confirmation_values', reduce):
            order.action_confirm()
        self.assertPassed(order)

    def test_orders_entered_as_confirmed_are_not_counted_twice(self):
        orders = self.env['sale.order'].with_user(self.sales)
        [order] = orders.create([self._vals(6_000, state='sale')])
        self.assertPassed(order)
        two = orders.create([self._vals(2_000, state='sale'), self._vals(2_000, state='sale')])
        for one in two:
            self.assertPassed(one)
        [more] = orders.with_context(default_state='sale').create([self._vals(0.01)])
        self.assertHeld(more, 'limit_share')

    def test_defaults_confirm_nothing(self):
        other = self.env['res.company'].create({'name': 'Without a gate', 'currency_id': self.company.currency_id.id})
        self.sales.company_ids = [Command.link(other.id)]
        self.env['ir.default'].with_user(self.sales).set('sale.order', 'state', 'sale', user_id=True)
        orders = self.env['sale.order'].with_user(self.sales)
        self.assertHeld(orders.create(self._vals(100_000)), 'limit_share')
        small = orders.create(self._vals(100))
        self.assertPassed(small)
        vals = self._vals(100_000)
        vals.pop('company_id')
        elsewhere = orders.with_context(allowed_company_ids=[other.id, self.company.id], default_company_id=self.company.id)
        self.assertHeld(elsewhere.create({**vals, 'state': 'sale'}), 'limit_share')

    def test_invoices_are_made_as_drafts(self):
        self.product.invoice_policy = 'order'
        for context in ({}, {'default_state': 'posted'}):
            order = self._quote(1_000)
            order.action_confirm()
            before = self.env['fulfilment.profile']._live(self.customer, self.company, ['exposure'])[self.customer]['exposure']
            self.env['ir.default'].with_user(self.sales).set('account.move', 'state', 'posted', user_id=True)
            invoice = order.with_context(**context)._create_invoices()
            self.assertEqual((invoice.state, invoice.amount_total), ('draft', 1_000))
            after = self.env['fulfilment.profile']._live(self.customer, self.company, ['exposure'])[self.customer]['exposure']
            self.assertEqual(after, before)

    def test_payments_are_what_the_provider_says(self):
        for name, value in (('state', 'done'), ('provider_reference', 'x')):
            self.env['ir.default'].with_user(self.sales).set('payment.transaction', name, value, user_id=True)
        made = self.env['payment.transaction'].with_user(self.sales).sudo().with_context(default_state='done')
        self.assertEqual(made.default_get(['state', 'provider_reference']).get('state'), 'draft')
        self.assertFalse(made.default_get(['provider_reference']).get('provider_reference'))

    def test_a_card_of_somebody_else_brought_by_the_call(self):
        loyalty = self.env['loyalty.program'].create({
            'name': 'Points', 'program_type': 'loyalty', 'applies_on': 'both', 'trigger': 'auto',
        })
        stranger = self.env['res.partner'].create({'name': 'Stranger'})
        card = self.env['loyalty.card'].create({'program_id': loyalty.id, 'partner_id': stranger.id, 'points': 100})
        orders = self.env['sale.order'].with_user(self.sales).with_context(default_applied_coupon_ids=[Command.set(card.ids)])
        self.assertFalse(orders.create(self._vals(10)).applied_coupon_ids)

    def test_a_release_is_of_what_the_order_will_be(self):
        order = self._discounted(20_000)
        order.action_confirm()
        self.assertHeld(order, 'limit_share')
        self.program.active = False
        with self.assertRaisesRegex(UserError, 'look at it again'), self.env.cr.savepoint():
            order.with_user(self.credit).action_fulfilment_release(reason="Agreed")
        order.with_user(self.credit).action_fulfilment_release(reason="Agreed", amount=20_000)
        self.assertEqual((order.state, order.amount_total), ('sale', 20_000))

    def test_orders_in_other_currencies_count_by_the_rate_of_their_day(self):
        own = self._in_a_currency_that_rose()
        first = self._quote(6_000, **own)
        first.write({'state': 'sale', 'date_order': '2020-02-01'})
        self.assertPassed(first)
        self.assertEqual(first.currency_rate, 1.0)
        [second] = self.env['sale.order'].with_user(self.sales).create([self._vals(6_000, state='sale', date_order='2020-02-01', **own)])
        self.assertHeld(second, 'limit_share')

    def test_dates_of_confirmed_orders_do_not_set_their_exchange_rate(self):
        order = self._quote(9_000, **self._in_a_currency_that_rose())
        order.action_confirm()
        self.assertPassed(order)
        with self.assertRaisesRegex(AccessError, 'exchange rate'):
            order.date_order = '2020-02-01'
        order.date_order = order.date_order
        own = self._quote(100)
        own.action_confirm()
        with self.assertRaisesRegex(AccessError, 'exchange rate'):
            own.date_order = '2020-02-01'  # its currency may change next
        quote = self._quote(100)
        quote.date_order = '2026-01-01'

    def test_what_was_paid_makes_no_room_for_something_else(self):
        """The total stays; what is held against the limit is what is not invoiced yet."""
        paid = self._quote(9_000)
        paid.action_confirm()
        invoice = paid.sudo()._create_invoices()
        invoice.action_post()
        self._pay(invoice.line_ids.filtered(lambda one: one.account_type == 'asset_receivable'), 9_000, TODAY)
        second = self._quote(9_500)
        second.action_confirm()
        self.assertPassed(second)
        line = paid.order_line
        added = Command.create({'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 9_000, 'tax_ids': [Command.clear()]})
        for change in (
            lambda: paid.write({'order_line': [Command.update(line.id, {'price_unit': 0}), added]}),
            lambda: line.write({'product_uom_qty': 9_000_000, 'price_unit': 0.001}),
        ):
            with self.assertRaisesRegex(UserError, 'cannot become larger'), self.env.cr.savepoint():
                change()
            self.env.invalidate_all()
        # What stays within the limit may be moved, and what has nothing open may lose.
        paid.write({'order_line': [Command.update(line.id, {'price_unit': 8_700}), Command.create({
            'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 300, 'tax_ids': [Command.clear()],
        })]})
        self.assertEqual(len(paid.order_line), 2)


@tagged('post_install', '-at_install')
class TestCeilingOfManyCompanies(GateCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.fulfilment_credit_gate = False
        cls.other = cls.env['res.company'].create({'name': 'Other root', 'currency_id': cls.company.currency_id.id})
        cls.sales.company_ids = [Command.link(cls.other.id)]
        cls.framework = cls._contract(cls.env.ref('fulfilment_crm.contract_type_framework'), ceiling_rule='hold', state='active')
        cls.local = cls._contract(cls.env.ref('fulfilment_crm.contract_type_service'), company_id=cls.other.id, state='active')
        cls.local.parent_id = cls.framework
        cls.draft = cls._contract(cls.env.ref('fulfilment_crm.contract_type_service'), state='draft', parent_id=cls.framework.id)

    @classmethod
    def _contract(cls, kind, state, **vals):
        contract = cls.env['fulfilment.contract'].sudo().create({
            'partner_id': cls.customer.id, 'company_id': cls.company.id, 'type_id': kind.id, 'template_id': False, 'user_id': cls.sales.id,
            'amount_total': 10_000.0, 'date_start': TODAY, **vals,
        })
        contract.write({'state': state, 'date_signed': TODAY if state == 'active' else False})
        return contract

    def _under(self, contract, amount):
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': contract.company_id.id, 'user_id': self.sales.id, 'pricelist_id': False,
            'order_line': [Command.create({
                'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': amount, 'tax_ids': [Command.clear()],
            })],
        })
        order.fulfilment_contract_id = contract
        return order.with_user(self.sales)

    def test_orders_of_two_companies_in_one_call_share_one_ceiling(self):
        first, second = self._under(self.framework, 9_000), self._under(self.local, 9_000)
        both = (first | second).with_context(allowed_company_ids=(self.company | self.other).ids)
        both.action_confirm()
        self.assertEqual(sorted(both.mapped('state')), ['draft', 'sale'])
        third, fourth = self._under(self.framework, 500), self._under(self.local, 500)
        (third | fourth).with_context(allowed_company_ids=(self.company | self.other).ids).action_confirm()
        self.assertEqual({third.state, fourth.state}, {'sale'})

    def test_a_type_that_changes_leaves_its_contracts_what_they_are(self):
        kind = self.framework.type_id
        draft = self._contract(kind, state='draft')
        kind.is_framework = False
        self.assertEqual((self.framework.is_framework, draft.is_framework), (True, False))
        self.assertEqual(self.framework._ceilings()[self.framework], self.framework)

    def test_orders_do_not_leave_their_ceiling_by_way_of_their_contract(self):
        order = self._under(self.draft, 9_000)
        order.action_confirm()
        self.assertPassed(order)
        own = self.draft.with_user(self.sales)
        for act in (lambda: own.unlink(), lambda: own.write({'parent_id': False})):
            with self.assertRaisesRegex(AccessError, 'team leader'), self.env.cr.savepoint():
                act()
        with self.assertRaisesRegex(AccessError, 'team leader'), self.env.cr.savepoint():
            order.sudo().order_line.qty_delivered = 1  # under way, and back in the drafts
            order.state = 'draft'
            order.fulfilment_contract_id = False
        self.env.invalidate_all()
        self.draft.with_user(self.manager).parent_id = False
        empty = self._contract(self.env.ref('fulfilment_crm.contract_type_service'), state='draft', parent_id=self.framework.id)
        empty.with_user(self.sales).unlink()
