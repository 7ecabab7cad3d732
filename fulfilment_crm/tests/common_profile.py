"""A small ledger of its own for tests of figures: invoices, payments, credit notes with the dates they need."""
from datetime import date, timedelta

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.base.tests.common import BaseCommon

from .common import switch_everything_on

TODAY = date(2026, 3, 2)


class LedgerMixin:
    """Accounts, journals and what is entered in them, for tests in companies without a chart of accounts."""

    @classmethod
    def _equip(cls, company):
        """Accounts and journals, and the receivable account as the partners' default."""
        accounts = {}
        for code, kind in (
            ('REC', 'asset_receivable'), ('PAY', 'liability_payable'), ('INC', 'income'), ('EXP', 'expense'), ('BNK', 'asset_cash'),
        ):
            accounts[code] = cls.env['account.account'].create({
                'name': code, 'code': f'{code}{company.id}', 'account_type': kind, 'company_ids': [Command.set(company.ids)],
                'reconcile': kind in ('asset_receivable', 'liability_payable'),
            })
        env = cls.env(context={**cls.env.context, 'allowed_company_ids': company.ids})
        for code, kind, account in (('INV', 'sale', 'INC'), ('BNK', 'bank', 'BNK'), ('MSC', 'general', 'EXP')):
            env['account.journal'].create({
                'name': code, 'code': code, 'type': kind, 'company_id': company.id, 'default_account_id': accounts[account].id,
            })
        for field, code in (('property_account_receivable_id', 'REC'), ('property_account_payable_id', 'PAY')):
            env['ir.default'].set('res.partner', field, accounts[code].id, company_id=company.id)

    @classmethod
    def _account(cls, kind, company=None):
        return cls.env['account.account'].search([
            ('account_type', '=', kind), ('company_ids', 'parent_of', (company or cls.company).ids),
        ], limit=1)

    @classmethod
    def _journal(cls, kind, company=None):
        return cls.env['account.journal'].search([('type', '=', kind), ('company_id', 'parent_of', (company or cls.company).ids)], limit=1)

    @classmethod
    def _entry(cls, journal, partner, amount, day, due=None, company=None, currency=None, rate=1.0):
        """A posted entry with ``amount`` on the receivable account of a partner (negative: credit); returns its receivable line."""
        company = company or cls.company
        other = 'asset_cash' if journal == 'bank' else 'income'
        foreign = currency or company.currency_id
        move = cls.env['account.move'].with_company(company).create({
            'move_type': 'entry', 'journal_id': cls._journal(journal, company).id, 'date': day, 'company_id': company.id,
            'line_ids': [
                Command.create({
                    'account_id': cls._account(kind, company).id, 'partner_id': partner.id, 'date_maturity': due or day,
                    'currency_id': foreign.id, 'amount_currency': sign * amount, 'balance': sign * amount / rate,
                }) for kind, sign in (('asset_receivable', 1), (other, -1))
            ],
        })
        move.action_post()
        return move.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')

    @classmethod
    def _invoice(cls, partner, amount, due, paid_on=None, day=None, move_type='out_invoice', company=None, post=True, **line):
        """A posted invoice; returns its receivable line. Paid in full from the bank on a day when given."""
        company = company or cls.company
        day = day or due - timedelta(days=30)
        move = cls.env['account.move'].with_company(company).create({
            'move_type': move_type, 'partner_id': partner.id, 'invoice_date': day, 'date': day, 'invoice_date_due': due,
            'invoice_payment_term_id': False, 'company_id': company.id, 'journal_id': cls._journal('sale', company).id,
            'invoice_line_ids': [Command.create({
                'name': 'Goods', 'quantity': 1, 'price_unit': amount, 'tax_ids': [Command.clear()],
                'account_id': cls._account('income', company).id, **line,
            })],
        })
        if not post:
            return move
        move.action_post()
        receivable = move.line_ids.filtered(lambda line: line.account_id.account_type == 'asset_receivable')
        if paid_on:
            cls._pay(receivable, amount, paid_on)
        return receivable

    @classmethod
    def _pay(cls, lines, amount, day):
        """Money from the bank, set against instalments; returns its receivable line."""
        payment = cls._entry('bank', lines.partner_id[:1], -amount, day, company=lines.company_id[:1])
        (lines | payment).reconcile()
        return payment


class ProfileCommon(LedgerMixin, BaseCommon):
    """Companies with the accounts that invoices need, and nothing more: a chart of accounts takes longer than all tests here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        switch_everything_on(cls.env)
        cls.company = cls._make_company('Figures Inc.')
        cls.env = cls.env(context={**cls.env.context, 'allowed_company_ids': cls.company.ids})
        cls.customer = cls._make_customer('Hengtong Industries')
        cls.other = cls._make_customer('Other Ltd')
        cls.product = cls.env['product.product'].create({
            'name': 'Pump', 'type': 'service', 'list_price': 1000.0, 'taxes_id': False, 'invoice_policy': 'order',
        })
        cls.Profile = cls.env['fulfilment.profile']

    @classmethod
    def _make_company(cls, name, parent=None, currency='base.EUR'):
        currency = cls.env.ref(currency)
        currency.active = True
        company = cls.env['res.company'].create({
            'name': name, 'currency_id': currency.id, 'parent_id': parent.id if parent else False,
        })
        cls.env.user.company_ids |= company
        if not parent:
            cls._equip(company)
        return company

    @classmethod
    def _make_customer(cls, name, **vals):
        return cls.env['res.partner'].create({'name': name, 'is_company': True, **vals})

    @classmethod
    def _order(cls, partner, amount, day, quantity=1, confirm=True, **vals):
        """An order, confirmed on a day."""
        order = cls.env['sale.order'].create({
            'partner_id': partner.id, 'company_id': cls.company.id, **vals,
            'order_line': [Command.create({
                'product_id': cls.product.id, 'product_uom_qty': quantity, 'price_unit': amount / quantity, 'tax_ids': [Command.clear()],
            })],
        })
        if confirm:
            order.action_confirm()
        order.date_order = fields.Datetime.to_datetime(day) + timedelta(hours=9)
        return order

    # === VOCABULARY === #

    def profile(self, partner, as_of=TODAY, company=None):
        """The refreshed profile of a customer."""
        company = company or self.company
        self.Profile._refresh(partner, as_of=as_of, companies=company)
        return self.Profile.search([('partner_id', '=', partner.commercial_partner_id.id), ('company_id', '=', company.root_id.id)])

    def assertFigures(self, partner, as_of=TODAY, **expected):
        """The figures of a customer as of a day; None means no data."""
        profile = self.profile(partner, as_of)
        self.assertTrue(profile, f'{partner.name} has no profile')
        for name, value in expected.items():
            found = profile[name]
            with self.subTest(figure=name):
                if value is None or isinstance(value, (date, str)):
                    self.assertEqual(found, value)
                else:
                    self.assertIsNotNone(found)
                    self.assertAlmostEqual(found, value, 2)

    @classmethod
    def _make_role(cls, login, role, *groups):
        return new_test_user(
            cls.env, login, groups=','.join(['base.group_user', f'fulfilment_crm.{role}', *groups]),
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)], email=f'{login}@a.example',
        )

    @classmethod
    def _make_sales_user(cls, login, *groups):
        return new_test_user(
            cls.env, login, groups=','.join(['base.group_user', 'fulfilment_crm.group_user', 'sales_team.group_sale_salesman', *groups]),
            company_id=cls.company.id, company_ids=[Command.set(cls.company.ids)],
        )
