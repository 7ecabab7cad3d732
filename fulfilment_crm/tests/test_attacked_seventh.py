"""What a seventh attack found: each road as it was gone, by who went it."""
from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import TODAY, FulfilmentCommon, switch_everything_on
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


@tagged('post_install', '-at_install')
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
        with self.assertRaisesRegex(AccessError, 'open entries'), self.env.cr.savepoint():
            firm.parent_id = self.partner_a
        with self.assertRaisesRegex(AccessError, 'open entries'), self.env.cr.savepoint():
            firm.write({'parent_id': self.partner_a.id, 'is_company': False})
        contact = self.env['res.partner'].create({'name': 'Ina', 'parent_id': self.partner_a.id})
        wizard = self.env['base.partner.merge.automatic.wizard'].with_user(self.sales).create({
            'dst_partner_id': contact.id, 'partner_ids': [Command.set((contact | stranger).ids)],
        })
        with self.assertRaisesRegex(AccessError, 'open entries'), self.env.cr.savepoint():
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


@tagged('post_install', '-at_install')
class TestAttackedSeventh(FulfilmentCommon):

    def test_nobody_makes_a_leave_of_their_own_a_holiday_of_all(self):
        calendar = self.company_a.resource_calendar_id
        resource = self.env['resource.resource'].create({
            'name': 'Plain', 'user_id': self.user_plain.id, 'calendar_id': calendar.id, 'company_id': self.company_a.id,
        })
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': self.company_a.id, 'partner_id': self.customer.id,
        })
        due = ticket.deadline_ids.mapped('due_on')
        leave = self.env['resource.calendar.leaves'].with_user(self.user_plain).create({
            'name': 'Away', 'resource_id': resource.id, 'calendar_id': calendar.id, 'date_from': ticket.received_on,
            'date_to': ticket.received_on + timedelta(days=365),
        })
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            leave.write({'resource_id': False})
        self.settle()
        self.assertEqual(ticket.deadline_ids.mapped('due_on'), due)

    def test_a_holiday_entered_later_excuses_nothing(self):
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': self.company_a.id, 'partner_id': self.customer.id,
        })
        deadline = ticket.deadline_ids[:1].sudo()
        deadline.write({
            'unit': 'working_day', 'due_on': ticket.received_on - timedelta(hours=3), 'calendar_id': self.company_a.resource_calendar_id.id,
        })
        due = deadline.due_on
        self.env['resource.calendar.leaves'].create({
            'name': 'Closed', 'calendar_id': deadline.calendar_id.id, 'date_from': ticket.received_on - timedelta(days=5),
            'date_to': ticket.received_on + timedelta(days=5),
        })
        self.settle()
        self.assertEqual((deadline.missed, deadline.due_on), (True, due))

    def test_the_token_of_a_contact_is_given_to_who_may_let_it_in(self):
        self.env['ir.config_parameter'].sudo().set_param('auth_signup.invitation_scope', 'b2c')
        self._make_contract('active')
        for user, given in ((self.user_sales, True), (self.user_sales_2, False), (self.user_plain, False), (self.user_leader, True)):
            with self.subTest(user=user.login):
                found = self.contact.with_user(user).signup_get_auth_param()
                self.assertEqual('auth_signup_token' in found[self.contact.id], given)
        self.assertIn('auth_signup_token', self.other_customer.with_user(self.user_plain).signup_get_auth_param()[self.other_customer.id])

    def test_a_draft_is_no_ground_to_answer_for_a_customer(self):
        self.env['fulfilment.profile'].create({
            'partner_id': self.customer.id, 'company_id': self.company_a.id, 'user_id': self.user_sales.id,
            'currency_id': self.company_a.currency_id.id,
        })
        for state in ('draft', 'active'):
            contract = self._make_contract(state, user_id=self.user_sales_2.id)
            survey = self.env['fulfilment.phone.survey'].with_user(self.user_sales_2).create({
                'partner_id': self.contact.id, 'contract_id': contract.id, 'company_id': self.company_a.id, 'quality': '5',
            })
            if state == 'draft':
                with self.assertRaisesRegex(AccessError, 'looked after by somebody else'):
                    survey.action_save()
            else:
                survey.action_save()

    def test_whose_mails_are_whose_follows_from_the_address(self):
        self.user_sales_2.group_ids += self.env.ref('base.group_partner_manager')
        with self.assertRaises(AccessError):
            self.contact.with_user(self.user_sales_2).email_normalized = 'evil@evil.example'
        self.contact.with_user(self.user_sales_2).write({'email_normalized': self.contact.email_normalized, 'phone': '1'})


@tagged('post_install', '-at_install')
class TestAttackedEighth(MoneyCommon):
    """What went round the mending of the seventh."""

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
