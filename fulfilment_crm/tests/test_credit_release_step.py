"""Held orders among the decisions that wait: who is asked, what they read, and what ends it."""
from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .common_gate import GateCommon
from .common_profile import TODAY
from .common_queries import SameQueriesMixin


@tagged('post_install', '-at_install')
class TestReleaseStep(SameQueriesMixin, GateCommon):

    def setUp(self):
        super().setUp()
        self._limit(self.customer, 100)

    def settle(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def _held(self, amount=500, **more):
        order = self._quote(amount, **more)
        order.action_confirm()
        self.assertHeld(order)
        return order

    def _step(self, order, state='pending'):
        return self.env['fulfilment.approval'].search([
            ('res_model', '=', 'sale.order'), ('res_id', '=', order.id), ('state', '=', state),
        ])

    def _to_dos(self, order):
        return order.sudo().activity_ids.filtered(lambda one: one.activity_type_id == self.env.ref('fulfilment_crm.activity_type_credit'))

    def test_whoever_may_release_is_asked(self):
        order = self._held()
        step = self._step(order)
        self.assertIn(self.credit, step.candidate_ids)
        self.assertIn(self.manager, step.candidate_ids)
        self.assertNotIn(self.sales, step.candidate_ids)
        for user in step.candidate_ids:
            self.assertFalse(order.with_user(user)._fulfilment_release_barrier(), user.name)
        everybody = self.env['res.users'].search([('share', '=', False), ('company_ids', 'in', self.company.ids)])
        for user in everybody - step.candidate_ids:
            self.assertTrue(order.sudo().with_user(user)._fulfilment_release_barrier(), user.name)

    def test_the_page_says_what_it_is_about(self):
        order = self._held(partner=self.customer)
        step = self._step(order).with_user(self.credit)
        self.assertTrue(step.can_decide)
        self.assertEqual(
            (step.record_name, step.partner_id, step.amount, step.submitted_by_id), (order.name, self.customer, 500.0, self.sales),
        )
        for text in (order.sudo().fulfilment_credit_text, order.order_line[:1].name, '500.00'):
            self.assertIn(text, step.document)
        self.assertIn('500.00', step.effects)
        self.assertIn('100.00', step.facts)

    def test_deciding_here_is_deciding_there(self):
        order = self._held()
        step = self._step(order).with_user(self.credit)
        dialog = step.action_approve()
        self.assertEqual(dialog['res_model'], 'fulfilment.credit.release')
        wizard = Form(self.env[dialog['res_model']].with_user(self.credit).with_context(**dialog['context']))
        wizard.reason = 'Paid by bank guarantee'
        wizard.save().action_release()
        self.assertEqual(order.state, 'sale')
        self.assertEqual((step.state, step.reason, step.decided_by_id), ('approved', False, self.credit))
        with self.assertRaises(UserError):
            step.action_approve()

    def test_declined(self):
        order = self._held()
        step = self._step(order).with_user(self.credit)
        self.assertTrue(step.action_reject()['context']['default_is_refusal'])
        order.with_user(self.credit).action_fulfilment_refuse('No')
        self.assertEqual((step.state, step.reason, step.decided_by_id), ('rejected', False, self.credit))
        self.assertFalse(self._step(order))
        order.with_user(self.sales).action_confirm()
        self.assertEqual(len(self._step(order)), 1, "confirmed again, it is judged anew")

    def test_what_ends_by_itself(self):
        order = self._held()
        step = self._step(order)
        order.with_user(self.sales).action_confirm()
        self.assertEqual(self._step(order), step, "asked once while it is held")
        order.action_cancel()
        self.assertEqual(step.state, 'cancelled')
        self.assertFalse(step.decided_by_id)
        passed = self._held()
        self._limit(self.customer, 10 ** 6)
        passed.action_confirm()
        self.assertEqual(passed.state, 'sale')
        self.assertFalse(self._step(passed))

    def test_others_can_neither_read_nor_take_it(self):
        order = self._held()
        step = self._step(order)
        seller = self._make_sales_user('g_other')
        self.assertFalse(step.with_user(seller).search([('id', '=', step.id)]))
        with self.assertRaises(AccessError):
            step.with_user(seller).action_approve()
        own = step.with_user(self.sales)
        self.assertFalse(own.can_decide)
        self.assertFalse(own.facts)
        with self.assertRaises(AccessError):
            order.with_user(self.sales).action_fulfilment_release('Mine')
        two = step + self._step(self._held())
        with self.assertRaisesRegex(UserError, 'one by one'):
            two.with_user(self.credit).action_approve()

    def test_people_come_and_go(self):
        order = self._held()
        step = self._step(order)
        joined = new_test_user(
            self.env, 'g_joined', groups='base.group_user,fulfilment_crm.group_credit', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.credit.active = False
        step._follow_people()
        self.assertIn(joined, step.candidate_ids)
        self.assertNotIn(self.credit, step.with_context(active_test=False).candidate_ids)
        self.assertEqual(step._follow_people(), {'approvals asked of others': 0})
        step.candidate_ids.group_ids -= self.env.ref('fulfilment_crm.group_credit')
        self.manager.active = False
        step._follow_people()
        self.assertEqual(step.state, 'pending', "what nobody may release stays held")

    def test_the_to_do_is_for_who_may_release(self):
        self.company.fulfilment_credit_user_id = self.credit
        self.assertEqual(self._to_dos(self._held()).user_id, self.credit)
        self._rule('limit').release_group_id = self.env.ref('fulfilment_crm.group_manager')
        order = self._held()
        self.assertNotIn(self.credit, self._to_dos(order).user_id)
        self.assertIn(self.manager, self._to_dos(order).user_id)
        self.assertIn(order.name, self._to_dos(order)[:1].summary)
        self.assertIn(self.customer.name, self._to_dos(order)[:1].summary)

    def test_what_waits_too_long_is_escalated(self):
        self.company.fulfilment_manager_id = self.manager
        order = self._held()
        step = self._step(order)
        step._escalate()
        kind = self.env.ref('fulfilment_crm.activity_type_escalation')
        self.assertEqual(order.activity_ids.filtered(lambda one: one.activity_type_id == kind).user_id, self.manager)
        order.with_user(self.credit).action_fulfilment_release('Fine')
        self.assertFalse(order.activity_ids.filtered(lambda one: one.activity_type_id == kind))

    def test_orders_held_before_are_asked_once(self):
        order = self._held()
        self._step(order).unlink()
        order.sudo()._fulfilment_ask_release()
        order.sudo()._fulfilment_ask_release()
        self.assertEqual(len(self._step(order)), 1)

    def test_release_until_a_day(self):
        order = self._held()
        order.with_user(self.credit).action_fulfilment_release('Fine', valid_until=TODAY + timedelta(days=1))
        order.with_context(disable_cancel_warning=True).action_cancel()
        self.assertTrue(self._step(order, 'approved'), "what was decided stays on record")

    def test_as_many_queries_for_one_as_for_many(self):
        def held(count):
            return self.env['sale.order'].concat(*(self._held() for _number in range(count))).sudo()

        def not_asked(count):
            orders = held(count)
            orders._fulfilment_release_steps().unlink()
            return orders

        self.assert_same_queries(not_asked, lambda orders: orders._fulfilment_ask_release())
        self.assert_same_queries(held, lambda orders: orders._fulfilment_end_release())

    def test_customers_read_no_reason(self):
        """The reason stands in the decision; what a customer may search of the order's messages says that it was decided, and no more."""
        for decide, text in ((lambda order: order.action_fulfilment_release('Insolvent soon'), 'Released'),
                             (lambda order: order.action_fulfilment_refuse('Insolvent soon'), 'Declined')):
            order = self._held()
            decide(order.with_user(self.credit))
            bodies = ' '.join(order.sudo().message_ids.mapped('body'))
            self.assertNotIn('Insolvent', bodies)
            self.assertIn(text, bodies)
            self.assertEqual(order.sudo().fulfilment_credit_decision_ids._latest('released' if text == 'Released' else 'refused').reason,
                             'Insolvent soon')

    def test_who_fills_the_order_does_not_release_it(self):
        self.credit.group_ids |= self.env.ref('sales_team.group_sale_salesman_all_leads')
        order = self._held()
        order.order_line.with_user(self.credit).write({'product_uom_qty': 25})
        self.env(user=self.credit.id).flush_all()
        order.with_user(self.sales).action_confirm()  # held anew, by the salesperson
        with self.assertRaises(AccessError):
            order.with_user(self.credit).action_fulfilment_release('Fine', 10 ** 6)
        order.with_user(self.manager).action_fulfilment_release('Fine', 10 ** 6)
        self.assertEqual(order.state, 'sale')

    def test_who_ran_the_order_does_not_release_it(self):
        order = self._held()
        order.sudo().user_id = self.manager
        self.assertTrue(order.with_user(self.sales)._fulfilment_release_barrier())
        self.assertIn('themselves', order.with_user(self.manager)._fulfilment_release_barrier())

    def test_whoever_changes_what_is_ordered_is_an_author(self):
        """Also by deleting, and where somebody else writes afterwards."""
        self.credit.group_ids |= self.env.ref('sales_team.group_sale_salesman_all_leads')

        def discount_deleted(order):
            order.order_line.filtered(lambda line: line.price_unit < 0).with_user(self.credit).unlink()

        def overwritten(order):
            order.order_line[0].with_user(self.credit).product_uom_qty = 3
            order.order_line[0].with_user(self.sales).product_uom_qty = 2

        def added_and_deleted(order):
            self.env['sale.order.line'].with_user(self.credit).create({
                'order_id': order.id, 'product_id': self.product.id, 'price_unit': 5, 'tax_ids': [Command.clear()],
            }).unlink()

        def other_terms(order):
            order.with_user(self.credit).payment_term_id = self.env.ref('account.account_payment_term_30days')

        for change in (discount_deleted, overwritten, added_and_deleted, other_terms):
            with self.subTest(change=change.__name__):
                order = self._quote(500)
                order.with_user(self.sales).write({'order_line': [Command.create({
                    'product_id': self.product.id, 'price_unit': -450, 'product_uom_qty': 1, 'tax_ids': [Command.clear()],
                })]})
                self.assertEqual(order.sudo().fulfilment_author_ids - self.env.ref('base.user_root'), self.sales)
                change(order)
                self.assertIn(self.credit, order.sudo().fulfilment_author_ids)
                order.with_user(self.sales).write({'order_line': [Command.create({
                    'product_id': self.product.id, 'price_unit': 500, 'product_uom_qty': 1, 'tax_ids': [Command.clear()],
                })]})
                order.with_user(self.sales).action_confirm()
                self.assertHeld(order)
                self.assertIn('themselves', order.with_user(self.credit)._fulfilment_release_barrier())
                self.assertNotIn(self.credit, self._step(order).candidate_ids)

    def test_customers_search_no_messages(self):
        """Word by word they would find what is written about them."""
        portal = new_test_user(self.env, 'g_portal', groups='base.group_portal')
        portal.partner_id.parent_id = self.customer
        order = self._held(partner=portal.partner_id)
        order.sudo()._message_log(body='Insolvent soon')
        portal.partner_id._message_log(body='Insolvent soon')
        for model in ('sale.order', 'res.partner'):
            for field in ('message_ids.body', 'website_message_ids.body', 'message_ids'):
                with self.subTest(model=model, field=field), self.assertRaises(AccessError):
                    self.env[model].with_user(portal).search_count([(field, 'ilike', 'Insolv')])

    def test_notes_are_not_taken_off_an_order(self):
        order = self._held()
        for field in ('message_ids', 'website_message_ids', 'rating_ids'):
            for command in (Command.clear(), Command.unlink(order.sudo().message_ids[:1].id)):
                with self.subTest(field=field), self.assertRaises(AccessError):
                    order.with_user(self.manager).write({field: [command]})

    def test_releasing_makes_nobody_an_author(self):
        order = self._held()
        order.with_user(self.credit).action_fulfilment_release('Fine')
        self.assertEqual(order.state, 'sale')
        self.assertNotIn(self.credit, order.sudo().fulfilment_author_ids)

    def test_without_a_gate_no_author_is_noted(self):
        self.company.fulfilment_credit_gate = False
        order = self._quote(500)
        order.order_line.with_user(self.sales).product_uom_qty = 2
        self.assertFalse(order.sudo().fulfilment_author_ids)

    def test_what_is_held_or_declined_is_not_paid(self):
        method = self.env['payment.method'].create({'name': 'Test', 'code': 'test_release', 'active': True})
        provider = self.env['payment.provider'].create({
            'name': 'Test', 'state': 'test', 'company_id': self.company.id, 'payment_method_ids': [Command.set(method.ids)],
        })

        def pay(order):
            return self.env['payment.transaction'].create({
                'provider_id': provider.id, 'payment_method_id': method.id, 'amount': 5.0, 'currency_id': order.currency_id.id,
                'partner_id': order.partner_id.id, 'reference': f'pay {order.name}', 'sale_order_ids': [Command.set(order.ids)],
            })

        order = self._held()
        with self.assertRaises(ValidationError):
            pay(order)
        begun = pay(self._quote(1))
        begun.sale_order_ids[0].sudo().write({'order_line': [Command.create({
            'product_id': self.product.id, 'price_unit': 900, 'tax_ids': [Command.clear()],
        })]})
        other = begun.sale_order_ids
        other.action_confirm()
        self.assertHeld(other)
        for held in (order, other):
            held.with_user(self.credit).action_fulfilment_refuse('No')
        self.assertEqual(begun.state, 'cancel')
        with self.assertRaises(ValidationError):
            pay(order)
        order.with_user(self.sales)._action_cancel()
        order.with_user(self.sales).action_draft()
        self.assertFalse(order.sudo().fulfilment_credit_state)
        with self.assertRaises(ValidationError):
            pay(order)
        with self.assertRaises(ValidationError):
            pay(self._quote(1)).write({'sale_order_ids': [Command.link(order.id)]})
        wizard = self.env['sale.advance.payment.inv'].with_user(self.manager).with_context(active_model='sale.order', active_ids=order.ids)
        with self.assertRaisesRegex(ValidationError, order.name):
            wizard.create({'advance_payment_method': 'fixed', 'fixed_amount': 10}).create_invoices()
        released = self._held()
        released.with_user(self.credit).action_fulfilment_release('Fine')
        self.assertTrue(pay(released))

    def test_reasons_without_figures_for_who_may_not_know_them(self):
        order = self._held()
        self._refresh_profile()
        other = self._make_sales_user('g_nosy')
        self.customer.user_id = self.sales
        self.env['fulfilment.profile'].search([('partner_id', '=', self.customer.id)]).user_id = self.sales
        self.env.invalidate_all()
        self.assertIn('100.00', order.with_user(self.sales).fulfilment_credit_text)
        mine = self._quote(10 ** 7, user=other)
        mine.action_confirm()
        self.assertTrue(mine.with_user(other).fulfilment_credit_text)
        self.assertNotIn('100.00', mine.with_user(other).fulfilment_credit_text)
        self.assertNotIn('100.00', order.with_user(other).fulfilment_credit_now)
        self.assertTrue(order.with_user(other).fulfilment_credit_now)
        Decision = self.env['fulfilment.credit.decision']
        self.assertFalse(Decision.with_user(other).search([('order_id', '=', mine.id)]))
        self.assertTrue(Decision.with_user(self.sales).search([('order_id', '=', order.id)]))

    def test_refusals_tell_no_figures_of_strangers(self):
        """A confirmed order that grows, of a customer of others; and what somebody else's orders come to."""
        self._refresh_profile()
        other = self._make_sales_user('g_nosy')
        self.customer.user_id = self.sales
        self.env['fulfilment.profile'].search([('partner_id', '=', self.customer.id)]).user_id = self.sales
        mine = self._quote(50, user=other)
        mine.action_confirm()
        self.assertPassed(mine)
        for user, told in ((other, False), (self.manager, True)):
            with self.subTest(user=user.login), self.assertRaises(UserError) as refused:
                mine.order_line.with_user(user).price_unit = 10 ** 6
            self.assertEqual('100.00' in str(refused.exception), told)
        theirs = self._quote(10 ** 6, partner=self.other, user=other, partner_invoice_id=self.other.id)
        theirs.sudo().partner_id = self.customer
        theirs.sudo().partner_invoice_id = self.other
        theirs.action_confirm()
        self.assertHeld(theirs)
        self.assertNotIn('100.00', theirs.with_user(other).fulfilment_credit_text)
        for decision in self.env['fulfilment.credit.decision'].with_user(other).search([('order_id', '=', theirs.id)]):
            self.assertNotIn('100.00', decision.hit_text)

    def _refresh_profile(self):
        self._order(self.customer, 1, TODAY)
        self.profile(self.customer)
