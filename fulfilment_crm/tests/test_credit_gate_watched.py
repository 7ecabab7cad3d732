"""Orders are watched however they are written: while others are created, in one write, by readers, line by line."""
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import TODAY
from .common_gate import GateCommon


@tagged('post_install', '-at_install')
class TestHeldToDo(GateCommon):

    def test_stays_until_the_order_is_decided(self):
        self._limit(self.customer, 100)
        order = self._quote(5000)
        order.action_confirm()
        self.assertHeld(order)
        to_do = order.sudo().activity_ids.filtered(lambda one: one.activity_type_id == self.env.ref('fulfilment_crm.activity_type_credit'))
        other = self.env.ref('mail.mail_activity_data_todo')
        theirs = to_do.with_user(self.sales)
        for name, road in {
            'taken': lambda: theirs.write({'user_id': self.sales.id}), 'renamed': lambda: theirs.write({'activity_type_id': other.id}),
            'by hand': lambda: theirs.write({'automated': False}), 'put off': lambda: theirs.write({'date_deadline': '2099-01-01'}),
            'archived': theirs.action_archive, 'done': theirs.action_feedback, 'deleted': theirs.unlink,
            'from the order': lambda: order.activity_feedback(['fulfilment_crm.activity_type_credit']),
        }.items():
            with self.subTest(road=name), self.assertRaises(AccessError), self.env.cr.savepoint():
                road()
        to_do.with_user(self.credit).summary = 'Ask the bank'


@tagged('post_install', '-at_install')
class TestOrdersWatched(GateCommon):

    def test_an_order_decided_on_is_watched_while_others_are_created(self):
        """Confirmed in one line of a call, made larger in the next, under an order that is just being created."""
        self._limit(self.customer, 100)
        contact = self.env['res.partner'].create({'name': 'Buyer', 'parent_id': self.customer.id, 'user_id': self.sales.id})
        self.env.flush_all()
        self.env.cr.execute('SELECT COALESCE(max(id), 0) FROM sale_order_line')
        later = self.env.cr.fetchone()[0]
        self.env.cr.execute("SELECT last_value FROM sale_order_line_id_seq")
        later = max(later, self.env.cr.fetchone()[0]) + 1
        product = self.env['product.product'].create({'name': 'P', 'list_price': 10, 'taxes_id': False})
        small = {'partner_id': self.customer.id, 'state': 'sale', 'order_line': [Command.create({
            'product_id': product.id, 'product_uom_qty': 1, 'price_unit': 10,
        })]}
        large = {'partner_id': contact.id, 'order_line': [Command.update(later, {'price_unit': 900000})]}
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.customer.with_user(self.sales).write({
                'sale_order_ids': [Command.create(small)],
                'child_ids': [Command.update(contact.id, {'sale_order_ids': [Command.create(large)]})],
            })
            self.env.flush_all()
        self.assertFalse(self.env['sale.order'].search([
            ('partner_id', 'child_of', self.customer.id), ('state', '=', 'sale'), ('amount_total', '>', 100),
        ]))

    def test_confirming_asks_for_the_right_first(self):
        """Who may not change an order neither holds it nor reads the customer's figures by trying."""
        self._limit(self.customer, 10)
        order = self._quote(1000)
        stranger = self._make_sales_user('g_stranger')
        plain = new_test_user(self.env, 'g_plain', groups='base.group_user', company_id=self.company.id,
                              company_ids=[Command.set(self.company.ids)])
        for user in (stranger, plain, self.credit):
            with self.subTest(user=user.login), self.assertRaises(AccessError) as caught:
                order.with_user(user).action_confirm()
            self.assertNotIn('limit', str(caught.exception))
        self.assertFalse(order.fulfilment_credit_state)
        self.assertFalse(order.activity_ids)

    def test_no_figures_in_the_to_do(self):
        self._limit(self.customer, 10)
        order = self._quote(1000)
        order.action_confirm()
        self.assertHeld(order)
        asked = order.sudo().activity_ids
        self.assertTrue(asked)
        self.assertFalse(any(text for text in asked.mapped('note') if text and '1,000' in text))
        self.assertNotIn('limit', ' '.join(str(text) for text in asked.mapped('note')))


@tagged('post_install', '-at_install')
class TestOrdersWritten(GateCommon):

    def test_one_write_that_makes_an_order_gated(self):
        """Into the company that holds orders, and confirmed, in one write."""
        other = self.env['res.company'].create({'name': 'Ungated', 'currency_id': self.company.currency_id.id})
        self.sales.company_ids |= other
        self._limit(self.customer, 10)
        order = self.env['sale.order'].create({
            'partner_id': self.customer.id, 'company_id': other.id, 'user_id': self.sales.id, 'order_line': [Command.create({
                'name': 'Text', 'display_type': 'line_note',
            })],
        })
        order.order_line = [Command.clear(), Command.create({
            'name': 'Service', 'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': 1000, 'tax_ids': [Command.clear()],
        })]
        own = order.with_user(self.sales).with_context(allowed_company_ids=(self.company | other).ids)
        own.write({'company_id': self.company.id, 'team_id': False, 'pricelist_id': False, 'state': 'sale'})
        self.assertHeld(order)

    def test_readers_do_not_run_the_gate_by_writing(self):
        self._limit(self.customer, 10)
        order = self._quote(1000)
        inspector = new_test_user(
            self.env, 'g_inspector', groups='base.group_user,fulfilment_crm.group_inspector', company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        with self.assertRaises(AccessError):
            order.with_user(inspector).write({'state': 'sale'})
        self.assertFalse(order.sudo().fulfilment_credit_decision_ids)


@tagged('post_install', '-at_install')
class TestLinesOfOrders(GateCommon):
    def setUp(self):
        super().setUp()
        self._limit(self.customer, 1000.0)

    def test_an_ordinary_line_is_no_down_payment(self):
        order = self._quote(900.0)
        order.action_confirm()
        with self.assertRaises(AccessError):
            order.order_line.write({'is_downpayment': True})
        for vals in ({}, {'product_uom_qty': 5}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                self.env['sale.order.line'].with_user(self.sales).create({
                    'order_id': order.id, 'product_id': order.order_line.product_id.id, 'price_unit': 1.0, 'is_downpayment': True, **vals,
                })
        exposure = self.env['fulfilment.profile'].sudo()._live(self.customer, self.company, ['exposure'])[self.customer]['exposure']
        order.sudo().order_line.is_downpayment = True
        self.env.flush_all()
        self.assertEqual(
            self.env['fulfilment.profile'].sudo()._live(self.customer, self.company, ['exposure'])[self.customer]['exposure'], exposure,
        )

    def test_the_company_kept_on_a_line_does_not_switch_the_guard_off(self):
        elsewhere = self.env['res.company'].create({'name': 'No gate'})
        order = self._quote(900.0)
        order.action_confirm()
        with self.assertRaises(AccessError):
            order.order_line.write({'company_id': elsewhere.id})
            order.order_line.write({'price_subtotal': 1.0, 'price_total': 1.0})

    def test_what_is_owed_is_not_entered_by_hand(self):
        owed = self._invoice(self.customer, 900.0, TODAY)
        clerk = self._make_sales_user('g_clerk')
        clerk.group_ids |= self.env.ref('account.group_account_invoice')
        line = owed.with_user(clerk)
        for vals in ({'parent_state': 'draft'}, {'amount_residual': 0.0}, {'reconciled': True}, {'amount_residual_currency': 0.0}):
            with self.subTest(vals=vals), self.assertRaises(AccessError):
                line.write(vals)
