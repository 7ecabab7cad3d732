"""What a customer still owes, given everything on the account: whoever owes nothing is neither late nor reminded."""
from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY, switch_everything_on
from .common_payment import PaymentCommon

LATER = TODAY + timedelta(days=60)


@tagged('post_install', '-at_install')
class TestOnAccount(PaymentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        switch_everything_on(cls.env)
        cls.bank = cls.company_data['default_journal_bank']

    def _receive(self, amount, partner=None, **vals):
        """Money that is set against nothing."""
        payment = self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': (partner or self.partner_a).id, 'amount': amount,
            'date': TODAY, 'journal_id': self.bank.id, **vals,
        })
        payment.action_post()
        self.settle()
        return payment

    def _late(self, milestones):
        return milestones.with_context(as_of=LATER).mapped('is_late')

    def _reminded(self, milestones):
        rules = self.env['fulfilment.reminder.rule'].search([('model', '=', 'fulfilment.milestone')])
        pairs = [
            self.env['fulfilment.reminder']._due_pairs('fulfilment.milestone', {self.company: day}, milestones)
            for rule in rules for day in [milestones[:1].date_planned + timedelta(days=rule.offset_days)]
        ]
        return any(milestones & self.env['fulfilment.milestone'].concat(*found) for found in pairs)

    def _owed(self, milestones):
        return milestones.sorted('sequence').mapped('amount_owed')

    def test_what_is_paid_on_account_is_not_asked_for(self):
        contract = self._contract(1000.0)
        milestone = contract.milestone_ids
        self.assertEqual(self._late(milestone), [True])
        self.assertTrue(self._reminded(milestone))
        milestone.activity_schedule('fulfilment_crm.activity_type_milestone', user_id=self.env.uid)
        payment = self._receive(1000.0)
        self.assertFalse(milestone.activity_ids, "nobody has to remind of it")
        self.assertEqual((milestone.amount_on_account, milestone.amount_owed, milestone.is_covered), (1000.0, 0.0, True))
        self.assertEqual((milestone.state, milestone.amount_open), ('pending', 1000.0), "nothing is booked")
        self.assertEqual(self._late(milestone), [False])
        found = self.env['fulfilment.milestone'].with_context(as_of=LATER).search([('is_late', '=', True)])
        self.assertNotIn(milestone, found)
        self.assertFalse(self._reminded(milestone))
        payment.action_draft()
        self.settle()
        self.assertEqual((milestone.amount_owed, self._late(milestone)), (1000.0, [True]))
        self.assertTrue(self._reminded(milestone))

    def test_a_part_leaves_the_rest(self):
        contract = self._contract(400.0, 600.0)
        self._receive(500.0)
        self.assertEqual(self._owed(contract.milestone_ids), [0.0, 500.0])
        self.assertEqual(self._late(contract.milestone_ids.sorted('sequence')), [False, True])
        rule = self.env['fulfilment.reminder.rule'].search([('model', '=', 'fulfilment.milestone'), ('channel', '=', 'email')], limit=1)
        second = contract.milestone_ids.sorted('sequence')[1]
        reminder = self.env['fulfilment.reminder'].sudo().create({
            'claim_key': 'on account', 'rule_id': rule.id, 'company_id': self.company.id, 'contract_id': contract.id,
            'milestone_id': second.id, 'due_date': second.date_planned, 'channel': 'email', 'state': 'open',
        })
        self.assertEqual(reminder.amount_text, contract.currency_id.format(500.0), "what is asked for is what is still owed")

    def test_what_is_due_first_is_paid_first(self):
        contract = self._contract(1000.0)
        older = self.init_invoice('out_invoice', partner=self.partner_a, amounts=[700.0], taxes=[], invoice_date=TODAY)
        older.write({'invoice_payment_term_id': False, 'invoice_date_due': TODAY})
        older.action_post()
        self._receive(1000.0)
        self.assertEqual(self._owed(contract.milestone_ids), [700.0])
        older.button_draft()
        self.settle()
        self.assertEqual(self._owed(contract.milestone_ids), [0.0])

    def test_an_invoice_of_the_contract_is_owed_once(self):
        contract = self._contract(1000.0)
        invoice = self._invoice(self._order(contract=contract))
        payment = self._receive(1000.0)
        self.assertTrue(contract.milestone_ids.is_covered)
        (invoice | payment.move_id).line_ids.filtered(lambda line: line.account_type == 'asset_receivable').reconcile()
        self.settle()
        self.assertEqual((contract.milestone_ids.state, contract.milestone_ids.amount_on_account), ('done', 0.0))
        invoice.line_ids.remove_move_reconcile()
        self.settle()
        self.assertEqual((contract.milestone_ids.state, contract.milestone_ids.is_covered), ('pending', True))

    def test_a_credit_note_that_is_set_against_nothing(self):
        """Of the contract: it reduces what the contract asks for, once. Of anything else: it is money on the account."""
        contract = self._contract(1000.0)
        invoice = self._invoice(self._order(contract=contract))
        refund = invoice._reverse_moves([{'invoice_date': TODAY, 'date': TODAY}], cancel=False)
        refund.invoice_line_ids.price_unit = 300.0
        refund.action_post()
        self.settle()
        self.assertEqual((contract.milestone_ids.amount_credited, self._owed(contract.milestone_ids)), (300.0, [700.0]))
        other = self.init_invoice('out_refund', partner=self.partner_a, amounts=[700.0], taxes=[], invoice_date=TODAY, post=True)
        self.settle()
        self.assertEqual(self._owed(contract.milestone_ids), [0.0])
        other.button_draft()
        self.settle()
        self.assertEqual(self._owed(contract.milestone_ids), [700.0])

    def test_what_is_fully_credited_is_not_late(self):
        contract = self._contract(1000.0)
        invoice = self._invoice(self._order(contract=contract))
        invoice._reverse_moves([{'invoice_date': TODAY, 'date': TODAY}], cancel=False).action_post()
        self.settle()
        self.assertEqual(self._late(contract.milestone_ids), [False], contract.milestone_ids.state)
        self.assertFalse(self._reminded(contract.milestone_ids))

    def test_payments_on_their_way_count(self):
        """Where payments have no entry until the bank reports them."""
        contract = self._contract(1000.0)
        invoice = self._invoice(self._order(contract=contract))
        line = self.bank.inbound_payment_method_line_ids[:1]
        line.payment_account_id = False
        with patch.object(type(self.env['account.move']), '_get_invoice_in_payment_state', lambda self: 'in_payment'):
            payment = self._receive(1000.0, payment_method_line_id=line.id)
            self.assertFalse(payment.move_id)
            self.assertEqual(payment.state, 'in_process')
            self.assertEqual((invoice.amount_residual, contract.milestone_ids.is_covered), (1000.0, True))
            payment.action_cancel()
            self.settle()
        self.assertFalse(contract.milestone_ids.is_covered)

    def test_other_customers_and_companies_pay_nothing(self):
        contract = self._contract(1000.0)
        self._receive(1000.0, partner=self.partner_b)
        self.assertEqual(self._owed(contract.milestone_ids), [1000.0])
        other = self.setup_other_company(name='Other Inc.')
        payment = self.env['account.payment'].with_company(other['company']).create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': self.partner_a.id, 'amount': 1000.0, 'date': TODAY,
            'journal_id': other['default_journal_bank'].id,
        })
        payment.action_post()
        self.settle()
        self.assertEqual(self._owed(contract.milestone_ids), [1000.0])

    def test_money_of_a_contact_is_the_company_s(self):
        contract = self._contract(1000.0)
        contact = self.env['res.partner'].create({'name': 'Lin Wei', 'parent_id': self.partner_a.id})
        self._receive(1000.0, partner=contact)
        self.assertEqual(self._owed(contract.milestone_ids), [0.0])

    def test_amounts_of_two_currencies_in_one_round(self):
        """Equal figures in two currencies are written apart: one round for all contracts."""
        other = self.setup_other_currency('EUR', rates=[('2016-01-01', 2.0)])
        pricelist = self.env['product.pricelist'].create({'name': 'Other', 'currency_id': other.id})
        contracts = self._contract(1000.0) | self._contract(1000.0, currency_id=other.id)
        invoices = [
            self._invoice(self._order(contract=contracts[0])),
            self._invoice(self._order(contract=contracts[1], pricelist_id=pricelist.id)),
        ]
        contracts.milestone_ids.sudo().write({'amount_on_account': 0.0})
        for invoice in invoices:
            self._pay(invoice, 400.0)
        contracts.milestone_ids.sudo().flush_recordset()
        self.env.cr.execute('UPDATE fulfilment_milestone SET amount_done = 0 WHERE id = ANY(%s)', [contracts.milestone_ids.ids])
        self.env.invalidate_all()
        contracts._sync_facts()
        self.assertEqual(contracts.milestone_ids.mapped('amount_done'), [400.0, 400.0])
        self._receive(900.0)  # of the company's currency: 600 of the one, 300 × 2 of the other
        self.assertEqual(sorted(contracts.milestone_ids.mapped('amount_on_account')), [600.0, 600.0])
        amendments = self.env['fulfilment.amendment'].create([{
            'contract_id': contract.id, 'reason': 'More', 'line_ids': [Command.create({'kind': 'contract_amount', 'value_amount': 2000.0})],
        } for contract in contracts])
        amendments.line_ids.sudo()._apply()
        self.assertEqual(contracts.mapped('amount_total'), [2000.0, 2000.0])

    def test_the_round_reads_accounts_it_was_not_told_of(self):
        contract = self._contract(1000.0)
        self._receive(1000.0)
        contract.milestone_ids.sudo().amount_on_account = 0.0
        contract._sync_facts()
        self.assertTrue(contract.milestone_ids.is_covered)

    def test_reading_many_accounts_asks_as_often_as_one(self):
        customers = self.env['res.partner'].create([{'name': f'Customer {number}', 'is_company': True} for number in range(8)])
        contracts = self.env['fulfilment.contract']
        for customer in customers:
            contracts |= self._contract(1000.0, partner_id=customer.id)
            self._receive(300.0, partner=customer)

        def queries(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some._read_accounts()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        queries(contracts)
        self.assertEqual(queries(contracts[:1]), queries(contracts))
