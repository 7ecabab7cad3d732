from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..models.base.later import QUEUE
from .common import TODAY, FulfilmentCommon
from .common_queries import SameQueriesMixin


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestLedgerQueries(SameQueriesMixin, AccountTestInvoicingCommon):
    """Reading payments from the ledger, for contracts with an invoice of two instalments each."""

    settle = FulfilmentCommon.settle

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.term = cls.env['account.payment.term'].create({
            'name': 'Half and half', 'line_ids': [
                Command.create({'value': 'percent', 'value_amount': 50, 'nb_days': days}) for days in (0, 30)
            ],
        })

    def make_invoiced(self, count, paid=True, days=0):
        """Contracts in force whose invoices are posted, and paid by one bank entry a line."""
        partners = self.env['res.partner'].create([{'name': f'Customer {number}'} for number in range(count)])
        contracts = self.env['fulfilment.contract'].sudo().create([{
            'title': 'Ledger', 'partner_id': partner.id, 'type_id': self.env.ref('fulfilment_crm.contract_type_service').id,
            'amount_total': 1000.0, 'date_start': TODAY, 'company_id': self.env.company.id, 'user_id': self.env.user.id,
            'milestone_ids': [Command.create({
                'name': f'Payment {number}', 'kind': 'payment', 'obligor': 'customer', 'amount': 500.0,
                'date_planned': TODAY + timedelta(days=30 * number + days),
            }) for number in (0, 1)],
        } for partner in partners])
        contracts.write({'state': 'active', 'date_signed': TODAY})
        invoices = self.env['account.move'].sudo().create([{
            'move_type': 'out_invoice', 'partner_id': contract.partner_id.id, 'invoice_date': TODAY,
            'invoice_payment_term_id': self.term.id, 'fulfilment_contract_id': contract.id,
            'invoice_line_ids': [Command.create({'name': 'Work', 'price_unit': 1000.0, 'quantity': 1, 'tax_ids': False})],
        } for contract in contracts])
        invoices.action_post()
        if paid:
            self.pay(invoices)
        self.env.flush_all()
        self.env.cr.precommit.data.pop(QUEUE, None)
        return contracts

    def pay(self, invoices):
        journal = self.company_data['default_journal_bank']
        receivable = self.company_data['default_account_receivable']
        entries = self.env['account.move'].create([{
            'move_type': 'entry', 'journal_id': journal.id, 'date': TODAY, 'line_ids': [
                Command.create({'account_id': journal.default_account_id.id, 'debit': 1000.0, 'partner_id': invoice.partner_id.id}),
                Command.create({'account_id': receivable.id, 'credit': 1000.0, 'partner_id': invoice.partner_id.id}),
            ],
        } for invoice in invoices])
        entries.action_post()
        for invoice, entry in zip(invoices, entries, strict=True):
            (invoice.line_ids | entry.line_ids).filtered(lambda line: line.account_id == receivable).reconcile()

    def test_follow_unpaid_invoices(self):
        self.assert_same_queries(lambda count: self.make_invoiced(count, paid=False), lambda contracts: contracts._sync_payments())

    def test_dates_of_invoices(self):
        self.assert_same_queries(lambda count: self.make_invoiced(count, paid=False, days=5), lambda contracts: contracts._sync_payments())
        moved = self.env['fulfilment.milestone'].sudo().search([('contract_id.title', '=', 'Ledger')])
        self.assertEqual(set(moved.mapped('date_planned')), {TODAY, TODAY + timedelta(days=30)})

    def test_follow_paid_invoices(self):
        self.assert_same_queries(self.make_invoiced, lambda contracts: contracts._sync_payments())
        milestones = self.env['fulfilment.milestone'].sudo().search([('contract_id.title', '=', 'Ledger')])
        self.assertEqual(set(milestones.mapped('state')), {'done'})

    def test_nothing_new_in_the_ledger(self):
        def make_synced(count):
            contracts = self.make_invoiced(count)
            contracts._sync_payments()
            return contracts

        self.assert_same_queries(make_synced, lambda contracts: contracts._sync_payments())

    def test_draft_with_instalments(self):
        """Two instalments a contract come from the payment term in the queries of one contract."""
        def make_contracts(count):
            return self.env['fulfilment.contract'].sudo().create([{
                'title': 'Terms', 'partner_id': self.partner_a.id, 'type_id': template.type_id.id, 'template_id': template.id,
                'amount_total': 1000.0, 'amount_untaxed': 1000.0, 'date_start': TODAY, 'payment_term_id': self.term.id,
                'company_id': self.env.company.id, 'user_id': self.env.user.id, 'clause_ids': [], 'milestone_ids': [],
            } for _number in range(count)])

        template = self.env['fulfilment.contract.template'].sudo().create({
            'name': 'Terms', 'type_id': self.env.ref('fulfilment_crm.contract_type_service').id,
        })

        def make_without_milestones(count):
            contracts = make_contracts(count)
            contracts.milestone_ids.unlink()
            return contracts

        self.assert_same_queries(make_without_milestones, lambda contracts: contracts._add_template_milestones())
