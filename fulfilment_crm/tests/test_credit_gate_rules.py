"""What the gate holds, what may change after confirmation, and how held orders are released."""
from datetime import date, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common_gate import GateCommon
from .common_profile import TODAY


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

    def test_a_currency_without_a_rate_is_worth_nobody_knows_what(self):
        """Odoo counts one for one: a million of something dear would pass as a million."""
        self._rule('limit')
        dear = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'KWD')])
        dear.active = True
        dear.rate_ids.unlink()
        self._limit(self.customer, 10 ** 6)
        order = self._quote(100)
        order.sudo().currency_id = dear
        order.action_confirm()
        self.assertHeld(order, 'rate')
        self.assertIn('KWD', order.sudo().fulfilment_credit_decision_ids.hit_text)
        dear.rate_ids = [Command.create({'name': '2020-01-01', 'rate': 0.5, 'company_id': False})]
        order.action_confirm()
        self.assertPassed(order)

    def test_a_confirmed_order_does_not_become_dearer_by_its_currency(self):
        self._rule('limit')
        dear = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'KWD')])
        dear.active = True
        dear.rate_ids.unlink()
        self._limit(self.customer, 1000)
        order = self._quote(500)
        order.action_confirm()
        self.assertPassed(order)
        for currency in (dear, self.env.ref('base.USD')):
            with self.subTest(currency=currency.name), self.assertRaises(UserError):
                currency.active = True
                if currency != dear:
                    currency.rate_ids = [Command.create({'name': '2020-01-01', 'rate': 0.1})]
                order.write({'currency_id': currency.id})

    def test_more_is_not_delivered_than_the_limit_allows(self):
        self._rule('limit')
        self._limit(self.customer, 1000)
        order = self._quote(500)
        order.action_confirm()
        order.order_line.qty_delivered = 1
        with self.assertRaises(UserError):
            order.order_line.qty_delivered = 100

    def test_an_old_invoice_is_not_linked_to_a_new_order(self):
        """It would count as invoiced, and what was paid long ago makes room."""
        clerk = new_test_user(self.env, 'g_clerk', groups='account.group_account_invoice,sales_team.group_sale_salesman_all_leads',
                              company_id=self.company.id, company_ids=[Command.set(self.company.ids)])
        old = self._invoice(self.customer, 50, TODAY, paid_on=TODAY).move_id.invoice_line_ids
        order = self._quote(500)
        order.action_confirm()
        for link in ([Command.link(order.order_line.id)], [Command.set(order.order_line.ids)]):
            with self.assertRaises(AccessError):
                old.with_user(clerk).write({'sale_line_ids': link})
        old.with_user(clerk).write({'sale_line_ids': [Command.set([])]})  # as it is
        invoice = order._create_invoices()
        invoice.with_user(clerk).action_post()
        with self.assertRaises(AccessError):
            invoice.invoice_line_ids.with_user(clerk).write({'sale_line_ids': [Command.clear()]})

    def test_a_release_lifts_a_missing_rate(self):
        self._rule('limit')
        dear = self.env['res.currency'].with_context(active_test=False).search([('name', '=', 'KWD')])
        dear.active = True
        dear.rate_ids.unlink()
        order = self._quote(100)
        order.sudo().currency_id = dear
        order.action_confirm()
        order.with_user(self.credit).action_fulfilment_release('Known')
        self.assertEqual(order.state, 'sale')

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

    def test_refused_and_told_why(self):
        """By those who may release; it stays a quotation, is told its salesperson, and is judged anew when it is confirmed again."""
        with self.assertRaises(AccessError):
            self.order.action_fulfilment_refuse(reason='No')
        order = self.order.with_user(self.credit)
        dialog = order.action_fulfilment_refuse()
        wizard = Form(self.env[dialog['res_model']].with_user(self.credit).with_context(**dialog['context']))
        wizard.reason = 'Three invoices are open'
        wizard.save().action_refuse()
        self.assertEqual((self.order.state, self.order.fulfilment_credit_state), ('draft', 'refused'))
        decision = self.order.sudo().fulfilment_credit_decision_ids._latest()
        self.assertEqual((decision.outcome, decision.reason, decision.user_id), ('refused', 'Three invoices are open', self.credit))
        to_do = self.order.sudo().activity_ids
        self.assertEqual(to_do.user_id, self.sales)
        self.assertIn('Three invoices are open', to_do.note)
        with self.assertRaises(UserError):
            order.action_fulfilment_refuse(reason='Again')
        with self.assertRaises(UserError):
            order.action_fulfilment_release(reason='After all')
        with self.assertRaisesRegex(UserError, 'stays on record'), self.env.cr.savepoint():
            self.order.sudo().with_user(self.manager).unlink()
        self.assertFalse(self.order.sudo()._has_to_be_paid(), "what was declined is not paid")
        self._limit(self.customer, 100_000)
        self.order.action_confirm()
        self.assertPassed(self.order)

    def test_declining_ends_what_was_released_before(self):
        order = self.order.with_user(self.credit)
        held = self.order.sudo().fulfilment_credit_decision_ids._latest()
        held.copy({'outcome': 'released', 'amount': 10_000.0})
        held.copy({'outcome': 'hold'})
        (order | order).action_fulfilment_refuse(reason='No')
        decisions = self.order.sudo().fulfilment_credit_decision_ids
        self.assertEqual(sorted(decisions.mapped('outcome')), ['hold', 'hold', 'refused', 'void'])
        for _go in range(2):
            self.order.action_confirm()
            self.assertHeld(self.order)

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
