"""The order gate: every road, every rule, releases, changes of confirmed orders."""
from datetime import date, timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_profile import TODAY, ProfileCommon


class GateCommon(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(hours=10)))
        cls.company.fulfilment_credit_gate = True
        cls.sales = cls._make_sales_user('g_sales')
        cls.credit = new_test_user(
            cls.env, 'g_credit', groups='base.group_user,fulfilment_crm.group_credit', company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.manager = new_test_user(
            cls.env, 'g_manager', groups='base.group_user,fulfilment_crm.group_manager,sales_team.group_sale_manager',
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )
        cls.Rule = cls.env['fulfilment.credit.rule'].with_context(active_test=False)
        cls.Rule.search([]).active = False
        cls._rule('limit')

    @classmethod
    def _rule(cls, name, **vals):
        """Put one of the shipped rules into use, the others stay off."""
        rule = cls.env.ref(f'fulfilment_crm.credit_rule_{name}')
        rule.write({'active': True, **vals})
        return rule

    @classmethod
    def _line(cls, partner, company=None):
        company = company or cls.company
        return cls.env['fulfilment.credit.line']._of(partner, company)[partner]

    @classmethod
    def _limit(cls, partner, amount, **vals):
        line = cls._line(partner)
        line.write({'limit_source': 'manual', 'limit': amount, **vals})
        return line

    def _quote(self, amount, partner=None, user=None, **vals):
        order = self._order(partner or self.customer, amount, TODAY, confirm=False, user_id=(user or self.sales).id, **vals)
        return order.with_user(user or self.sales)

    def assertHeld(self, order, kind=None):
        self.assertIn(order.state, ('draft', 'sent'))
        self.assertEqual(order.fulfilment_credit_state, 'hold')
        decision = order.sudo().fulfilment_credit_decision_ids._latest()
        self.assertEqual(decision.outcome, 'hold')
        if kind:
            self.assertIn(kind, [hit['kind'] for hit in decision.hits])

    def assertPassed(self, order, outcome='pass'):
        self.assertEqual(order.state, 'sale')
        self.assertEqual(order.sudo().fulfilment_credit_decision_ids._latest().outcome, outcome)


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
        self.assertEqual(order.sudo().fulfilment_credit_decision_ids.road, 'portal')
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
        self._confirmed().date_order = '2090-01-01'
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


@tagged('post_install', '-at_install')
class TestGateRules(GateCommon):

    def setUp(self):
        super().setUp()
        self.env.ref('fulfilment_crm.credit_rule_limit').active = False

    def _confirm(self, amount=100, **vals):
        order = self._quote(amount, **vals)
        order.action_confirm()
        return order

    def test_stop_by_hand(self):
        self._rule('stop')
        with self.assertRaises(UserError):
            self._line(self.customer).hold = True
        self._line(self.customer).write({'hold': True, 'hold_reason': 'Disputed delivery'})
        order = self._confirm()
        self.assertHeld(order, 'stop')
        self.assertIn('Disputed delivery', order.fulfilment_credit_text)

    def test_expired_limit(self):
        self._rule('expired')
        self._limit(self.customer, 10 ** 6, valid_until=TODAY)
        self.assertPassed(self._confirm())
        self._limit(self.customer, 10 ** 6, valid_until=TODAY - timedelta(days=1))
        self.assertHeld(self._confirm(), 'limit_expired')

    def test_days_overdue(self):
        self._rule('overdue_days')
        line = self._invoice(self.customer, 50, TODAY - timedelta(days=30))
        self.assertPassed(self._confirm())
        line.move_id.line_ids.date_maturity = TODAY - timedelta(days=31)
        self.assertHeld(self._confirm(), 'overdue_days')

    def test_amount_overdue_warns(self):
        self._rule('overdue_amount', threshold=50)
        self._invoice(self.customer, 50, TODAY - timedelta(days=1))
        self.assertPassed(self._confirm())
        self._invoice(self.customer, 0.01, TODAY - timedelta(days=1))
        order = self._confirm()
        self.assertPassed(order, 'warn')
        self.assertEqual(order.fulfilment_credit_state, 'warn')

    def test_size_of_the_order(self):
        self._rule('size', threshold=100)
        self.assertPassed(self._confirm(100))
        self.assertHeld(self._confirm(100.01), 'order_amount')

    def test_grade(self):
        self._rule('grade')
        line = self._line(self.customer)
        for code, expected in (('AAA', 'pass'), ('B', 'warn'), ('C', 'hold')):
            line.grade_id = self.env.ref(f'fulfilment_crm.credit_grade_{code.lower()}')
            order = self._confirm()
            self.assertEqual(order.sudo().fulfilment_credit_decision_ids._latest().outcome, expected, code)

    def test_longer_terms(self):
        self._rule('terms', outcome='hold')
        self._line(self.customer).grade_id = self.env.ref('fulfilment_crm.credit_grade_a')
        days_30 = self.env.ref('account.account_payment_term_30days')
        days_45 = self.env.ref('account.account_payment_term_45days')
        self.assertPassed(self._confirm(payment_term_id=days_30.id))
        self.assertHeld(self._confirm(payment_term_id=days_45.id), 'longer_terms')

    def test_a_provisional_grade_counts_at_once(self):
        self._rule('grade')
        line = self._line(self.customer)
        line.grade_id = self.env.ref('fulfilment_crm.credit_grade_aaa')
        line.provisional_grade_id = self.env.ref('fulfilment_crm.credit_grade_c')
        self.assertHeld(self._confirm(), 'grade')


@tagged('post_install', '-at_install')
class TestGateChanges(GateCommon):

    def setUp(self):
        super().setUp()
        self._limit(self.customer, 1000)
        self.order = self._quote(900)
        self.order.action_confirm()

    def test_more_is_refused_less_is_not(self):
        line = self.order.order_line
        line.write({'price_unit': 1000})
        with self.assertRaisesRegex(UserError, self.order.name), self.env.cr.savepoint():
            line.write({'price_unit': 1000.01})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            line.write({'product_uom_qty': 2})
        self.env.invalidate_all()
        line.write({'price_unit': 10})
        self.assertEqual(self.order.amount_total, 10)

    def test_new_lines_through_line_and_order(self):
        vals = {'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 101, 'tax_ids': [Command.clear()]}
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.env['sale.order.line'].with_user(self.sales).create({**vals, 'order_id': self.order.id})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.order.write({'order_line': [Command.create(vals)]})
        self.env.invalidate_all()
        # What is added and taken away in one go counts together.
        self.order.write({'order_line': [Command.create(vals), Command.update(self.order.order_line.id, {'price_unit': 800})]})
        self.assertEqual(self.order.amount_total, 901)

    def test_taking_a_discount_away_is_more(self):
        discount = self.env['sale.order.line'].create({
            'order_id': self.order.id, 'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': -50, 'tax_ids': [Command.clear()],
        })
        self.order.order_line[0].price_unit = 1050
        with self.assertRaises(UserError), self.env.cr.savepoint():
            discount.price_unit = 0
        with self.assertRaises(UserError), self.env.cr.savepoint():
            discount.unlink()

    def test_longer_terms_on_a_confirmed_order(self):
        self._rule('terms', outcome='hold')
        self._line(self.customer).grade_id = self.env.ref('fulfilment_crm.credit_grade_a')
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.order.payment_term_id = self.env.ref('account.account_payment_term_45days')

    def test_another_invoice_address_is_another_customer(self):
        self._limit(self.other, 100)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.order.partner_invoice_id = self.other


@tagged('post_install', '-at_install')
class TestGateRelease(GateCommon):

    def setUp(self):
        super().setUp()
        self._limit(self.customer, 1000)
        self.order = self._quote(2000)
        self.order.action_confirm()
        self.assertHeld(self.order)

    def test_release_confirms_and_is_on_record(self):
        order = self.order.with_user(self.credit)
        self.assertTrue(order.fulfilment_can_release)
        self.assertEqual(order.action_fulfilment_release()['res_model'], 'fulfilment.credit.release')
        order.action_fulfilment_release(reason='Bank guarantee', valid_until=TODAY)
        self.assertEqual(self.order.state, 'sale')
        self.assertEqual(self.order.fulfilment_credit_state, 'released')
        decision = self.order.sudo().fulfilment_credit_decision_ids._latest()
        self.assertRecordValues(decision, [{
            'outcome': 'released', 'user_id': self.credit.id, 'amount': 2000, 'reason': 'Bank guarantee', 'valid_until': TODAY,
        }])
        self.assertFalse(self.order.sudo().activity_ids)

    def test_who_may_not(self):
        with self.assertRaises(AccessError):
            self.order.action_fulfilment_release(reason='Please')
        self.assertFalse(self.order.fulfilment_can_release)
        colleague = self._make_sales_user('g_sales_2')
        with self.assertRaises(AccessError):
            self.order.with_user(colleague).sudo().with_user(colleague).action_fulfilment_release(reason='Please')
        own = self._quote(5000, user=self.manager)
        own.action_confirm()
        self.assertHeld(own)
        with self.assertRaisesRegex(AccessError, 'themselves'):
            own.action_fulfilment_release(reason='I may everything')

    def test_a_release_must_cover_and_last(self):
        order = self.order.with_user(self.credit)
        with self.assertRaises(UserError):
            order.action_fulfilment_release(reason='Little', amount=1999.99)
        with self.assertRaises(UserError):
            order.action_fulfilment_release(reason='Late', valid_until=TODAY - timedelta(days=1))
        with self.assertRaises(UserError):
            self._quote(1).action_fulfilment_release(reason='Not held')

    def test_growing_beyond_the_release_is_decided_on_again(self):
        self.order.with_user(self.credit).action_fulfilment_release(reason='Guarantee', amount=2100)
        self.order.order_line.price_unit = 2100
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.order.order_line.price_unit = 2100.01

    def test_cancelling_uses_a_release_up(self):
        self.order.with_user(self.credit).action_fulfilment_release(reason='Guarantee')
        self.order._action_cancel()
        self.order.action_draft()
        self.order.action_confirm()
        self.assertHeld(self.order)

    def test_a_release_that_has_ended_holds_no_more(self):
        self.order.with_user(self.credit).action_fulfilment_release(reason='Guarantee', amount=5000, valid_until=TODAY)
        with freeze_time(date(2026, 3, 4)), self.assertRaises(UserError), self.env.cr.savepoint():
            self.order.order_line.price_unit = 2001

    def test_only_the_group_of_the_rule_releases(self):
        self._rule('size', threshold=100)
        order = self._quote(200)
        order.action_confirm()
        with self.assertRaises(AccessError):
            order.with_user(self.credit).action_fulfilment_release(reason='Fine')
        order.with_user(self.manager).action_fulfilment_release(reason='Fine')
        self.assertEqual(order.state, 'sale')
