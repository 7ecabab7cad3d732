"""Roads round the order gate that were open once: what hangs on lines, negative orders, other people's invoices, moved contacts."""
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_gate import GateCommon
from .common_profile import TODAY


@tagged('post_install', '-at_install')
class TestRoadsClosed(GateCommon):

    def setUp(self):
        super().setUp()
        self._limit(self.customer, 1000)

    def _confirmed(self, *prices, **vals):
        order = self.env['sale.order'].with_user(self.sales).create({
            'partner_id': self.customer.id, 'company_id': self.company.id, 'user_id': self.sales.id, 'order_line': [Command.create({
                'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': price, 'tax_ids': [Command.clear()], **more,
            }) for price, more in prices], **vals,
        })
        order.action_confirm()
        self.assertPassed(order)
        return order

    def test_a_discount_that_may_be_deleted(self):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            self._confirmed((5000, {}), (-4500, {'is_downpayment': True}))
        order = self._confirmed((5000, {}), (-4500, {}))
        discount = order.order_line[1]
        discount.sudo().is_downpayment = True  # as Odoo lets delete
        for key in ({}, {'_force_unlink': True}):
            with self.subTest(key=key), self.assertRaisesRegex(UserError, 'cannot become larger'), self.env.cr.savepoint():
                discount.with_context(**key).unlink()
        self.assertEqual(order.amount_total, 500)

    def test_a_discount_that_hangs_on_a_note(self):
        order = self._confirmed((5000, {}), (-4500, {}))
        note = self.env['sale.order.line'].with_user(self.sales).create({'order_id': order.id, 'display_type': 'line_note', 'name': 'x'})
        order.order_line[1].linked_line_id = note
        with self.assertRaisesRegex(UserError, 'cannot become larger'), self.env.cr.savepoint():
            note.unlink()

    def test_negative_orders_make_no_room(self):
        negative = self._quote(-90000)
        negative.action_confirm()
        self.assertPassed(negative)
        order = self._quote(5000)
        order.action_confirm()
        self.assertHeld(order)
        both = self._quote(-90000) | self._quote(5000)
        both.action_confirm()
        self.assertHeld(both[1])

    def test_orders_invoiced_to_somebody_else_add_up(self):
        shell = self._make_customer('Shell Ltd')
        first = self._quote(900, partner_invoice_id=shell.id)
        first.action_confirm()
        self.assertPassed(first)
        second = self._quote(900, partner_invoice_id=shell.id)
        second.action_confirm()
        self.assertHeld(second)
        self.assertFigures(self.customer, order_for_others=900.0, order_uninvoiced=0.0, exposure=0.0)
        self.assertFigures(shell, order_uninvoiced=900.0, order_for_others=0.0)

    def test_somebody_without_grade_and_limit(self):
        self._rule('unrated', threshold=2000)
        new = self._make_customer('Made a minute ago')
        small = self._quote(2000, new)
        small.action_confirm()
        self.assertPassed(small)
        more = self._quote(1, new)
        more.action_confirm()
        self.assertHeld(more, 'unrated')
        self._line(new).grade_id = self.env.ref('fulfilment_crm.credit_grade_aaa')
        more.action_confirm()
        self.assertEqual(more.state, 'sale')

    def test_a_contact_given_to_another_company_takes_its_orders_along(self):
        free = self._make_customer('Free Ltd', is_company=False)
        order = self._quote(5000, free)
        order.action_confirm()
        self.assertPassed(order)
        editor = self.sales
        editor.group_ids |= self.env.ref('base.group_partner_manager')
        with self.assertRaisesRegex(UserError, 'cannot become a contact'), self.env.cr.savepoint():
            free.with_user(editor).parent_id = self.customer
        self._limit(self.customer, 10 ** 6)
        free.with_user(editor).parent_id = self.customer
        self.assertEqual(free.commercial_partner_id, self.customer)

    def test_a_release_is_of_what_was_held(self):
        order = self._quote(2000)
        order.action_confirm()
        order.order_line.price_unit = 9000
        with self.assertRaisesRegex(UserError, 'amounts to'):
            order.with_user(self.credit).action_fulfilment_release(reason='Fine')
        order.with_user(self.credit).action_fulfilment_release(reason='Fine', amount=9000)
        self.assertEqual(order.state, 'sale')

    def test_a_release_is_for_who_ordered(self):
        order = self._quote(2000)
        order.action_confirm()
        order.with_user(self.credit).action_fulfilment_release(reason='Guarantee')
        third = self._make_customer('Third')
        self._limit(third, 1)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            order.partner_id = third

    def test_the_to_do_of_credit_control(self):
        order = self._quote(2000)
        order.with_context(mail_activity_automation_skip=True).action_confirm()
        kind = self.env.ref('fulfilment_crm.activity_type_credit')
        to_do = order.sudo().activity_ids.filtered(lambda one: one.activity_type_id == kind)
        self.assertTrue(to_do, "made whatever the call asks")
        with self.assertRaises(AccessError):
            to_do.with_user(self.sales).unlink()
        order.with_user(self.credit).action_fulfilment_release(reason='Fine')

    def test_what_customers_read_of_it(self):
        portal = self.env['res.users'].create({
            'name': 'Customer', 'login': 'g_portal', 'partner_id': self.customer.id, 'company_id': self.company.id,
            'company_ids': [Command.set(self.company.ids)], 'group_ids': [Command.set(self.env.ref('base.group_portal').ids)],
        })
        order = self._quote(2000)
        order.action_confirm()
        theirs = order.with_user(portal)
        self.assertNotIn('fulfilment_credit_state', theirs.fields_get())
        with self.assertRaises(AccessError):
            theirs.read(['fulfilment_credit_state'])
        note = order.sudo().message_ids.filtered(lambda one: 'Held by' in (one.body or ''))
        self.assertNotRegex(note.body, r'\d')

    def test_figures_agree(self):
        """Profile, credit line and held order say the same, after a lower grade was proposed and after the orders changed."""
        line = self._line(self.customer)
        grade = self.env.ref('fulfilment_crm.credit_grade_b')
        line.write({'limit_source': 'grade', 'limit': 3000, 'provisional_grade_id': grade.id})
        grade.write({'limit_kind': 'fixed', 'limit_amount': 500})
        self._invoice(self.customer, 400, TODAY)
        profile = self.profile(self.customer)
        self.assertEqual((line.limit_in_force, profile.credit_limit, profile.credit_used), (500, 500, 80))
        order = self._quote(1000)
        order.action_confirm()
        self.assertHeld(order)
        self.assertIn('500', order.fulfilment_credit_text)
        self._invoice(self.customer, 100, TODAY)
        self.env.flush_all()
        self.assertIn('1,500.00', order.fulfilment_credit_now)
        self.assertIn('1,400.00', order.fulfilment_credit_text, "as it was when it was held")
        self.Profile._refresh(self.customer, companies=self.company)
        self.assertEqual((profile.exposure, profile.credit_used), (500, 100))
        line.write({'provisional_grade_id': False, 'limit': 5000})
        order.invalidate_recordset()
        self.assertIn('Nothing is in the way', order.fulfilment_credit_now)
