"""A reminder of a payment helps to pay: which invoice, how much is open, to which account, with which reference."""
from datetime import timedelta

from odoo.tests import tagged

from .common_payment import TODAY, PaymentCommon


@tagged('post_install', '-at_install')
class TestReminderPayment(PaymentCommon):

    def setUp(self):
        super().setUp()
        self.order = self._order()
        self.contract = self._contract(1000.0)
        self.order.fulfilment_contract_id = self.contract
        self.account = self.env['res.partner.bank'].create({
            'acc_number': 'DE89370400440532013000', 'partner_id': self.contract.company_id.partner_id.id, 'allow_out_payment': True,
        })
        self.forged = self.env['res.partner.bank'].create({
            'acc_number': 'EVIL', 'partner_id': self.contract.company_id.partner_id.id, 'sequence': -5,
        })

    def _reminder(self, audience='customer', days=5):
        milestone = self.contract.milestone_ids
        rule = self.env['fulfilment.reminder.rule'].with_context(active_test=False).search([('offset_days', '=', 7)], limit=1)
        return self.env['fulfilment.reminder'].sudo().create({
            'claim_key': f'pay:{audience}:{days}', 'rule_id': rule.id, 'milestone_id': milestone.id, 'contract_id': self.contract.id,
            'company_id': self.contract.company_id.id, 'due_date': TODAY - timedelta(days=days), 'as_of': TODAY,
            'audience': audience, 'channel': 'email', 'partner_id': self.contract.partner_id.id, 'state': 'sent',
        })

    def test_what_is_open_and_where_to_pay_it(self):
        invoice = self._invoice(self.order)
        self._pay(invoice, 400.0)
        self.settle()
        reminder = self._reminder()
        told = str(reminder.payment_text)
        for text in (invoice.name, '600.00', '1,000.00', f'/my/invoices/{invoice.id}', self.account.acc_number, invoice.payment_reference):
            self.assertIn(text, told)
        self.assertNotIn('access_token', told)
        self.assertIn('not received this payment', reminder.duty_text)
        self.assertIn('by then', self._reminder(days=-3).duty_text)

    def test_not_invoiced_yet_the_contract_is_the_reference(self):
        told = str(self._reminder().payment_text)
        self.assertIn(self.contract.name, told)
        self.assertNotIn('/my/invoices/', told)
        self.assertIn(self.account.acc_number, told)
        self.assertNotIn('EVIL', told, "anybody may enter an account; accounting vouches for one")
        self.account.allow_out_payment = False
        self.contract.company_id.partner_id.bank_ids.allow_out_payment = False
        kept = self.contract.company_id._fulfilment_bank_account()
        self.assertNotEqual(kept, self.forged)
        self.assertNotIn('EVIL', self.contract._placeholder_values()['bank_account'] or '')

    def test_colleagues_are_told_nothing_to_pay(self):
        self.assertFalse(self._reminder('responsible').payment_text)

    def test_it_stands_in_mail_and_letter(self):
        invoice = self._invoice(self.order)
        self.settle()
        reminder = self._reminder()
        body = self.env.ref('fulfilment_crm.mail_template_overdue')._render_field('body_html', reminder.ids)[reminder.id]
        self.assertIn(invoice.name, body)
        page, _kind = self.env['ir.actions.report']._render_qweb_html('fulfilment_crm.report_reminder_letter', reminder.ids)
        self.assertIn(invoice.name, page.decode())
        self.assertIn('Dear', page.decode())
