"""Random ledgers and orders: every figure of the statement against a slow and obvious calculation, document by document."""
import random
from collections import defaultdict
from datetime import timedelta
from fractions import Fraction

import pytz

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.fulfilment_crm.tools import payment_index

from .common_profile import TODAY, ProfileCommon

MONEY = ('bank', 'cash', 'credit')
AGES = ((0, 'age_current'), (30, 'age_1_30'), (60, 'age_31_60'), (90, 'age_61_90'), (10 ** 6, 'age_over_90'))
DAYS = (TODAY, TODAY - timedelta(days=45), TODAY - timedelta(days=200), TODAY - timedelta(days=420), TODAY + timedelta(days=20))


def exact(amount):
    return Fraction(str(round(amount or 0.0, 6)))


def rounded(value):
    """Two decimals, halves away from zero; None stays None."""
    if value is None:
        return None
    cents = abs(value) * 100
    whole = int(cents + Fraction(1, 2))
    return float(Fraction(whole if value >= 0 else -whole, 100))


def quotient(part, whole, factor=100):
    return None if not whole else rounded(Fraction(part) * factor / Fraction(whole))


class OracleCommon(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls._make_company('Figures Branch', parent=cls.company)
        cls.second = cls._make_company('Second Inc.')
        cls.companies = cls.company | cls.branch | cls.second
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.companies.ids})
        cls.Profile = cls.env['fulfilment.profile']
        for field, kind in (('property_account_receivable_id', 'asset_receivable'), ('property_account_payable_id', 'liability_payable')):
            cls.env['ir.default'].set('res.partner', field, cls._account(kind).id, company_id=cls.branch.id)
        cls.dollar = cls.env.ref('base.USD')
        cls.dollar.active = True
        cls.env['res.currency.rate'].search([('currency_id', '=', cls.dollar.id)]).unlink()
        cls.env['res.currency.rate'].create([
            {'currency_id': cls.dollar.id, 'company_id': company.id, 'name': TODAY - timedelta(days=back), 'rate': rate}
            for company in cls.company | cls.second for back, rate in ((1500, 1.25), (400, 1.1), (100, 1.17), (30, 1.07))
        ])

    @classmethod
    def _customers(cls, name):
        """Customers with contacts that buy in their name: ``{customer: [itself and its contacts]}``."""
        found = {}
        for number in range(3):
            customer = cls._make_customer(f'{name} {number}')
            found[customer] = [customer, *cls.env['res.partner'].create([
                {'name': f'{name} {number} buyer', 'parent_id': customer.id},
                {'name': f'{name} {number} site', 'parent_id': customer.id, 'type': 'invoice'},
            ])]
        return found

    @staticmethod
    def _agrees(found, expected):
        if found is None or not isinstance(expected, (int, float)) or isinstance(expected, bool):
            return found == expected
        return abs(found - expected) < 0.0051

    def assertOracle(self, customers, oracle, note):
        """All figures the oracle gives, of all customers, for the companies and the days of the test."""
        compared = 0
        for day in DAYS:
            self.Profile._refresh(as_of=day, companies=self.companies)
            for company in (self.company, self.second):
                window = company.fulfilment_window_months
                for customer in customers:
                    expected = oracle(customer, company, day, fields.Date.subtract(day, months=window))
                    profile = self.Profile.search([('partner_id', '=', customer.id), ('company_id', '=', company.id)])
                    if expected is None:
                        self.assertFalse(profile and profile.revenue_12m is not None, f'{note}, {customer.name}, {company.name}, {day}')
                        continue
                    self.assertTrue(profile, f'{note}, {customer.name}, {company.name}, {day}')
                    wrong = {
                        name: (profile[name], value) for name, value in expected.items()
                        if not self._agrees(profile[name], value)
                    }
                    self.assertFalse(wrong, f'{note}, {customer.name}, {company.name}, {day}: (found, expected)')
                    compared += sum(value is not None for value in expected.values())
        self.assertGreater(compared, 100)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestOracleLedger(OracleCommon):

    def _random_ledger(self, dice, everybody):
        """Years of documents of all kinds, posted or not, settled in every way."""
        for _number in range(70):
            partner = dice.choice(dice.choice(list(everybody.values())))
            company = dice.choice([self.company, self.company, self.branch, self.second])
            day = TODAY - timedelta(days=dice.randint(-10, 800))
            due = day + timedelta(days=dice.choice([0, 15, 30, 30, 60, 90]))
            amount = dice.choice([100, 250.5, 999.99, 1200, 33.33, 0.01, 48000])
            kind = dice.choice(['invoice'] * 8 + ['foreign'] * 2 + ['refund', 'receipt', 'draft', 'entry', 'money', 'payout', 'cancelled'])
            if kind in ('money', 'payout'):
                self._entry('bank', partner, amount if kind == 'payout' else -amount, day, company=company)
                continue
            if kind == 'entry':
                line = self._entry('general', partner, dice.choice([amount, -amount]), day, due=due, company=company)
            else:
                move = self._random_invoice(partner, amount, due, day, company, kind)
                if kind == 'draft':
                    continue
                move.action_post()
                if kind == 'cancelled':
                    move.button_draft()
                    move.button_cancel()
                    continue
                line = move.line_ids.filtered(lambda one: one.account_id.account_type == 'asset_receivable')
            if line.balance > 0:
                self._random_settlement(dice, line, due)

    def _random_invoice(self, partner, amount, due, day, company, kind):
        return self.env['account.move'].with_company(company).create({
            'move_type': {'refund': 'out_refund', 'receipt': 'out_receipt'}.get(kind, 'out_invoice'), 'partner_id': partner.id,
            'invoice_date': day, 'date': day, 'invoice_date_due': due, 'invoice_payment_term_id': False, 'company_id': company.id,
            'journal_id': self._journal('sale', company).id, 'currency_id': (self.dollar if kind == 'foreign' else company.currency_id).id,
            'invoice_line_ids': [Command.create({
                'name': 'Goods', 'quantity': 1, 'price_unit': amount, 'tax_ids': [Command.clear()],
                'account_id': self._account('income', company).id,
            })],
        })

    def _random_settlement(self, dice, line, due):
        """Nothing, all at once, in parts, or by something that is no money."""
        def days_after():
            return max(due + timedelta(days=dice.choice([-35, -20, -3, 0, 0, 1, 8, 20, 31, 55, 91, 130])), line.date)

        way = dice.choice(['nothing', 'nothing', 'all', 'all', 'all', 'part', 'two', 'credit note', 'write-off', 'undone'])
        total = line.amount_currency
        parts = {
            'all': [1], 'part': [0.4], 'two': [0.3, 0.7], 'undone': [1], 'credit note': [dice.choice([0.5, 1])], 'write-off': [0.2],
        }.get(way, [])
        left = total
        for position, part in enumerate(parts):
            amount = round(total * part, 2) if position + 1 < len(parts) or part < 1 and way != 'two' else left
            left = round(left - amount, 2)
            if not amount:
                continue
            # At the rate of the invoice: an exchange difference is a matter of its own.
            rate = line.amount_currency / line.balance
            journal = {'credit note': 'sale', 'write-off': 'general'}.get(way, 'bank')
            payment = self._entry(
                journal, line.partner_id, -amount, days_after(), company=line.company_id, currency=line.currency_id, rate=rate,
            )
            (line | payment).reconcile()
        if way == 'undone':
            line.remove_move_reconcile()

    def _oracle(self, customer, company, day, since):
        lines = self.env['account.move.line'].search([('parent_state', '=', 'posted'), ('date', '<=', day)]).filtered(
            lambda line: line.company_id.root_id == company and line.account_id.account_type == 'asset_receivable'
            and line.partner_id.commercial_partner_id == customer,
        )
        moves = self.env['account.move'].search([
            ('move_type', 'in', ('out_invoice', 'out_refund', 'out_receipt')), ('state', '=', 'posted'), ('invoice_date', '<=', day),
        ]).filtered(lambda move: move.company_id.root_id == company and move.commercial_partner_id == customer)
        if not lines and not moves:
            return None
        return {**self._oracle_payments(company, day, since, lines), **self._oracle_invoices(company, day, since, moves)}

    def _oracle_payments(self, company, day, since, lines):
        index_since = fields.Date.subtract(day, months=company.fulfilment_index_months)
        closing = sum(exact(line.balance) for line in lines)
        year = day - timedelta(days=365)
        opening = sum(exact(line.balance) for line in lines if line.date <= year)
        sales = sum(exact(line.balance) for line in lines if line.date > year and line.journal_id.type == 'sale')
        buckets = defaultdict(Fraction)
        open_total = overdue = Fraction()
        delays, late_now, events, terms = [], [], [], []
        for line in lines:
            if line.balance <= 0 or line.journal_id.type in MONEY:
                continue
            settled = [one for one in line.matched_credit_ids if one.max_date <= day]
            money = [one for one in settled if one.credit_move_id.journal_id.type in MONEY]
            still_open = exact(line.balance) - sum(exact(one.amount) for one in settled)
            late = max((day - line.date_maturity).days, 0)
            if still_open > 0:
                open_total += still_open
                buckets[next(label for limit, label in AGES if late <= limit)] += still_open
                if late:
                    overdue += still_open
                    late_now.append(late)
                    delays.append((exact(line.balance), late))
            elif money and max(one.max_date for one in money) > since:
                delays.append((exact(line.balance), max((max(one.max_date for one in money) - line.date_maturity).days, 0)))
            for one in money:
                days = (one.max_date - line.date_maturity).days
                if one.max_date > index_since:
                    events.append((exact(one.amount), Fraction(str(round(payment_index.index_of(days), 9)))))
                if one.max_date > since:
                    terms.append((exact(one.amount), days))
        current = buckets['age_current']

        def mean(pairs):
            return quotient(sum(weight * value for weight, value in pairs), sum(weight for weight, _value in pairs), 1)

        return {
            'receivable_open': rounded(closing), 'receivable_overdue': rounded(overdue),
            'receivable_credit': rounded(max(open_total - closing, Fraction())),
            **{name: rounded(buckets[name]) for _limit, name in AGES},
            'overdue_days_open': max(late_now, default=0), 'overdue_days_max': max((days for _amount, days in delays), default=None),
            'overdue_days_avg': mean(delays), 'days_beyond_terms': mean(terms), 'payment_count': len(delays),
            'on_time_payment_rate': quotient(sum(not days for _amount, days in delays), len(delays)),
            'payment_event_count': len(events),
            'payment_index': mean(events) if len(events) >= company.fulfilment_index_payments else None,
            'credit_sales_12m': rounded(sales),
            'dso': quotient(closing, sales, 365) if sales > 0 else None, 'dso_best': quotient(current, sales, 365) if sales > 0 else None,
            'days_delinquent': quotient(closing - current, sales, 365) if sales > 0 else None,
            'collection_effectiveness':
                quotient(opening + sales - closing, opening + sales - current) if opening + sales > current else None,
        }

    def _oracle_invoices(self, company, day, since, moves):
        before = fields.Date.subtract(day, months=2 * company.fulfilment_window_months)

        def turnover(after, until=day):
            return sum(
                exact(move.amount_untaxed_signed) for move in moves
                if (after is None or move.invoice_date > after) and move.invoice_date <= until
            )

        sold = [move.invoice_date for move in moves if move.move_type != 'out_refund']
        now, then = turnover(since), turnover(before, since)
        return {
            'revenue_12m': rounded(now), 'revenue_previous': rounded(then), 'revenue_total': rounded(turnover(None)),
            'revenue_growth': quotient(now - then, then) if then > 0 else None, 'margin_12m': rounded(now),
            'margin_rate': 100.0 if now > 0 else None, 'invoice_count_12m': sum(one > since for one in sold),
            'first_invoice_on': min(sold, default=False), 'last_invoice_on': max(sold, default=False),
        }

    def _compare(self, seed):
        dice = random.Random(seed)
        customers = self._customers(f'Random {seed}')
        self._random_ledger(dice, customers)
        self.assertOracle(customers, self._oracle, f'seed {seed}')

    def test_random_ledger_1(self):
        self._compare(1)

    def test_random_ledger_2_with_windows_of_its_own(self):
        self.company.write({'fulfilment_window_months': 7, 'fulfilment_index_months': 15, 'fulfilment_index_payments': 1})
        self._compare(2)

    def test_random_ledger_3(self):
        self._compare(3)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestOracleOrders(OracleCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unit, cls.dozen = cls.env.ref('uom.product_uom_unit'), cls.env.ref('uom.product_uom_dozen')
        cls.pricelists = {
            currency: cls.env['product.pricelist'].create({'name': currency.name, 'currency_id': currency.id, 'company_id': False})
            for currency in cls.dollar | cls.company.currency_id
        }
        cls.company.resource_calendar_id.tz = 'Asia/Shanghai'

    def _random_orders(self, dice, everybody):
        for _number in range(45):
            company = dice.choice([self.company, self.company, self.branch, self.second])
            buyer, invoiced = (dice.choice(dice.choice(list(everybody.values()))) for _place in range(2))
            if dice.random() < 0.7:
                invoiced = buyer
            order = self.env['sale.order'].with_company(company).create({
                'partner_id': buyer.id, 'partner_invoice_id': invoiced.id, 'company_id': company.id,
                'pricelist_id': dice.choice(list(self.pricelists.values())).id,
                'order_line': [Command.create({
                    'product_id': self.product.id, 'product_uom_qty': dice.choice([1, 2, 7, 12.5]),
                    'price_unit': dice.choice([10, 99.99, 1234.5]),
                    'product_uom_id': dice.choice([self.unit, self.dozen]).id, 'discount': dice.choice([0, 0, 15]),
                    'tax_ids': [Command.clear()],
                }) for _line in range(dice.randint(1, 3))] + [Command.create({'display_type': 'line_note', 'name': 'Note'})],
            })
            fate = dice.choice(['sale'] * 6 + ['draft', 'sent', 'cancel'])
            if fate == 'sale':
                order.action_confirm()
            elif fate == 'cancel':
                order._action_cancel()
            elif fate == 'sent':
                order.action_quotation_sent()
            order.date_order = fields.Datetime.to_datetime(TODAY) - timedelta(days=dice.randint(-5, 800), minutes=dice.randint(0, 1439))
            if fate == 'sale':
                for _bill in range(dice.randint(0, 3)):
                    self._random_bill(dice, order, company)

    def _random_bill(self, dice, order, company):
        """A part of an order invoiced, perhaps in the other unit, perhaps as a credit note, perhaps not posted."""
        line = dice.choice(order.order_line.filtered('product_id'))
        day = order.date_order.date() + timedelta(days=dice.randint(0, 60))
        move = self.env['account.move'].with_company(company).create({
            'move_type': dice.choice(['out_invoice', 'out_invoice', 'out_refund']), 'partner_id': order.partner_invoice_id.id,
            'invoice_date': day,
            'date': day, 'invoice_date_due': day, 'invoice_payment_term_id': False, 'company_id': company.id,
            'journal_id': self._journal('sale', company).id,
            'currency_id': order.currency_id.id, 'invoice_line_ids': [Command.create({
                'product_id': self.product.id, 'quantity': dice.choice([1, 2, 5, 20]),
                'product_uom_id': dice.choice([self.unit, self.dozen]).id,
                'price_unit': 1.0, 'tax_ids': [Command.clear()], 'account_id': self._account('income', company).id,
                'sale_line_ids': [Command.link(line.id)],
            })],
        })
        if dice.random() < 0.8:
            move.action_post()

    def _oracle(self, customer, company, day, since):
        zone = pytz.timezone(company.resource_calendar_id.tz)

        def day_of(order):
            return pytz.utc.localize(order.date_order).astimezone(zone).date()

        orders = self.env['sale.order'].search([('state', 'in', ('sent', 'sale', 'cancel'))]).filtered(
            lambda order: order.company_id.root_id == company and day_of(order) <= day,
        )
        own = orders.filtered(lambda order: order.partner_id.commercial_partner_id == customer)
        sold = own.filtered(lambda order: order.state == 'sale')
        billed_to = orders.filtered(lambda order: order.state == 'sale' and order.partner_invoice_id.commercial_partner_id == customer)
        if not own and not billed_to:
            return None
        uninvoiced = Fraction()
        for line in billed_to.order_line.filtered(lambda one: one.product_id and one.product_uom_qty):
            billed = 0.0
            for bill in line.invoice_lines.filtered(lambda one: one.parent_state == 'posted' and one.move_id.date <= day):
                quantity = bill.product_uom_id._compute_quantity(bill.quantity, line.product_uom_id, round=False)
                billed += -quantity if bill.move_id.move_type == 'out_refund' else quantity
            share = max(1 - Fraction(billed).limit_denominator(10000) / exact(line.product_uom_qty), 0)
            uninvoiced += exact(line.price_total) / exact(line.order_id.currency_rate or 1) * share
        days = sorted({day_of(order) for order in sold})
        gaps = [(later - sooner).days for sooner, later in zip(days, days[1:], strict=False)]
        mean = limit = silence = None
        if len(gaps) >= 4:
            mean = sum(gaps) / len(gaps)
            limit = mean + 2 * (sum((gap - mean) ** 2 for gap in gaps) / (len(gaps) - 1)) ** 0.5
            silence = round(100 * (day - days[-1]).days / limit, 2)
        recent = [order for order in own if day_of(order) > since]
        won = [order for order in recent if order.state == 'sale']
        owed = sum(
            exact(line.balance) for line in self.env['account.move.line'].search([('parent_state', '=', 'posted'), ('date', '<=', day)])
            if line.company_id.root_id == company and line.account_id.account_type == 'asset_receivable'
            and line.partner_id.commercial_partner_id == customer
        )
        return {
            'order_uninvoiced': rounded(uninvoiced), 'exposure': rounded(uninvoiced + owed), 'order_count_12m': len(won),
            'order_amount_12m': rounded(sum(exact(order.amount_untaxed) / exact(order.currency_rate or 1) for order in won)),
            'first_order_on': days[0] if days else False, 'last_order_on': days[-1] if days else False,
            'days_since_order': (day - days[-1]).days if days else None, 'order_gap_mean': mean and round(mean, 2),
            'order_gap_limit': limit and round(limit, 2), 'order_silence': silence, 'quotation_count_12m': len(recent),
            'quotation_rate': quotient(len(won), len(recent)),
        }

    def test_random_orders_1(self):
        self._compare(11)

    def test_random_orders_2(self):
        self._compare(12)

    def _compare(self, seed):
        customers = self._customers(f'Random {seed}')
        self._random_orders(random.Random(seed), customers)
        self.assertOracle(customers, self._oracle, f'seed {seed}')
