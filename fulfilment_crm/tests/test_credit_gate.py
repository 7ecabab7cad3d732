"""The order gate: every road, and what attackers try."""
from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_gate import GateCommon
from .common_profile import TODAY


@tagged('post_install', '-at_install')
class TestGateRoads(GateCommon):

    def test_off_nothing_happens(self):
        self.company.fulfilment_credit_gate = False
        self._limit(self.customer, 10)
        order = self._quote(1000)
        self.assertIs(order.action_confirm(), True)
        self.assertEqual(order.state, 'sale')
        self.assertFalse(order.sudo().fulfilment_credit_decision_ids)

    def test_the_edge_of_the_limit(self):
        self._limit(self.customer, 1000)
        order = self._quote(1000)
        self.assertIs(order.action_confirm(), True)
        self.assertPassed(order)
        another = self._quote(0.01)
        self.assertIsInstance(another.action_confirm(), dict)
        self.assertHeld(another, 'limit_share')
        self.assertIn(another.name, another.action_confirm()['params']['message'])

    def test_without_a_limit_everything_passes(self):
        order = self._quote(10 ** 9)
        order.action_confirm()
        self.assertPassed(order)

    def test_a_limit_of_nothing_is_a_limit(self):
        self._limit(self.customer, 0)
        order = self._quote(1)
        order.action_confirm()
        self.assertHeld(order)

    def test_a_batch_confirms_the_good_and_lists_the_held(self):
        self._limit(self.customer, 1500)
        orders = self._quote(1000) | self._quote(1000) | self._quote(500) | self._quote(2000, self.other)
        result = orders.action_confirm()
        self.assertEqual(orders.mapped('state'), ['sale', 'draft', 'sale', 'sale'])
        self.assertIn(orders[1].name, result['params']['message'])
        self.assertNotIn(orders[0].name, result['params']['message'])

    def test_what_is_owed_counts_with_what_is_ordered(self):
        self._invoice(self.customer, 600, TODAY)
        self._limit(self.customer, 1000)
        order = self._quote(401)
        order.action_confirm()
        self.assertHeld(order)
        smaller = self._quote(400)
        smaller.action_confirm()
        self.assertPassed(smaller)

    def test_write_of_the_state(self):
        self._limit(self.customer, 100)
        order = self._quote(1000)
        order.write({'state': 'sale', 'client_order_ref': 'PO 7'})
        self.assertHeld(order)
        self.assertEqual(order.client_order_ref, 'PO 7')
        small = self._quote(100)
        (order | small).write({'state': 'sale'})
        self.assertHeld(order)
        self.assertPassed(small)

    def test_creation_in_the_state(self):
        self._limit(self.customer, 100)
        vals = {'partner_id': self.customer.id, 'company_id': self.company.id, 'state': 'sale', 'order_line': [Command.create({
            'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 1000, 'tax_ids': [Command.clear()],
        })]}
        order = self.env['sale.order'].with_user(self.sales).create(vals)
        self.assertHeld(order)

    def test_cancelled_and_reopened_is_decided_on_again(self):
        line = self._limit(self.customer, 1000)
        order = self._quote(1000)
        order.action_confirm()
        order.with_user(self.sales).action_unlock() if order.locked else None
        order._action_cancel()
        line.limit = 10
        order.action_draft()
        order.action_confirm()
        self.assertHeld(order)

    def test_a_copy_is_decided_on_for_itself(self):
        self._limit(self.customer, 1500)
        order = self._quote(1000)
        order.action_confirm()
        copy = order.copy()
        self.assertFalse(copy.fulfilment_credit_state)
        copy.action_confirm()
        self.assertHeld(copy)

    def test_the_portal_signature_holds_without_raising(self):
        self._limit(self.customer, 100)
        order = self._quote(1000)
        order.action_quotation_sent()
        order.sudo().write({'signed_by': 'Lin Wei', 'signed_on': fields.Datetime.now()})
        order.sudo()._validate_order()
        self.assertHeld(order)
        self.assertEqual(order.sudo().fulfilment_credit_decision_ids.source, 'portal')
        self.assertEqual(order.signed_by, 'Lin Wei')

    def test_context_and_fields_cannot_be_forged(self):
        self._limit(self.customer, 100)
        order = self._quote(1000)
        order.with_context(fulfilment_passed=order.ids, fulfilment_gate_passed=True).action_confirm()
        self.assertHeld(order)
        with self.assertRaises(AccessError):
            order.write({'fulfilment_credit_state': 'released'})
        with self.assertRaises(AccessError):
            order.write({'fulfilment_credit_decision_ids': [Command.clear()]})
        with self.assertRaises(AccessError):
            self.env['fulfilment.credit.decision'].with_user(self.sales).create({
                'order_id': order.id, 'partner_id': self.customer.id, 'company_id': self.company.id, 'outcome': 'released',
                'amount': 10 ** 9,
            })
        order.action_confirm()
        self.assertHeld(order)

    def test_a_plain_salesperson_needs_no_rights_to_accounts(self):
        self.assertFalse(self.env['account.payment'].with_user(self.sales).has_access('read'))
        self._invoice(self.customer, 600, TODAY)
        self._limit(self.customer, 500)
        order = self._quote(1)
        order.action_confirm()
        self.assertHeld(order)

    def test_held_orders_reach_the_credit_controller(self):
        self.company.fulfilment_credit_user_id = self.credit
        self._limit(self.customer, 10)
        order = self._quote(100)
        order.action_confirm()
        order.action_confirm()
        activity = order.sudo().activity_ids
        self.assertEqual(activity.user_id, self.credit)
        self.assertEqual(len(activity), 1)


@tagged('post_install', '-at_install')
class TestGateAttacks(GateCommon):
    """What a salesperson with an API key might try."""

    def setUp(self):
        super().setUp()
        self.line = self._limit(self.customer, 1000)
        self._limit(self.other, 10 ** 6)

    def _confirmed(self, amount=900, **vals):
        order = self._quote(amount, **vals)
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        return order

    def test_another_day_in_the_context(self):
        self.env.ref('fulfilment_crm.credit_rule_limit').active = False
        self._rule('expired')
        self.line.valid_until = TODAY - timedelta(days=1)
        for day in ('2001-01-01', date(2001, 1, 1), fields.Datetime.to_datetime('2001-01-01')):
            order = self._quote(1)
            order.with_context(as_of=day).action_confirm()
            self.assertHeld(order, 'limit_expired')

    def test_figures_of_another_day(self):
        self._invoice(self.customer, 500, TODAY)
        profile = self.profile(self.customer)
        profile.user_id = self.sales
        profile.with_user(self.sales).with_context(as_of='2001-01-01').action_refresh()
        self.assertEqual(profile.receivable_open, 500)

    def test_stored_totals_and_rates(self):
        order = self._quote(5000)
        for vals in ({'currency_rate': 1e9}, {'amount_total': 1}, {'amount_untaxed': 1}, {'amount_tax': -4999}):
            with self.assertRaises(AccessError):
                order.write(vals)
        with self.assertRaises(AccessError):
            order.copy({'currency_rate': 1e9})
        for vals in (
            {'qty_invoiced': 1}, {'price_total': 0}, {'price_subtotal': 0}, {'price_tax': -1}, {'invoice_lines': [Command.clear()]},
        ):
            with self.assertRaises(AccessError):
                order.order_line.write(vals)
        # Even stored by some other road, totals are held against the lines.
        order.sudo().amount_total = 1
        order.action_confirm()
        self.assertHeld(order)

    def test_defaults_in_the_context(self):
        forged = self.env['sale.order'].with_user(self.sales).with_context(
            default_fulfilment_credit_state='hold', default_currency_rate=1e9,
        ).create({'partner_id': self.customer.id, 'company_id': self.company.id})
        self.assertFalse(forged.fulfilment_credit_state)
        self.assertEqual(forged.currency_rate, 1)
        with self.assertRaises(UserError):
            forged.action_fulfilment_release(reason='hi')
        confirmed = self._confirmed()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.env['sale.order.line'].with_user(self.sales).with_context(default_order_id=confirmed.id).create({
                'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 99999,
            })

    def test_an_order_dated_ahead_counts(self):
        self._confirmed().sudo().date_order = '2090-01-01'  # as some other module may; people cannot
        order = self._quote(200)
        order.action_confirm()
        self.assertHeld(order)

    def test_state_and_customer_in_one_write(self):
        for field in ('partner_id', 'partner_invoice_id'):
            order = self._quote(5000, self.other)
            order.write({'state': 'sale', field: self.customer.id})
            self.assertHeld(order)

    def test_who_orders_counts_beside_who_is_invoiced(self):
        order = self._quote(5000, partner_invoice_id=self.other.id)
        order.action_confirm()
        self.assertHeld(order)

    def test_a_release_is_for_its_customer_and_terms(self):
        order = self._quote(2000)
        order.action_confirm()
        order.with_user(self.credit).action_fulfilment_release(reason='Guarantee')
        self.assertEqual(order.state, 'sale')
        third = self._make_customer('Third')
        self._limit(third, 1)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.write({'partner_id': third.id, 'partner_invoice_id': third.id})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.payment_term_id = self.env.ref('account.account_payment_term_45days')

    def test_a_release_ends_with_the_state(self):
        for state in ('cancel', 'draft'):
            order = self._quote(2000)
            order.action_confirm()
            order.with_user(self.credit).action_fulfilment_release(reason='Guarantee')
            order.write({'state': state})
            order.action_draft()
            order.action_confirm()
            self.assertHeld(order)
            order._action_cancel()

    def test_company_of_a_confirmed_order(self):
        free = self._make_company('Free Inc.')
        self.sales.company_ids |= free
        env = self.env(context={**self.env.context, 'allowed_company_ids': [free.id, self.company.id]})
        order = env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': free.id, 'order_line': [Command.create({
                'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 5000, 'tax_ids': [Command.clear()],
            })],
        })
        order.action_confirm()
        self.assertEqual(order.state, 'sale')
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.company_id = self.company

    def test_whose_order_it_is_does_not_release_it(self):
        self.credit.group_ids |= self.env.ref('sales_team.group_sale_salesman')
        order = self._quote(2000, user=self.credit)
        public = self.env.ref('base.public_user')
        order.with_user(public).sudo().with_context(send_email=True).action_confirm()
        self.assertHeld(order)
        with self.assertRaisesRegex(AccessError, 'themselves'):
            order.with_user(self.credit).action_fulfilment_release(reason='Mine')

    def test_what_was_held_is_not_deleted(self):
        order = self._quote(2000)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, 'stays on record'):
            order.with_user(self.manager).unlink()

    def test_merging_washes_nobody_clean(self):
        self.line.write({'grade_id': self.env.ref('fulfilment_crm.credit_grade_c').id, 'valid_until': TODAY, 'limit': 1})
        third = self._make_customer('Third')
        self._line(third).grade_id = self.env.ref('fulfilment_crm.credit_grade_aaa')
        self.env.flush_all()
        self.env['base.partner.merge.automatic.wizard'].with_context(active_test=False)._merge((self.customer | third).ids, third)
        self.env.invalidate_all()
        self.assertRecordValues(self._line(third), [{
            'grade_id': self.env.ref('fulfilment_crm.credit_grade_c').id, 'limit': 1, 'limit_source': 'manual', 'valid_until': TODAY,
        }])
