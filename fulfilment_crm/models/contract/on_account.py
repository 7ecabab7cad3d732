from collections import defaultdict
from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.free_money import cover
from ..base.later import do_later
from .by_amount import by_amount
from .milestone_payment import LAST

IN_FORCE = ('active', 'settlement')


class Debt(NamedTuple):
    """Something a customer owes: an invoice, or a payment that a contract asks for."""
    day: date  # when it is due
    order: int  # invoices of a day before what is not invoiced yet
    id: int
    currency: object
    amount: float
    worth: float  # in the currency of the company
    milestone: object = None


class FulfilmentMilestone(models.Model):
    """What a customer still owes of a payment, given everything on the account."""
    _inherit = 'fulfilment.milestone'

    amount_on_account = fields.Monetary(
        string="On account", readonly=True, copy=False,
        help="Money and credit on the customer's account that is set against no invoice yet, as far as it would pay this. What is due "
             "first is paid first.",
        guarded=True,
    )
    amount_owed = fields.Monetary(
        string="Still owed", compute='_compute_amount_owed', store=True, help="The open amount less what is on the customer's account.",
    )
    is_covered = fields.Boolean(
        string="Paid on account", compute='_compute_amount_owed', store=True,
        help="Nothing of it is owed any more, though the money is not set against its invoice yet: it is neither late nor reminded of.",
    )

    @api.depends('amount_open', 'amount_on_account', 'amount', 'kind', 'obligor', 'state')
    def _compute_amount_owed(self):
        for milestone in self:
            milestone.amount_owed = max(milestone.amount_open - milestone.amount_on_account, 0.0)
            milestone.is_covered = milestone.kind == 'payment' and milestone.obligor == 'customer' and milestone.state == 'pending' \
                and milestone.amount > 0 and not milestone.amount_owed

    def _on_covered(self):
        """React to payments of which nothing more is owed; other rooms extend it."""

    def _debts_of_contracts(self):
        """Return what these payments ask for: list of ``Debt``."""
        debts = []
        for milestone in self.filtered(lambda one: one.state == 'pending' and one.amount_open > 0):
            company = milestone.company_id
            worth = milestone.currency_id._convert(
                milestone.amount_open, company.currency_id, company, fields.Date.context_today(self), round=False,
            )
            debts.append(Debt(
                milestone.date_planned or LAST, 1, milestone.id, milestone.currency_id, milestone.amount_open, worth, milestone,
            ))
        return debts


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _read_accounts(self):
        """Share what the customers of these contracts have on account among everything they owe the contracts' companies, what is due
        first before what is due later: their invoices, and what contracts in force ask for and is not invoiced yet.
        """
        # safe: the ledger is read to tell what is owed; only sums are kept, for those who may read the contract
        contracts = self.sudo()
        owed = contracts.env['fulfilment.milestone'].search([
            ('contract_id.commercial_partner_id', 'in', contracts.commercial_partner_id.ids),
            ('company_id', 'in', contracts.company_id.ids),
            ('kind', '=', 'payment'), ('obligor', '=', 'customer'), ('contract_state', 'in', IN_FORCE), ('amount', '>', 0),
            '|', ('state', '=', 'pending'), ('amount_on_account', '!=', 0),
        ])
        if not owed:
            return
        free = contracts._free_money(owed)
        debts = contracts._other_debts(free, owed) if free else {}
        covered = dict.fromkeys(owed, 0.0)
        for pair, milestones in owed.grouped(_account_of).items():
            if pair not in free:
                continue
            rows = sorted([*debts.get(pair, ()), *milestones._debts_of_contracts()], key=lambda debt: debt[:3])
            parts = cover([(debt.currency, debt.amount, debt.worth) for debt in rows], free[pair])
            covered.update({debt.milestone: debt.currency.round(part) for debt, part in zip(rows, parts, strict=True) if debt.milestone})
        changed = owed.filtered(lambda one: one.currency_id.compare_amounts(one.amount_on_account, covered[one]))
        owing = changed.filtered(lambda one: not one.is_covered)
        for amount, milestones in by_amount(changed, covered.get):
            milestones.amount_on_account = amount
        owing.filtered('is_covered')._on_covered()

    @api.model
    def _free_money(self, owed):
        """Sum up payments and credit notes that are set against nothing, and payments on their way that have no entry yet.

        A credit note of a contract in force is not among them: it reduces what its own contract asks for. Nor is what the payment term of
        an invoice gives back: it is part of the invoice.

        :param owed: the payment milestones of the customers
        :return: ``{(company, customer): {currency: (amount, worth in the currency of the company)}}``, without those that have none
        """
        companies, customers = owed.company_id, owed.contract_id.commercial_partner_id
        of_contracts = Domain('move_id.move_type', '=', 'out_refund') & (
            Domain('move_id.fulfilment_contract_id.state', 'in', IN_FORCE)
            | Domain('move_id.invoice_line_ids.sale_line_ids.order_id.fulfilment_contract_id.state', 'in', IN_FORCE)
        )
        free = defaultdict(lambda: defaultdict(lambda: (0.0, 0.0)))
        sums = self.env['account.move.line']._read_group(
            _receivable(companies, customers) & Domain('amount_residual', '<', 0) & ~of_contracts
            & Domain('move_id.move_type', '!=', 'out_invoice'), ['company_id', 'partner_id', 'currency_id'],
            ['amount_residual_currency:sum', 'amount_residual:sum'],
        )
        self.env['res.partner'].concat(*(partner for _company, partner, *_rest in sums)).fetch(['commercial_partner_id'])
        for company, partner, currency, amount, worth in sums:
            purse = free[company, partner.commercial_partner_id]
            purse[currency] = (purse[currency][0] - amount, purse[currency][1] - worth)
        for payment in self.env['account.payment'].search([
            ('company_id', 'in', companies.ids), ('partner_id', 'child_of', customers.ids), ('state', '=', 'in_process'),
            ('move_id', '=', False), ('partner_type', '=', 'customer'), ('payment_type', '=', 'inbound'),
        ]):
            purse, currency = free[payment.company_id, payment.partner_id.commercial_partner_id], payment.currency_id
            worth = currency._convert(payment.amount, payment.company_id.currency_id, payment.company_id, payment.date)
            purse[currency] = (purse[currency][0] + payment.amount, purse[currency][1] + worth)
        return free

    @api.model
    def _other_debts(self, free, owed):
        """Work out what customers with money on account owe by invoices that fill no payment of a contract in force.

        :return: ``{(company, customer): [Debt]}``
        """
        companies = self.env['res.company'].concat(*{company for company, _customer in free})
        customers = self.env['res.partner'].concat(*{customer for _company, customer in free})
        lines = self.env['account.move.line'].search_fetch(
            _receivable(companies, customers) & (Domain('amount_residual', '>', 0) | Domain('move_id.move_type', '=', 'out_invoice')),
            ['move_id', 'company_id', 'partner_id', 'date_maturity', 'date', 'amount_residual', 'amount_residual_currency'],
        )
        filled = defaultdict(float)
        for allocation in self.env['fulfilment.milestone.allocation'].search([
            ('move_line_id.move_id', 'in', lines.move_id.ids), ('milestone_id.state', 'in', ('pending', 'done')),
            ('milestone_id.contract_state', 'in', IN_FORCE),
        ]):
            move, contract = allocation.move_line_id.move_id, allocation.milestone_id.contract_id
            amount = contract.currency_id._convert(
                allocation.amount, move.currency_id, contract.company_id, allocation.date_invoice or move.date, round=False,
            )
            filled[move] += amount / (move.amount_total or 1.0)
        debts = defaultdict(list)
        for move, own in lines.grouped('move_id').items():
            share = max(1 - filled[move], 0.0)
            amount, worth = (sum(own.mapped(name)) * share for name in ('amount_residual_currency', 'amount_residual'))
            if move.company_id.currency_id.round(worth) > 0 and amount > 0:
                day = min(line.date_maturity or line.date for line in own)
                customer = own.partner_id[:1].commercial_partner_id
                debts[move.company_id, customer].append(Debt(day, 0, move.id, own.currency_id[:1], amount, worth))
        return debts

    @api.model
    def _account_changed(self, moves):
        """Read accounts again before the transaction ends, as entries on customers' accounts were posted, undone or matched."""
        # safe: finds whose accounts to read; nothing is shown to the user
        lines = moves.sudo().line_ids.filtered(lambda line: line.account_type == 'asset_receivable' and line.partner_id)
        self._accounts_changed(lines.company_id, lines.partner_id.commercial_partner_id)

    @api.model
    def _accounts_changed(self, companies, customers):
        if customers:
            # safe: as above
            found = self.sudo().search([
                ('commercial_partner_id', 'in', customers.ids), ('company_id', 'in', companies.ids), ('state', 'in', IN_FORCE),
            ])
            do_later(found, '_read_accounts', 'milestones')


class AccountPayment(models.Model):
    _inherit = 'account.payment'

    def write(self, vals):
        if not vals.keys() & {'state', 'amount', 'currency_id', 'partner_id', 'partner_type', 'payment_type', 'move_id'}:
            return super().write(vals)
        self._fulfilment_noticed()
        result = super().write(vals)
        self._fulfilment_noticed()
        return result

    def unlink(self):
        self._fulfilment_noticed()
        return super().unlink()

    def _fulfilment_noticed(self):
        # safe: as in _account_changed
        payments = self.sudo().filtered(lambda payment: payment.partner_type == 'customer' and not payment.move_id)
        self.env['fulfilment.contract']._accounts_changed(payments.company_id, payments.partner_id.commercial_partner_id)


def _account_of(milestone):
    return milestone.company_id, milestone.contract_id.commercial_partner_id


def _receivable(companies, customers):
    """Return the domain of posted items on customers' accounts that are not settled."""
    return Domain([
        ('account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'), ('reconciled', '=', False),
        ('company_id', 'in', companies.ids),
        ('partner_id.commercial_partner_id', 'in', customers.ids),
    ])
