"""Online payment and portal signature: the customer pays or signs, the order is under review, a release goes on where the road stopped."""
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .common_gate import GateCommon

SIGNATURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='


@tagged('post_install', '-at_install')
class TestGatePayment(GateCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method = cls.env['payment.method'].search([], limit=1) or cls.env['payment.method'].create({'name': 'Card', 'code': 'card'})
        cls.provider = cls.env['payment.provider'].create({
            'name': 'Test', 'state': 'test', 'company_id': cls.company.id, 'payment_method_ids': [Command.set(cls.method.ids)],
        })

    def _paid(self, order):
        """A transaction that pays the order in full, done and not yet worked up."""
        transaction = self.env['payment.transaction'].sudo().create({
            'provider_id': self.provider.id, 'payment_method_id': self.method.id, 'reference': f'T{order.id}', 'amount': order.amount_total,
            'currency_id': order.currency_id.id, 'partner_id': order.partner_id.id, 'sale_order_ids': [Command.set(order.ids)],
        })
        transaction.state = 'done'
        return transaction

    def test_a_paid_order_over_the_limit_is_not_counted_as_confirmed(self):
        self._limit(self.customer, 100)
        order = self._quote(1000)
        order.action_quotation_sent()
        confirmed = self._paid(order)._check_amount_and_confirm_order()
        self.assertFalse(confirmed)
        self.assertHeld(order, 'limit_share')
        decision = order.sudo().fulfilment_credit_decision_ids
        self.assertEqual((decision.source, decision.sends_mail), ('payment', True))

    def test_a_paid_order_within_the_limit_is(self):
        self._limit(self.customer, 1000)
        order = self._quote(1000)
        order.action_quotation_sent()
        self.assertEqual(self._paid(order)._check_amount_and_confirm_order(), order)
        self.assertPassed(order)

    def test_what_is_under_review_is_not_to_be_paid(self):
        self._limit(self.customer, 100)
        order = self._quote(1000, require_payment=True, prepayment_percent=1.0)
        order.action_quotation_sent()
        self.assertTrue(order._has_to_be_paid())
        order.action_confirm()
        self.assertHeld(order)
        self.assertFalse(order._has_to_be_paid())

    def test_a_release_works_the_payment_up(self):
        self._limit(self.customer, 100)
        order = self._quote(1000)
        order.action_quotation_sent()
        transaction = self._paid(order)
        transaction._check_amount_and_confirm_order()
        Order, Transaction = type(self.env['sale.order']), type(self.env['payment.transaction'])
        with patch.object(Transaction, '_post_process', autospec=True, side_effect=Transaction._check_amount_and_confirm_order) as worked, \
                patch.object(Order, '_send_order_notification_mail', autospec=True) as mailed:
            order.with_user(self.credit).action_fulfilment_release(reason='Paid in advance')
        self.assertEqual(order.state, 'sale')
        self.assertEqual(worked.call_args.args[0], transaction)
        self.assertEqual(mailed.call_count, 1)

    def test_a_release_after_the_portal_sends_what_the_portal_would_have_sent(self):
        self._limit(self.customer, 100)
        order = self._quote(1000)
        order.action_quotation_sent()
        Order = type(self.env['sale.order'])
        with patch.object(Order, '_send_order_notification_mail', autospec=True) as mailed:
            order.sudo()._validate_order()
            self.assertEqual(mailed.call_count, 0)
            order.with_user(self.credit).action_fulfilment_release(reason='Known customer')
            self.assertEqual(mailed.call_count, 1)
        # From the form nothing is sent, neither at once nor after a release.
        other = self._quote(1000)
        with patch.object(Order, '_send_order_notification_mail', autospec=True) as mailed:
            other.action_confirm()
            other.with_user(self.credit).action_fulfilment_release(reason='Known customer')
            self.assertEqual(mailed.call_count, 0)


@tagged('post_install', '-at_install')
class TestGatePortal(GateCommon, HttpCase):

    def test_the_customer_reads_under_review_and_no_reasons(self):
        self._limit(self.customer, 123)
        order = self._quote(1000, require_signature=True, require_payment=False)
        order.action_quotation_sent()
        url = order.sudo().get_portal_url()
        self.assertNotIn('Under review', self.url_open(url).text)
        answer = self.make_jsonrpc_request(
            f'/my/orders/{order.id}/accept', {'access_token': order.sudo().access_token, 'name': 'Lin Wei', 'signature': SIGNATURE},
        )
        self.assertTrue(answer.get('force_refresh'), answer)
        self.assertHeld(order)
        self.assertEqual(order.signed_by, 'Lin Wei')
        page = self.url_open(url).text
        self.assertIn('Under review', page)
        for secret in ('123.00', 'limit', 'Held by credit control', 'Exposure'):
            self.assertNotIn(secret, page)
        notes = order.sudo().message_ids.filtered(lambda message: 'Held by credit control' in (message.body or ''))
        self.assertTrue(notes)
        self.assertTrue(all(note.is_internal for note in notes))
