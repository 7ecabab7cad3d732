"""What counts as money for a contract: matches and entries made by hand, orders and customers moved about."""
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TODAY
from .test_attacked_seventh import MoneyCommon


@tagged('post_install', '-at_install')
class TestContractMoney(MoneyCommon):

    def _payment(self, partner, amount):
        payment = self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': partner.id, 'amount': amount, 'date': TODAY,
            'journal_id': self.company_data['default_journal_bank'].id,
        })
        payment.action_post()
        return payment

    def _entry(self, journal, debit, credit, partner, post=True):
        """An entry made by hand: 10,000 from one account to another."""
        entry = self.env['account.move'].with_user(self.accountant).create({
            'move_type': 'entry', 'journal_id': journal.id, 'date': TODAY, 'line_ids': [
                Command.create({'account_id': debit.id, 'debit': 10000.0, 'partner_id': partner.id}),
                Command.create({'account_id': credit.id, 'credit': 10000.0, 'partner_id': partner.id}),
            ],
        })
        if post:
            entry.action_post()
        return entry

    def test_matches_that_no_matching_makes(self):
        order, contract = self._own_order()
        invoice = self._invoice(order)
        debit = invoice.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        revenue = invoice.line_ids - debit
        bank, expense = self.company_data['default_journal_bank'], self.company_data['default_account_expense']
        credit = self._payment(self.partner_a, 1.0).move_id.line_ids.filtered('credit')
        draft = self._entry(bank, expense, debit.account_id, self.partner_a, post=False).line_ids.filtered('credit')
        other = self._entry(bank, expense, self.company_data['default_account_payable'], self.partner_b).line_ids.filtered('credit')
        Partial = self.env['account.partial.reconcile'].with_user(self.accountant)
        for name, rows in {
            'negative': [(credit, 10000.0, 10000.0, 10000.0), (credit, -9999.0, -9999.0, -9999.0)],
            'currency': [(credit, 1.0, 10000.0, 1.0)],
            'nothing': [(credit, 0.0, 0.0, 0.0)],
            'draft': [(draft, 10000.0, 10000.0, 10000.0)],
            'account': [(other, 10000.0, 10000.0, 10000.0)],
            'revenue': [(revenue, 10000.0, 10000.0, 10000.0)],
        }.items():
            with self.subTest(match=name), self.assertRaisesRegex(AccessError, 'cannot be matched like this|More of'), \
                    self.env.cr.savepoint():
                Partial.create([{
                    'debit_move_id': debit.id, 'credit_move_id': item.id, 'amount': amount, 'debit_amount_currency': of_debit,
                    'credit_amount_currency': of_credit,
                } for item, amount, of_debit, of_credit in rows])
        with self.assertRaisesRegex(AccessError, 'More of'), self.env.cr.savepoint():
            Partial.create([{
                'debit_move_id': debit.id, 'credit_move_id': credit.id, 'amount': 0.01, 'debit_amount_currency': 0.01,
                'credit_amount_currency': 0.01,
            } for _number in range(200)])
        self.env.invalidate_all()
        self.assertEqual(self._is_owed(contract), ('pending', 9999.0, False), "one is on account")

    def test_money_is_what_reaches_the_bank(self):
        bank = self.company_data['default_journal_bank']
        receivable, expense = self.company_data['default_account_receivable'], self.company_data['default_account_expense']
        for name, account, paid in (('expense', expense, 0.0), ('bank', bank.default_account_id, 10000.0)):
            order, contract = self._own_order()
            invoice = self._invoice(order)
            entry = self._entry(bank, account, receivable, self.partner_a)
            (invoice | entry).line_ids.filtered(lambda line: line.account_id == receivable).with_user(self.accountant).reconcile()
            self._is_owed(contract)
            with self.subTest(entry=name):
                self.assertEqual((contract.milestone_ids.amount_done, contract.milestone_ids.amount_credited), (paid, 10000.0 - paid))

    def test_what_somebody_else_paid_is_not_put_under_a_contract(self):
        contract = self._contract(10000.0, user_id=self.sales.id)
        (self.partner_a | self.partner_b).is_company = True
        order = self._order(10000.0, partner_id=self.partner_b.id, user_id=self.sales.id)
        self._pay(self._invoice(order), 10000.0)
        values = {'partner_id': self.partner_a.id, 'partner_invoice_id': self.partner_b.id, 'fulfilment_contract_id': contract.id}
        with self.assertRaisesRegex(AccessError, 'is invoiced to'), self.env.cr.savepoint():
            order.with_user(self.sales).write(values)
        self.partner_b.with_user(self.sales).parent_id = self.partner_a
        with self.assertRaisesRegex(AccessError, 'is invoiced to'), self.env.cr.savepoint():
            order.with_user(self.sales).fulfilment_contract_id = contract
        self.env.invalidate_all()
        self.assertEqual(self._is_owed(contract), ('pending', 10000.0, False))
        leader = self._user('l8', 'fulfilment_crm.group_manager', 'sales_team.group_sale_salesman_all_leads')
        order.with_user(leader).fulfilment_contract_id = contract
        self.assertEqual(contract.milestone_ids.state, 'pending')
        self.settle()
        self.assertEqual(contract.milestone_ids.state, 'done', "a company below the customer pays")
        self.partner_b.with_user(self.sales).parent_id = False
        self.settle()
        self.assertEqual(contract.milestone_ids.state, 'pending', "and is below it no more")

    def test_an_order_linked_before_it_is_invoiced_to_a_third_party(self):
        order, contract = self._own_order()
        order.with_user(self.sales).partner_invoice_id = self.partner_b
        self._pay(self._invoice(order), 10000.0)
        self.assertEqual(contract.milestone_ids.state, 'done')
        order.with_user(self.sales).write({'fulfilment_contract_id': contract.id, 'client_order_ref': 'As it is'})

    def test_a_new_name_takes_contracts_along(self):
        """A person who gets a company above has paid what it has paid, and owes what it owes."""
        person = self.env['res.partner'].create({'name': 'Ben', 'company_name': 'Ben & Sons'})
        contract = self._contract(10000.0, user_id=self.sales.id, partner_id=person.id)
        order = self._order(10000.0, partner_id=person.id, user_id=self.sales.id, contract=contract)
        invoice = self._invoice(order)
        self._pay(invoice, 4000.0)
        by_hand = self._contract(500.0, partner_id=person.id)
        bill = self.init_invoice('out_invoice', partner=person, amounts=[500.0], taxes=[], post=False)
        bill.fulfilment_contract_id = by_hand
        bill.action_post()
        self._pay(bill, 500.0)
        self._payment(person, 1000.0)
        self.settle()
        before = [self._is_owed(one) for one in (contract, by_hand)]
        self.assertEqual(before, [('pending', 5000.0, False), ('done', 0.0, False)])
        link = contract.sudo()._portal_ensure_token()
        person.with_user(self.sales).create_company()
        self.settle()
        self.assertEqual((contract | by_hand).commercial_partner_id.name, 'Ben & Sons')
        self.assertEqual([self._is_owed(one) for one in (contract, by_hand)], before)
        self.assertNotEqual(contract.sudo().access_token, link)
