"""What is owed, instalment by instalment: against adding up the ledger line by line, and split among contracts."""
import random
from collections import defaultdict
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_profile import TODAY, ProfileCommon
from .common_queries import SameQueriesMixin
from .test_profile_oracle import AGES, DAYS, MONEY, OracleCommon, TestOracleLedger

BUCKETS = ('current', 'first', 'second', 'third', 'beyond')
FIGURES = dict(zip(BUCKETS, (name for _limit, name in AGES), strict=True))


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestInstalmentsOfLedgers(OracleCommon):
    """Random ledgers: part payments, credit notes, write-offs, undone payments, two currencies, two companies and a branch, contacts."""

    _random_ledger = TestOracleLedger._random_ledger
    _random_invoice = TestOracleLedger._random_invoice
    _random_settlement = TestOracleLedger._random_settlement

    def test_ledgers(self):
        dice = random.Random(14)
        everybody = self._customers('Instalment')
        self._random_ledger(dice, everybody)
        self.env.flush_all()
        checked = 0
        for day in DAYS:
            self.env.invalidate_all()
            rows = self.env['fulfilment.instalment'].with_context(as_of=day).search([('partner_id', 'in', [one.id for one in everybody])])
            found = {row.move_line_id: row for row in rows}
            self.assertEqual(len(found), len(rows))
            wanted = self._wanted(everybody, day)
            self.assertEqual(set(found), set(wanted))
            for line, (amount, amount_open, company_open, days, bucket) in wanted.items():
                row = found[line]
                with self.subTest(day=day, line=line.move_name):
                    self.assertAlmostEqual(row.amount, amount, 2)
                    self.assertAlmostEqual(row.amount_open, amount_open, 2)
                    self.assertAlmostEqual(row.company_amount_open, company_open, 2)
                    self.assertEqual((row.days_overdue, row.age_bucket or None, row.is_open), (days, bucket, bool(bucket)))
                    checked += 1
            self._compare_with_profiles(everybody, rows, day)
        self.assertGreater(checked, 100)

    def _wanted(self, everybody, day):
        """Line by line: ``{line: (amount, open, open in the company's currency, days overdue, bucket or None)}``."""
        wanted = {}
        lines = self.env['account.move.line'].search([('parent_state', '=', 'posted'), ('date', '<=', day), ('balance', '>', 0)])
        for line in lines:
            if line.account_id.account_type != 'asset_receivable' or line.journal_id.type in MONEY \
                    or line.partner_id.commercial_partner_id not in everybody:
                continue
            if self.env['account.partial.reconcile'].search_count([('exchange_move_id', '=', line.move_id.id)]):
                continue
            settled = [one for one in line.matched_credit_ids if one.max_date <= day]
            left = round(line.balance - sum(one.amount for one in settled), 2)
            late = max((day - line.date_maturity).days, 0)
            bucket = next(key for key, (limit, _name) in zip(BUCKETS, AGES, strict=True) if late <= limit) if left else None
            wanted[line] = (
                line.amount_currency, line.amount_currency - sum(one.debit_amount_currency for one in settled), left,
                late if left else 0, bucket,
            )
        return wanted

    def _compare_with_profiles(self, everybody, rows, day):
        """The buckets add up to the figures of the profile."""
        sums = defaultdict(float)
        for row in rows:
            if row.age_bucket:
                sums[row.partner_id, row.company_id.root_id, FIGURES[row.age_bucket]] += row.company_amount_open
        self.Profile._refresh(as_of=day, companies=self.companies)
        for company in (self.company, self.second):
            for profile in self.Profile.search([('partner_id', 'in', [one.id for one in everybody]), ('company_id', '=', company.id)]):
                for name in FIGURES.values():
                    self.assertAlmostEqual(sums[profile.partner_id, company, name], profile[name] or 0.0, 2)


@tagged('post_install', '-at_install')
class TestInstalments(SameQueriesMixin, ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(fields.Datetime.to_datetime(TODAY) + timedelta(hours=10)))
        cls.Instalment = cls.env['fulfilment.instalment']

    def _of(self, *partners):
        self.env.invalidate_all()
        return self.Instalment.search([('partner_id', 'in', [one.id for one in partners])])

    def _contract(self, partner=None, **vals):
        return self.env['fulfilment.contract'].create({
            'title': 'Pumps', 'partner_id': (partner or self.customer).id, 'company_id': self.company.id, 'date_start': TODAY,
            'type_id': self.env['fulfilment.contract.type'].search([], limit=1).id, **vals,
        })

    def _billed(self, *parts, partner=None):
        """One invoice of orders: ``(amount, contract or None)`` each; returns its receivable lines."""
        orders = self.env['sale.order'].concat(*(
            self._order(partner or self.customer, amount, TODAY, fulfilment_contract_id=contract.id if contract else False)
            for amount, contract in parts
        ))
        invoice = orders._create_invoices()
        self.assertEqual(len(invoice), 1)
        return self._posted(invoice)

    def _posted(self, invoice):
        invoice.invoice_date = TODAY
        invoice.action_post()
        return invoice.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')

    def test_the_edges_of_the_buckets(self):
        first, second, third = self.company._fulfilment_age_limits()
        for days, bucket in (
            (-1, 'current'), (0, 'current'), (1, 'first'), (first, 'first'), (first + 1, 'second'), (second, 'second'),
            (second + 1, 'third'), (third, 'third'), (third + 1, 'beyond'),
        ):
            line = self._invoice(self.customer, 100, TODAY - timedelta(days=days))
            with self.subTest(days=days):
                row = self._of(self.customer).filtered(lambda one, line=line: one.move_line_id == line)
                self.assertEqual((row.age_bucket, row.days_overdue), (bucket, max(days, 0)))
                self.assertTrue(self.Instalment.search([('id', '=', row.id), ('age_bucket', '=', bucket)]))
        named = dict(self.Instalment._fields['age_bucket']._description_selection(self.env))
        self.assertEqual(named['second'], f'{first + 1}–{second} days')

    def test_a_payment_undone_is_owed_again(self):
        line = self._invoice(self.customer, 100, TODAY, paid_on=TODAY)
        self.assertFalse(self._of(self.customer).is_open)
        line.remove_move_reconcile()
        row = self._of(self.customer)
        self.assertEqual((row.is_open, row.amount_open), (True, 100.0))

    def test_what_is_owed_of_several_contracts_adds_up(self):
        one, two = self._contract(), self._contract()
        dice = random.Random(3)
        for parts in (
            [(100, one)], [(33.33, one), (66.67, two)], [(0.01, one), (0.01, two), (0.01, None)], [(10, one), (10, two), (10, None)],
            [(100, None)], *([(round(dice.uniform(0.01, 999), 2), dice.choice((one, two, None))) for _n in range(4)] for _m in range(6)),
        ):
            lines = self._billed(*parts)
            shares = (one | two)._invoice_shares()
            rows = self._of(self.customer).filtered(lambda row, lines=lines: row.move_line_id in lines)
            with self.subTest(parts=parts):
                self.assertAlmostEqual(sum(rows.mapped('amount')), sum(lines.mapped('amount_currency')), 2)
                self.assertAlmostEqual(sum(rows.mapped('company_amount_open')), sum(lines.mapped('amount_residual')), 2)
                self.assertEqual(len(set(rows.mapped('contract_id.id'))), len({contract for _amount, contract in parts if contract}))
                for row in rows:
                    wanted = shares.get((row.contract_id, lines.move_id)) if row.contract_id else 1 - sum(
                        share for (_contract, move), share in shares.items() if move == lines.move_id
                    )
                    self.assertAlmostEqual(row.amount, wanted * sum(lines.mapped('amount_currency')), delta=0.011)

    def test_an_invoice_linked_by_hand_is_all_the_contracts(self):
        contract = self._contract()
        line = self._invoice(self.customer, 100, TODAY)
        line.move_id.fulfilment_contract_id = contract
        self.assertEqual(self._of(self.customer).contract_id, contract)
        # Moved to another customer since, it is none of the contract's.
        line.move_id.fulfilment_contract_id = False
        self.assertFalse(self._of(self.customer).contract_id)

    def test_what_a_contact_owes_is_the_customers(self):
        contact = self.env['res.partner'].create({'name': 'Lin', 'parent_id': self.customer.id})
        self._invoice(contact, 100, TODAY)
        self.assertEqual(self._of(self.customer).partner_id, self.customer)

    def test_who_reads_what(self):
        own, other = self._make_sales_user('i_own'), self._make_sales_user('i_other')
        self.customer.user_id = own
        self._invoice(self.customer, 100, TODAY)
        self._invoice(self.other, 100, TODAY)
        self.env.flush_all()
        theirs = self.Instalment.with_user(own).search([])
        self.assertEqual(theirs.partner_id, self.customer | self.other, "their own, and those nobody is responsible for")
        self.assertEqual(self.Instalment.with_user(other).search([]).partner_id, self.other)
        mine = theirs.filtered(lambda row: row.partner_id == self.customer)
        self.assertTrue(mine.read(['move_name', 'amount_open', 'partner_id', 'currency_id']))
        with self.assertRaises(AccessError):
            mine.with_user(other).read(['amount_open'])
        with self.assertRaises(AccessError):
            mine.read(['move_line_id'])
        for change in (lambda: mine.write({'amount': 1}), lambda: mine.unlink(), lambda: self.Instalment.with_user(own).create({})):
            with self.assertRaises(AccessError):
                change()
        elsewhere = self._make_company('Elsewhere Inc.')
        stranger = self._make_sales_user('i_far')
        stranger.write({'company_id': elsewhere.id, 'company_ids': [Command.set(elsewhere.ids)]})
        self.assertFalse(self.Instalment.with_user(stranger).with_context(allowed_company_ids=elsewhere.ids).search([]))

    def test_hostile_dates(self):
        self._invoice(self.customer, 100, TODAY)
        with self.assertRaises(ValueError):
            self.Instalment.with_context(as_of='soon').search([])
        injected = self.Instalment.with_context(as_of=f"{TODAY}'; DROP TABLE res_partner; --")
        self.assertTrue(injected.search([('partner_id', '=', self.customer.id)]))
        self.assertFalse(self.Instalment.with_context(as_of='2020-02-29').search([('partner_id', '=', self.customer.id)]))

    def test_from_profile_and_contract(self):
        self._invoice(self.customer, 100, TODAY - timedelta(days=3))
        action = self.profile(self.customer).action_open_records('instalments')
        self.assertEqual(self.env[action['res_model']].search(action['domain']).mapped('amount_open'), [100.0])
        contract = self._contract()
        line = self._billed((50, contract))
        action = contract.action_open_instalments()
        self.assertEqual(self.env[action['res_model']].search(action['domain']).move_line_id, line)

    def test_as_many_queries_for_one_as_for_many(self):
        customers = [self._make_customer(f'Many {number}') for number in range(50)]
        for customer in customers:
            self._invoice(customer, 100, TODAY)
        self.assert_same_queries(
            lambda number: self._of(*customers[:number]),
            lambda rows: rows.read(['move_name', 'partner_id', 'amount_open', 'age_bucket', 'contract_id', 'user_id']),
        )

    def settle(self):
        self.env.flush_all()
        self.env.invalidate_all()
