"""Contracts with a chart of accounts: orders, invoices and payments as Odoo makes them."""
from datetime import timedelta

from odoo.fields import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import TODAY


class PaymentCommon(AccountTestInvoicingCommon):

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref('fulfilment_crm.group_manager') | cls.quick_ref('sales_team.group_sale_manager')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data['company']
        cls.company.fulfilment_approval = False
        cls.partner_a.write({'property_payment_term_id': False, 'email': 'a@a.example'})
        cls.product = cls.env['product.product'].create({
            'name': 'Pump', 'type': 'service', 'invoice_policy': 'order', 'list_price': 100.0, 'taxes_id': False,
        })
        cls.term = cls.env['account.payment.term'].create({'name': '40/60', 'line_ids': [
            Command.create({'value': 'percent', 'value_amount': 40, 'nb_days': 10}),
            Command.create({'value': 'percent', 'value_amount': 60, 'nb_days': 40}),
        ]})

    def _order(self, amount=1000.0, contract=None, **vals):
        order = self.env['sale.order'].create({
            'partner_id': self.partner_a.id, 'company_id': self.company.id, 'payment_term_id': False, **vals,
            'order_line': [Command.create({'product_id': self.product.id, 'product_uom_qty': 1, 'price_unit': amount, 'tax_ids': False})],
        })
        order.action_confirm()
        if contract:
            order.fulfilment_contract_id = contract
        return order

    def _contract(self, *amounts, **vals):
        """An active contract with one payment milestone for each amount, 10 days apart."""
        contract = self.env['fulfilment.contract'].create({
            'company_id': self.company.id, 'partner_id': self.partner_a.id,
            'type_id': self.env.ref('fulfilment_crm.contract_type_service').id,
            'amount_total': sum(amounts), 'date_start': TODAY, 'user_id': self.env.uid, **vals,
        })
        self.env['fulfilment.milestone'].create([{
            'contract_id': contract.id, 'name': f'Payment {number}', 'kind': 'payment', 'obligor': 'customer', 'amount': amount,
            'sequence': number, 'date_planned': TODAY + timedelta(days=10 * number),
        } for number, amount in enumerate(amounts, 1)])
        contract._move_to('approved')
        contract.sudo().date_signed = TODAY
        contract._activate()
        return contract

    def _invoice(self, orders, date=TODAY, post=True, **vals):
        invoice = orders._create_invoices()
        invoice.write({'invoice_date': date, 'invoice_payment_term_id': False, 'invoice_date_due': date, **vals})
        if post:
            invoice.action_post()
            self.settle()
        return invoice

    def _pay(self, invoice, amount, date=TODAY):
        payment = self.env['account.payment.register'].with_context(active_model='account.move', active_ids=invoice.ids).create({
            'amount': amount, 'payment_date': date, 'journal_id': self.company_data['default_journal_bank'].id,
        })._create_payments()
        self.settle()
        return payment

    def settle(self):
        self.env.cr.flush()
        self.env.invalidate_all()

    def _rows(self, contract):
        return [(one.amount_done, one.state) for one in contract.milestone_ids.sorted('sequence')]
