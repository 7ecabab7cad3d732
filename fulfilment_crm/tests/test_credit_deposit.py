"""Deposits: an order of a grade that asks for one waits for its payment, and goes on by itself."""
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_gate import GateCommon
from .common_profile import TODAY


@tagged('post_install', '-at_install')
class TestDeposit(GateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule.search([]).active = False
        cls._rule('deposit')
        cls.grade = cls.env['fulfilment.credit.grade'].search([('code', '=', 'B')])
        cls.grade.write({'deposit_share': 30, 'on_order': 'none'})
        cls._line(cls.customer).sudo().grade_id = cls.grade
        cls.sales.group_ids |= cls.env.ref('account.group_account_invoice')

    def _held(self, amount=1000.0):
        order = self._quote(amount)
        order.action_confirm()
        self.assertHeld(order, 'deposit')
        self.assertTrue(order.fulfilment_waits_for_deposit)
        self.assertIn('300.00', order.fulfilment_credit_text)
        return order

    def _invoiced(self, order, share=None):
        """What the button on the held order opens, as the seller types it."""
        action = order.action_fulfilment_invoice_deposit()
        wizard = Form(self.env[action['res_model']].with_user(self.sales).with_context(**action['context']))
        if share is not None:
            wizard.amount = share
        wizard = wizard.save()
        self.assertEqual(wizard.advance_payment_method, 'percentage')
        wizard.create_invoices()
        invoice = order.sudo().invoice_ids.sorted('id')[-1]
        invoice.invoice_date = TODAY
        invoice.action_post()
        return invoice

    def _paid(self, invoice, amount):
        self._pay(invoice.line_ids.filtered(lambda line: line.account_type == 'asset_receivable'), amount, TODAY)
        self.env.cr.precommit.run()

    def test_paid_it_goes_on(self):
        order = self._held()
        invoice = self._invoiced(order)
        self.assertEqual(invoice.amount_total, 300.0)
        self.assertEqual(order.state, 'draft')
        self._paid(invoice, 299.99)
        self.assertEqual(order.state, 'draft')
        self._paid(invoice, 0.01)
        self.assertEqual(order.state, 'sale')
        self.assertFalse(order.activity_ids)
        self.assertFalse(order.fulfilment_waits_for_deposit)

    def test_a_credit_note_is_no_payment(self):
        order = self._held()
        invoice = self._invoiced(order)
        self.env['account.move.reversal'].with_context(active_model='account.move', active_ids=invoice.ids).create({
            'journal_id': invoice.journal_id.id, 'date': TODAY,
        }).refund_moves()
        refund = invoice.reversal_move_ids
        refund.action_post()
        lines = (invoice | refund).line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        lines.filtered(lambda line: not line.reconciled).reconcile()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.env.cr.precommit.run()
        self.assertEqual(order.sudo()._fulfilment_paid_ahead(), 0.0)
        self.assertEqual(order.state, 'draft')

    def test_whatever_else_holds_it_goes_on_holding(self):
        order = self._held()
        self._rule('limit')
        self._limit(self.customer, 500.0)
        self._paid(self._invoiced(order), 300.0)
        self.assertEqual(order.state, 'draft')
        order.action_confirm()
        self.assertHeld(order, 'limit_share')

    def test_released_without(self):
        order = self._held()
        order.with_user(self.credit).action_fulfilment_release(reason='Known for years')
        self.assertEqual(order.state, 'sale')

    def test_nothing_asked(self):
        for vals in ({'deposit_share': 0},):
            self.grade.write(vals)
            order = self._quote(1000.0)
            order.action_confirm()
            self.assertPassed(order)
        self.grade.deposit_share = 30
        order = self._quote(-10.0)
        order.action_confirm()
        self.assertPassed(order)

    def test_paid_online(self):
        method = self.env['payment.method'].sudo().search([], limit=1) \
            or self.env['payment.method'].sudo().create({'name': 'Card', 'code': 'card'})
        provider = self.env['payment.provider'].sudo().create({
            'name': 'Test', 'state': 'test', 'company_id': self.company.id, 'payment_method_ids': [Command.set(method.ids)],
        })
        order = self._quote(1000.0, require_payment=True, prepayment_percent=0.1)
        order.action_quotation_sent()
        order.action_confirm()
        self.assertHeld(order, 'deposit')
        self.assertTrue(order._has_to_be_paid(), "what waits for money alone can be paid")
        for amount, state in ((299.0, 'sent'), (1.0, 'sale')):
            transaction = self.env['payment.transaction'].sudo().create({
                'provider_id': provider.id, 'payment_method_id': method.id, 'amount': amount, 'currency_id': order.currency_id.id,
                'partner_id': self.customer.id, 'reference': f'T{amount}', 'sale_order_ids': [Command.set(order.ids)],
            })
            transaction.state = 'done'
            transaction._check_amount_and_confirm_order()
            with self.subTest(amount=amount):
                self.assertEqual(order.state, state)
