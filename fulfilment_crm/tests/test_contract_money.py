"""What counts as money for a contract: matches and entries made by hand, orders and customers moved about, roundings."""
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import TODAY, switch_everything_on
from .common_payment import PaymentCommon


class MoneyCommon(PaymentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        switch_everything_on(cls.env)
        cls.sales = cls._user('s7', 'sales_team.group_sale_salesman', 'fulfilment_crm.group_user', 'base.group_partner_manager')
        cls.accountant = cls._user('a7', 'account.group_account_invoice')

    @classmethod
    def _user(cls, login, *groups):
        return new_test_user(
            cls.env, login, groups=','.join(['base.group_user', *groups]), company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)], email=f'{login}@a.example',
        )

    def _own_order(self, amount=10000.0):
        """The salesperson's order, with its contract in force."""
        order = self._order(amount, user_id=self.sales.id)
        contract = self._contract(amount, user_id=self.sales.id)
        order.fulfilment_contract_id = contract
        self.settle()
        return order, contract

    def _is_owed(self, contract):
        contract._sync_facts()
        self.settle()
        milestone = contract.milestone_ids
        return (milestone.state, milestone.amount_owed, milestone.is_covered)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestPaymentsAreMoney(MoneyCommon):

    def test_what_an_order_says_of_its_invoices_pays_nothing(self):
        order, contract = self._own_order()
        order.with_user(self.sales).write({'invoice_status': 'invoiced'})
        self.assertEqual(self._is_owed(contract), ('pending', 10000.0, False))

    def test_a_price_lowered_while_it_is_invoiced_pays_nothing(self):
        order, contract = self._own_order()
        line = order.order_line.with_user(self.sales)
        line.price_unit = 100.0
        invoice = self._invoice(order)
        self._pay(invoice, 100.0)
        line.price_unit = 10000.0
        self.assertEqual(self._is_owed(contract), ('pending', 9900.0, False))

    def test_an_invoice_of_little_pays_little(self):
        for price in (100.0, 0.0):
            order, contract = self._own_order()
            invoice = self._invoice(order, post=False)
            invoice.invoice_line_ids.with_user(self.accountant).price_unit = price
            invoice.action_post()
            self.settle()
            if price:
                self._pay(invoice, price)
            with self.subTest(price=price):
                self.assertEqual(self._is_owed(contract), ('pending', 10000.0 - price, False))

    def test_roundings_are_forgiven(self):
        order, contract = self._own_order()
        invoice = self._invoice(order, post=False)
        invoice.invoice_line_ids.price_unit = 9999.98
        invoice.action_post()
        self._pay(invoice, 9999.98)
        self.assertEqual(contract.milestone_ids.state, 'done')
        order, contract = self._own_order()
        invoice = self._invoice(order, post=False)
        invoice.invoice_line_ids.price_unit = 9999.97
        invoice.action_post()
        self._pay(invoice, 9999.97)
        self.assertEqual(contract.milestone_ids.state, 'pending')

    def test_what_is_invoiced_stays_with_its_order(self):
        first, paid = self._own_order()
        second, open_one = self._own_order()
        self._pay(self._invoice(first), 10000.0)
        line = first.order_line.with_user(self.sales)
        with self.assertRaisesRegex(AccessError, 'invoiced'):
            line.order_id = second
        with self.assertRaisesRegex(AccessError, 'invoiced'):
            first.with_user(self.sales).order_line = [Command.update(line.id, {'order_id': second.id})]
        for name, value in (('invoice_lines', [Command.set(line.invoice_lines.ids)]), ('qty_invoiced', 1.0), ('is_downpayment', True)):
            with self.subTest(field=name), self.assertRaises(AccessError):
                second.order_line.with_user(self.sales).write({name: value})
        self.assertEqual(self._is_owed(open_one), ('pending', 10000.0, False))
        self.assertEqual(paid.milestone_ids.state, 'done')

    def test_what_is_matched_is_not_entered(self):
        order, contract = self._own_order()
        invoice = self._invoice(order)
        self._pay(invoice, 1.0)
        partial = invoice.line_ids.matched_credit_ids
        with self.assertRaises(AccessError):
            partial.with_user(self.accountant).write({
                'amount': 10000.0, 'debit_amount_currency': 10000.0, 'credit_amount_currency': 10000.0,
            })
        self.assertEqual(self._is_owed(contract), ('pending', 9999.0, False))

    def test_money_of_somebody_else_is_not_moved_to_a_customer(self):
        contract = self._contract(5000.0, user_id=self.sales.id)
        stranger = self.env['res.partner'].create({'name': 'Ina'})
        self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': stranger.id, 'amount': 8000.0, 'date': TODAY,
            'journal_id': self.company_data['default_journal_bank'].id,
        }).action_post()
        firm = stranger.with_user(self.sales)
        with self.assertRaisesRegex(AccessError, 'entries in the accounts'), self.env.cr.savepoint():
            firm.parent_id = self.partner_a
        with self.assertRaisesRegex(AccessError, 'entries in the accounts'), self.env.cr.savepoint():
            firm.write({'parent_id': self.partner_a.id, 'is_company': False})
        contact = self.env['res.partner'].create({'name': 'Ina', 'parent_id': self.partner_a.id})
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(self.sales).create({
            'dst_partner_id': contact.id, 'partner_ids': [Command.set((contact | stranger).ids)],
        })
        with self.assertRaisesRegex(AccessError, 'entries in the accounts'), self.env.cr.savepoint():
            wizard.action_merge()
        self.env.invalidate_all()
        self.assertEqual(self._is_owed(contract), ('pending', 5000.0, False))
        leader = self._user('l7', 'fulfilment_crm.group_leader', 'base.group_partner_manager')
        stranger.with_user(leader).parent_id = self.partner_a
        self.assertEqual(self._is_owed(contract), ('pending', 0.0, True))
        # Where nothing is held against the account, contacts are Odoo's alone.
        self.company.fulfilment_credit_gate = False
        plain = self.env['res.partner'].create({'name': 'Elsewhere', 'is_company': True})
        other = self.env['res.partner'].create({'name': 'Ben'})
        self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': other.id, 'amount': 10.0, 'date': TODAY,
            'journal_id': self.company_data['default_journal_bank'].id,
        }).action_post()
        other.with_user(self.sales).parent_id = plain
        self.assertEqual(other.commercial_partner_id, plain)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
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
        Partial.create({
            'debit_move_id': debit.id, 'credit_move_id': draft.id, 'amount': 9999.0, 'debit_amount_currency': 9999.0,
            'credit_amount_currency': 9999.0,
        })
        self.assertEqual(self._is_owed(contract), ('pending', 9999.0, False), "a draft pays nothing")

    def test_a_difference_of_exchange_rates_is_matched(self):
        """Odoo matches it while it is a draft still: whoever registers payments in another currency does not notice."""
        currency = self.setup_other_currency('EUR', rates=[('2016-01-01', 2.0), (TODAY, 3.0)])
        invoice = self.init_invoice(
            'out_invoice', partner=self.partner_a, amounts=[100.0], taxes=[], currency=currency, post=True, invoice_date='2026-01-10',
        )
        register = self.env['account.payment.register'].with_user(self.accountant).with_context(
            active_model='account.move', active_ids=invoice.ids,
        ).create({'payment_date': TODAY, 'journal_id': self.company_data['default_journal_bank'].id})
        register._create_payments()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertTrue(invoice.line_ids.matched_credit_ids.exchange_move_id)

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

    def test_what_somebody_paid_before_moving_is_not_moved_along(self):
        contract = self._contract(10000.0, user_id=self.sales.id)
        paul = self.env['res.partner'].create({'name': 'Paul'})
        self._pay(self._invoice(self._order(10000.0, partner_id=paul.id, user_id=self.sales.id)), 10000.0)
        self.partner_a.is_company = True
        with self.assertRaisesRegex(AccessError, 'entries in the accounts'):
            paul.with_user(self.sales).parent_id = self.partner_a
        self.env.invalidate_all()
        self.assertEqual(self._is_owed(contract), ('pending', 10000.0, False))

    def test_an_order_linked_before_it_is_invoiced_to_a_third_party(self):
        order, contract = self._own_order()
        order.with_user(self.sales).partner_invoice_id = self.partner_b
        self._pay(self._invoice(order), 10000.0)
        self.assertEqual(contract.milestone_ids.state, 'done')
        order.with_user(self.sales).write({'fulfilment_contract_id': contract.id, 'client_order_ref': 'As it is'})

    def test_a_new_name_takes_contracts_along(self):
        """A person who gets a company above has paid what it has paid, and owes what it owes; a leader sees to it."""
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
        with self.assertRaisesRegex(AccessError, 'customer with contracts'), self.env.cr.savepoint():
            person.with_user(self.sales).create_company()
        self.env.invalidate_all()
        person.with_user(self._user('l9', 'fulfilment_crm.group_leader', 'base.group_partner_manager')).create_company()
        self.settle()
        self.assertEqual((contract | by_hand).commercial_partner_id.name, 'Ben & Sons')
        self.assertEqual([self._is_owed(one) for one in (contract, by_hand)], before)
        self.assertNotEqual(contract.sudo().access_token, link)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestMatchesAndMoves(MoneyCommon):
    def test_more_is_not_matched_than_there_is(self):
        order, contract = self._own_order()
        invoice = self._invoice(order)
        self._pay(invoice, 1.0)
        partial = invoice.line_ids.matched_credit_ids
        bank = self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': self.partner_a.id, 'amount': 1.0, 'date': TODAY,
            'journal_id': self.company_data['default_journal_bank'].id,
        })
        bank.action_post()
        receivable = (invoice | bank.move_id).line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
        debit, credit = receivable.sorted('balance', reverse=True)
        Partial = self.env['account.partial.reconcile'].with_user(self.accountant)
        with self.assertRaisesRegex(AccessError, 'More of'), self.env.cr.savepoint():
            Partial.create({
                'debit_move_id': debit.id, 'credit_move_id': credit.id, 'amount': 9999.0, 'debit_amount_currency': 9999.0,
                'credit_amount_currency': 9999.0,
            })
        with self.assertRaisesRegex(AccessError, 'More of'), self.env.cr.savepoint():
            partial.with_user(self.accountant).copy()
        self.env.invalidate_all()
        self.assertEqual(self._is_owed(contract), ('pending', 9998.0, False), "one matched, one on account")
        receivable.with_user(self.accountant).reconcile()
        self.assertEqual(self._is_owed(contract), ('pending', 9998.0, False), "and Odoo's own matching goes on")

    def test_roundings_are_small(self):
        """Whatever a cash rounding says, and however many lines there are."""
        rounding = self.env['account.cash.rounding'].create({
            'name': 'Any', 'rounding': 0.05, 'strategy': 'add_invoice_line', 'rounding_method': 'HALF-UP',
            'profit_account_id': self.company_data['default_account_revenue'].id,
            'loss_account_id': self.company_data['default_account_expense'].id,
        })
        order, contract = self._own_order()
        invoice = self._invoice(order, post=False)
        invoice.write({'invoice_cash_rounding_id': rounding.id, 'invoice_line_ids': [
            Command.update(invoice.invoice_line_ids.id, {'price_unit': 9990.0}),
            *(Command.create({'name': 'Nothing', 'quantity': 1, 'price_unit': 0.0, 'tax_ids': False}) for _line in range(150)),
        ]})
        invoice.action_post()
        self._pay(invoice, 9990.0)
        rounding.with_user(self.accountant).rounding = 10000.0
        self.assertEqual(self._is_owed(contract), ('pending', 10.0, False))

    def test_what_a_payment_says_later_is_no_money(self):
        order, contract = self._own_order()
        invoice = self._invoice(order)
        payment = self.env['account.payment.register'].with_context(active_model='account.move', active_ids=invoice.ids).create({
            'amount': 10.0, 'payment_date': TODAY, 'payment_difference_handling': 'reconcile',
            'writeoff_account_id': self.company_data['default_account_expense'].id,
        })._create_payments()
        self.settle()
        payment.with_user(self.accountant).write({'amount': 10000.0})
        self._is_owed(contract)
        self.assertEqual((contract.milestone_ids.amount_done, contract.milestone_ids.amount_credited), (10.0, 9990.0))

    def test_deleting_what_is_above_moves_nothing(self):
        """Orders of a contact that becomes a customer of its own are asked about, whatever stood between the two."""
        Partner = self.env['res.partner'].with_user(self.sales)
        other = self.env['res.partner'].create({'name': 'Ben', 'parent_id': self.partner_a.id})
        order = self._order(10000.0, partner_id=other.id)
        above = Partner.create({'name': 'Hall', 'parent_id': self.partner_a.id})
        other.with_user(self.sales).parent_id = above
        seen = []
        self.patch(type(Partner), '_fulfilment_check_moved_orders', lambda partners, before: seen.extend(before))
        above.unlink()
        self.assertEqual(seen, [order])
        spare = Partner.create({'name': 'Empty', 'parent_id': self.partner_a.id})
        Partner.create({'name': 'Below', 'parent_id': spare.id})
        spare.unlink()

    def test_a_stranger_is_not_merged_into_a_customer(self):
        contract = self._contract(5000.0)
        stranger = self.env['res.partner'].create({'name': 'Ina', 'email': self.partner_a.email})
        self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': stranger.id, 'amount': 8000.0, 'date': TODAY,
            'journal_id': self.company_data['default_journal_bank'].id,
        }).action_post()
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(self.sales).create({
            'dst_partner_id': self.partner_a.id, 'partner_ids': [Command.set((self.partner_a | stranger).ids)],
        })
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            wizard.action_merge()
        self.env.invalidate_all()
        self.assertEqual(self._is_owed(contract), ('pending', 5000.0, False))

    def test_a_person_gets_a_company(self):
        """Ordinary work: the whole account goes along, and nothing else is known of the company."""
        self.company.fulfilment_credit_gate = True
        person = self.env['res.partner'].create({'name': 'Ben', 'company_name': 'Ben & Sons'})
        self.init_invoice('out_invoice', partner=person, amounts=[100.0], taxes=[], post=True)
        person.with_user(self.sales).create_company()
        self.assertEqual(person.commercial_partner_id.name, 'Ben & Sons')

    def test_a_token_lets_in_to_what_it_was_given_for(self):
        self.env['ir.config_parameter'].sudo().set_param('auth_signup.invitation_scope', 'b2c')
        Partner = self.env['res.partner']
        mine = Partner.with_user(self.sales).create({'name': 'Mine', 'email': 'mine@evil.example'})
        token = mine.signup_get_auth_param()[mine.id]['auth_signup_token']
        self.assertEqual(Partner.sudo()._get_partner_from_token(token), mine)
        self._contract(5000.0)
        mine.parent_id = self.partner_a
        self.assertFalse(Partner.sudo()._get_partner_from_token(token))
        early = Partner.create({'name': 'Early', 'parent_id': self.partner_b.id})
        token = early.signup_get_auth_param()[early.id]['auth_signup_token']
        self.assertEqual(Partner.sudo()._get_partner_from_token(token), early)
        self._contract(5000.0, partner_id=self.partner_b.id)
        self.assertFalse(Partner.sudo()._get_partner_from_token(token))
