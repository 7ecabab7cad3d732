"""A reminder of a payment helps to pay: which invoice, how much is open, to which account, with which reference."""
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_payment import TODAY, PaymentCommon


@tagged('post_install', '-at_install')
class TestReminderPayment(PaymentCommon):

    def setUp(self):
        super().setUp()
        self.order = self._order()
        self.contract = self._contract(1000.0)
        self.order.fulfilment_contract_id = self.contract
        self.account = 'DE89 3704 0044 0532 0130 00 Harbour Bank'
        self.contract.company_id.fulfilment_bank_account = self.account
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
        for text in (invoice.name, '600.00', '1,000.00', f'/my/invoices/{invoice.id}', self.account, invoice.payment_reference):
            self.assertIn(text, told)
        self.assertNotIn('access_token', told)
        self.assertIn('not received this payment', reminder.duty_text)
        self.assertIn('by then', self._reminder(days=-3).duty_text)

    def test_not_invoiced_yet_the_contract_is_the_reference(self):
        told = str(self._reminder().payment_text)
        self.assertIn(self.contract.name, told)
        self.assertNotIn('/my/invoices/', told)
        self.assertIn(self.account, told)
        self.assertNotIn('EVIL', told, "anybody may enter an account; accounting vouches for one")
        self.assertEqual(self.contract._placeholder_values()['bank_account'], self.account)
        self.contract.company_id.fulfilment_bank_account = False
        self.assertNotIn('EVIL', str(self._reminder(days=6).payment_text))
        self.assertFalse(self.contract._placeholder_values()['bank_account'])

    def test_nobody_changes_it_by_the_way_of_contacts(self):
        """Accounts of contacts, journals, banks and invoices are entered by people who must not say where customers pay."""
        invoice = self._invoice(self.order)
        invoice.partner_bank_id = self.forged
        self.forged.write({'bank_name': 'Pay to EVIL', 'allow_out_payment': True})
        self.settle()
        self.assertNotIn('EVIL', str(self._reminder().payment_text))
        for group in ('base.group_partner_manager', 'fulfilment_crm.group_manager', 'sales_team.group_sale_manager'):
            user = new_test_user(self.env, f'bank_{group}', groups=f'base.group_user,{group}')
            with self.assertRaises(AccessError):
                self.contract.company_id.with_user(user).fulfilment_bank_account = 'EVIL'

    def test_a_branch_has_that_of_the_company_above(self):
        branch = self.env['res.company'].create({'name': 'Branch', 'parent_id': self.contract.company_id.id})
        self.assertEqual(branch._fulfilment_bank_account(), self.account)
        branch.fulfilment_bank_account = 'Its own'
        self.assertEqual(branch._fulfilment_bank_account(), 'Its own')

    def test_what_a_database_knows_is_taken_over(self):
        company = self.contract.company_id
        company.fulfilment_bank_account = False
        self.forged.sequence = 99
        own = self.env['res.partner.bank'].create({
            'acc_number': 'DE02', 'partner_id': company.partner_id.id, 'allow_out_payment': True,
            'bank_id': self.env['res.bank'].create({'name': 'Harbour Bank'}).id,
        })
        self.env['account.journal'].search([('type', '=', 'bank'), ('company_id', '=', company.id)]).bank_account_id = False
        self.env['res.company']._fulfilment_note_bank_accounts()
        self.assertEqual(company.fulfilment_bank_account, f'{own.acc_number} Harbour Bank')
        company.fulfilment_bank_account = 'Ours'
        self.env['res.company']._fulfilment_note_bank_accounts()
        self.assertEqual(company.fulfilment_bank_account, 'Ours')

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

    def test_pay_online_where_it_is_possible(self):
        self._invoice(self.order)
        self.settle()
        self.assertNotIn('Pay online', str(self._reminder().payment_text))
        self.env['ir.config_parameter'].set_param('account_payment.enable_portal_payment', 'True')
        method = self.env['payment.method'].create({'name': 'Test', 'code': 'test_pay', 'active': True})
        provider = self.env['payment.provider'].create({
            'name': 'Test', 'state': 'disabled', 'company_id': self.contract.company_id.id, 'is_published': True,
            'payment_method_ids': [Command.set(method.ids)],
        })
        self.assertNotIn('Pay online', str(self._reminder(days=6).payment_text), "no provider is in use")
        self.env.cr.execute("UPDATE payment_provider SET state = 'enabled' WHERE id = %s", [provider.id])  # a real one asks for its keys
        self.env.invalidate_all()
        told = str(self._reminder(days=7).payment_text)
        self.assertIn('Pay online', told)
        letter = self._reminder(days=8)
        letter.channel = 'letter'
        self.assertNotIn('Pay online', str(letter.payment_text), "paper has no buttons")
