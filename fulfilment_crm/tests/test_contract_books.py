"""Random books: orders, terms, roundings, down payments, part invoices, credit notes, payments and currencies, against slow arithmetic."""
import os
import random
from collections import defaultdict
from datetime import timedelta

from odoo import Command, fields
from odoo.tests import tagged

from odoo.addons.fulfilment_crm.models.contract.milestone import OUTSTANDING

from .common import TODAY, switch_everything_on
from .common_payment import PaymentCommon

BOOKS = int(os.environ.get('FULFILMENT_BOOKS') or 40)  # of each rounding
STEPS = 3


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestBooks(PaymentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        switch_everything_on(cls.env)
        cls.company.fulfilment_approval = False
        cls.company.fulfilment_bank_account = '6222-books'
        tax = cls.company_data['default_tax_sale']
        cls.taxes = [
            cls.env['account.tax'], *(tax.copy({'name': f'{amount} {kind}', 'amount': amount, 'price_include_override': kind})
                                      for amount, kind in ((13, 'tax_excluded'), (6, 'tax_included'), (8.875, 'tax_excluded'))),
        ]
        cls.product = cls.env['product.product'].create({
            'name': 'Pump', 'type': 'service', 'invoice_policy': 'order', 'taxes_id': False,
        })
        cls.terms = cls.env['account.payment.term'].create([
            {'name': name, 'line_ids': [
                Command.create({'value': value, 'value_amount': amount, 'nb_days': days, 'delay_type': f'days_after{counted}'})
                for value, amount, days, counted in lines
            ]} for name, lines in {
                'At once': [('percent', 100, 0, '')],
                '33.33/66.67': [('percent', 33.33, 0, ''), ('percent', 66.67, 30, '')],
                'Thirds': [('percent', 33.333, 5, ''), ('percent', 33.333, 15, ''), ('percent', 33.334, 60, '')],
                'End of next month': [('percent', 30, 0, ''), ('percent', 70, 0, '_end_of_next_month')],
                'Something back': [('fixed', -5.25, 0, ''), ('percent', 100, 30, '')],
                'Fixed first': [('fixed', 10.05, 0, ''), ('percent', 100, 30, '')],
            }.items()
        ])
        cls.currencies = [
            cls.company.currency_id, cls.setup_other_currency('EUR', rates=[('2016-01-01', 2.0)]),
            cls.setup_other_currency('KWD', rounding=0.001, rates=[('2016-01-01', 0.5)]),
            cls.setup_other_currency('JPY', rounding=1.0, rates=[('2016-01-01', 100.0)]),
        ]
        cls.pricelists = {
            currency: cls.env['product.pricelist'].create({'name': currency.name, 'currency_id': currency.id, 'company_id': cls.company.id})
            for currency in cls.currencies
        }
        cls.cash_roundings = [cls.env['account.cash.rounding'], *(cls.env['account.cash.rounding'].create({
            'name': strategy, 'rounding': 0.05, 'strategy': strategy, 'rounding_method': 'HALF-UP',
            'profit_account_id': cls.company_data['default_account_revenue'].id,
            'loss_account_id': cls.company_data['default_account_expense'].id,
        }) for strategy in ('add_invoice_line', 'biggest_tax'))]

    # === THE BOOKS === #

    def _open_books(self, chance, number):
        """Confirmed orders of customers of their own, with their contracts in force."""
        partners = self.env['res.partner'].create([{'name': f'Book {count}', 'is_company': True} for count in range(number)])
        vals_list = []
        for partner in partners:
            currency = chance.choice(self.currencies)
            digits = currency.decimal_places
            taxes = chance.sample(self.taxes, 2)
            vals_list.append({
                'partner_id': partner.id, 'company_id': self.company.id, 'payment_term_id': chance.choice(self.terms).id,
                'pricelist_id': self.pricelists[currency].id, 'order_line': [Command.create({
                    'product_id': self.product.id, 'product_uom_qty': chance.choice((1, 2, 3, 7)),
                    'tax_ids': [Command.set(chance.choice(taxes).ids)],
                    'price_unit': round(chance.uniform(20, 3000), min(digits, 2)), 'discount': chance.choice((0, 0, 10, 33.33)),
                }) for _line in range(chance.randrange(1, 5))],
            })
        orders = self.env['sale.order'].create(vals_list)
        orders.action_confirm()
        orders.date_order = fields.Datetime.to_datetime(TODAY)
        contracts = orders._create_fulfilment_contracts()
        for order, contract in zip(orders, contracts, strict=True):
            agreed = contract.milestone_ids.filtered(lambda one: one.kind == 'payment').mapped('amount')
            for amount in (contract.amount_total, sum(agreed)):
                self.assertEqual(contract.currency_id.compare_amounts(amount, order.amount_total), 0, (order.amount_total, agreed))
        contracts._move_to('approved')
        contracts.sudo().date_signed = TODAY
        contracts._activate()
        return orders

    def _post(self, chance, invoice, day):
        rounding = chance.choice(self.cash_roundings) if invoice.move_type == 'out_invoice' else self.env['account.cash.rounding']
        invoice.write({'invoice_date': day, 'date': day, **({'invoice_cash_rounding_id': rounding.id} if rounding else {})})
        invoice.action_post()
        return bool(rounding)

    def _step(self, chance, order, day):
        """Something that happens between two companies. Returns how many documents with roundings of their own came of it."""
        posted = order.invoice_ids.filtered(lambda move: move.state == 'posted')
        bills = posted.filtered(lambda move: move.move_type == 'out_invoice' and move.amount_residual)
        what = chance.choice(('advance', 'part', 'rest', 'credit', 'pay', 'pay', 'on account'))
        if what == 'advance' and not posted:
            self.env['sale.advance.payment.inv'].with_context(active_model='sale.order', active_ids=order.ids).create({
                'advance_payment_method': 'percentage', 'amount': chance.choice((10, 30, 33.33)),
            })._create_invoices(order).write({'invoice_date': day, 'date': day})
            order.invoice_ids.action_post()
        elif what in ('part', 'rest') and order.invoice_status == 'to invoice':
            invoice = order._create_invoices(final=True)
            for line in invoice.invoice_line_ids.filtered(lambda line: line.display_type == 'product' and line.quantity > 1):
                if what == 'part':
                    line.quantity = chance.randrange(1, int(line.quantity) + 1)
            if invoice.move_type == 'out_invoice' and invoice.amount_total > 0:
                self._post(chance, invoice, day)
            else:
                invoice.unlink()
        elif what == 'credit' and (of := posted.filtered(
            lambda move: move.move_type == 'out_invoice' and not move._is_downpayment() and not move.reversal_move_ids,
        )[:1]):
            refund = of._reverse_moves([{'invoice_date': day, 'date': day, 'invoice_cash_rounding_id': False}], cancel=False)
            refund.invoice_line_ids.filtered(lambda line: not line.sale_line_ids or line.sale_line_ids.is_downpayment).unlink()
            refund.action_post()
            if chance.random() < 0.5 and of.amount_residual:
                _receivable(of | refund).filtered(lambda line: not line.reconciled).reconcile()
        elif what == 'pay' and bills:
            self._pay(order, chance.choice(bills), chance.choice((1.0, 1.0, 0.3)), day)
        elif what == 'on account' and chance.random() < 0.4:
            self._pay(order, None, chance.choice((0.2, 0.5)), day)

    def _pay(self, order, invoice, share, day):
        """Money from the customer, set against an invoice or not."""
        amount = order.currency_id.round((invoice.amount_residual if invoice else order.amount_total) * share)
        if amount <= 0:
            return
        payment = self.env['account.payment'].create({
            'payment_type': 'inbound', 'partner_type': 'customer', 'partner_id': order.partner_id.id, 'amount': amount, 'date': day,
            'currency_id': order.currency_id.id, 'journal_id': self.company_data['default_journal_bank'].id,
        })
        payment.action_post()
        if invoice:
            _receivable(invoice | payment.move_id).filtered(lambda line: not line.reconciled).reconcile()

    # === SLOW ARITHMETIC === #

    def _check(self, orders):
        """What the addon says of each book, against its documents read one by one."""
        self.env.cr.flush()
        self.env.invalidate_all()
        self.env['fulfilment.profile']._refresh(orders.partner_id, as_of=TODAY + timedelta(days=100), companies=self.company)
        profiles = self.env['fulfilment.profile'].search([('partner_id', 'in', orders.partner_id.ids)]).grouped('partner_id')
        entries = self.env['account.move.line'].search([
            ('partner_id', 'in', orders.partner_id.ids), ('account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'),
        ]).grouped('partner_id')
        for order in orders:
            lines = entries.get(order.partner_id, self.env['account.move.line'])
            documents = order.invoice_ids.filtered(lambda move: move.state == 'posted')
            received = -sum(lines.filtered('payment_id').mapped('balance'))
            worth = order.amount_total / (order.currency_rate or 1.0)
            # Every document rounds by line and once as a whole; cash rounding, where chosen, up to a coin.
            cents = (order.currency_id.rounding / order.currency_rate) * (2 + len(documents) * (len(order.order_line) + 1)) + 0.02
            cents += sum(0.05 / order.currency_rate for move in documents if move.invoice_cash_rounding_id)
            profile = profiles[order.partner_id]
            advance = any(move._is_downpayment() for move in documents)
            with self.subTest(order=order.name):
                self.assertAlmostEqual(
                    profile.exposure + received, worth, delta=cents if not advance else cents * 2, msg=self._told(order),
                )
                self._check_milestones(order, lines, documents)

    def _told(self, order):
        """A book in words, for whoever reads a failure."""
        return (
            order.currency_id.name, order.payment_term_id.name, order.amount_total, order.invoice_status,
            order.order_line.mapped(lambda line: (line.product_uom_qty, line.qty_invoiced, line.price_total, line.is_downpayment)),
            order.invoice_ids.mapped(lambda move: (move.move_type, move.state, move.amount_total, move.amount_residual)),
            order.fulfilment_contract_id.milestone_ids.filtered(lambda one: one.kind == 'payment').mapped(
                lambda one: (one.amount, one.amount_done, one.amount_credited, one.amount_on_account, one.state),
            ),
        )

    def _check_milestones(self, order, lines, documents):
        contract = order.fulfilment_contract_id
        currency = contract.currency_id
        payments = contract.milestone_ids.filtered(lambda one: one.kind == 'payment')
        matched = defaultdict(float)
        for bill in _receivable(documents).filtered(lambda line: line.balance > 0):
            for partial in bill.matched_credit_ids:
                matched[bool(partial.credit_move_id.payment_id)] += partial.debit_amount_currency
        paid, agreed = sum(payments.mapped('amount_done')), sum(payments.mapped('amount'))
        rounding = currency.rounding * (1 + len(payments)) + 1e-9
        self.assertAlmostEqual(paid, min(matched[True], agreed), delta=rounding + max(matched[True] + matched[False] - agreed, 0))
        for one in payments:
            self.assertLessEqual(one.amount_done + one.amount_credited, one.amount + rounding)
            if one.state == 'done':
                self.assertGreaterEqual(one.amount_done + one.amount_credited, one.amount - rounding)
        loose = -sum(line.amount_residual_currency for line in lines if line.amount_residual < 0 and line.move_id.move_type == 'entry')
        left = max(sum(payments.mapped('amount_open')) - loose, 0)
        # Invoices may round to more than was agreed: that is owed by the invoice, and takes its part of what is on account.
        more = max(sum(move.amount_total * (1 if move.move_type == 'out_invoice' else -1) for move in documents) - agreed, 0)
        owed, delta = sum(payments.mapped('amount_owed')), rounding * 2 + currency.rounding * 2
        self.assertGreaterEqual(owed, left - delta, self._told(order))
        self.assertLessEqual(owed, left + more + delta, self._told(order))
        asked = payments.filtered_domain([*OUTSTANDING, ('amount', '>', 0)])
        self.assertFalse(asked.filtered(lambda one: not one.amount_owed), 'nothing owed, nobody reminded')

    def _finish(self, chance, orders, day):
        """Everything is invoiced and paid."""
        for order in orders:
            if order.invoice_status == 'to invoice' or any(
                line.is_downpayment and line.qty_to_invoice for line in order.order_line
            ):
                invoice = order._create_invoices(final=True)
                for move in invoice:
                    move.write({'invoice_date': day, 'date': day})
                invoice.action_post()
            open_lines = self.env['account.move.line'].search([
                ('partner_id', '=', order.partner_id.id), ('account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'),
                ('reconciled', '=', False),
            ])
            if len(open_lines) > 1 and len(set(open_lines.mapped(lambda line: line.balance > 0))) > 1:
                open_lines.reconcile()
            for invoice in order.invoice_ids.filtered(lambda move: move.move_type == 'out_invoice' and move.amount_residual):
                self._pay(order, invoice, 1.0, day)
        self.env.cr.flush()
        self.env.invalidate_all()
        for order in orders:
            contract = order.fulfilment_contract_id
            payments = contract.milestone_ids.filtered(lambda one: one.kind == 'payment')
            with self.subTest(order=order.name):
                self.assertEqual(set(payments.mapped('state')), {'done'}, self._told(order))

    def _run(self, seed):
        chance = random.Random(seed)
        left = BOOKS
        while left > 0:
            orders = self._open_books(chance, min(left, 40))
            left -= len(orders)
            for number in range(STEPS):
                for order in orders:
                    self._step(chance, order, TODAY + timedelta(days=7 * number))
            self._check(orders)
            self._finish(chance, orders, TODAY + timedelta(days=40))
            self._check(orders)

    def test_rounded_by_line(self):
        self.company.tax_calculation_rounding_method = 'round_per_line'
        self._run(1)

    def test_rounded_as_a_whole(self):
        self.company.tax_calculation_rounding_method = 'round_globally'
        self._run(2)


def _receivable(moves):
    return moves.line_ids.filtered(lambda line: line.account_type == 'asset_receivable')
