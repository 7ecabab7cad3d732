from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..base.guard_mixin import _named, without_unchanged


class AccountMove(models.Model):
    _name = 'account.move'
    _inherit = ['fulfilment.linked.mixin', 'account.move']

    fulfilment_contract_id = fields.Many2one(
        'fulfilment.contract', string="Contract", index='btree_not_null', copy=False, check_company=True, ondelete='set null',
        groups='base.group_user',
        domain="[('commercial_partner_id', '=', commercial_partner_id), ('company_id', '=', company_id)]",
        help="For an invoice that bills no order of the contract. Invoices of orders belong to the contract of the order.",
    )

    @api.constrains('fulfilment_contract_id', 'partner_id')
    def _check_fulfilment_contract(self):
        for move in self.filtered('fulfilment_contract_id'):
            if move.partner_id.commercial_partner_id != move.fulfilment_contract_id.commercial_partner_id:
                raise ValidationError(self.env._(
                    "%(move)s is for %(customer)s, and the contract is with somebody else. Choose a contract of the same customer.",
                    move=move.display_name, customer=move.partner_id.display_name,
                ))

    def write(self, vals):
        if not self.env.su and 'commercial_partner_id' in without_unchanged(self, vals, ('commercial_partner_id',)):
            raise AccessError(self.env._("Whose invoice it is follows from its customer; it is not entered by hand."))
        relevant = {'state', 'fulfilment_contract_id'} & vals.keys()
        before = self._fulfilment_contracts() if relevant else None
        result = super().write(vals)
        if relevant:
            (before | self._fulfilment_contracts())._sync_later()
        if 'state' in vals:
            self.env['fulfilment.contract']._account_changed(self)
        return result

    def _fulfilment_customer(self):
        """Return the customer the invoice belongs to now: contacts move to other companies, and are merged."""
        self.ensure_one()
        return self.partner_id.commercial_partner_id

    def _fulfilment_contracts(self):
        """Find the contracts these invoices belong to, by hand or by the orders they bill."""
        invoices = self.filtered(lambda move: move.move_type in ('out_invoice', 'out_refund'))
        if not invoices:
            return self.env['fulfilment.contract']
        # safe: finds which contracts to bring in line; nothing is shown to the user
        invoices = invoices.sudo()
        return invoices.fulfilment_contract_id | invoices.invoice_line_ids.sale_line_ids.order_id.fulfilment_contract_id


# Of journal items: what says whether they are owed follows from entry and reconciliation.
OWED = frozenset({'parent_state', 'amount_residual', 'amount_residual_currency', 'reconciled', 'date'})

# Of what two items settle of each other.
MATCHED = frozenset({'amount', 'debit_amount_currency', 'credit_amount_currency', 'debit_move_id', 'credit_move_id', 'max_date'})


# By how many of the smallest units matches of one item may exceed it, since each is rounded.
MOST_ROUNDED = 10


class AccountMoveLine(models.Model):
    _inherit = 'account.move.line'

    def write(self, vals):
        if not self.env.su and vals.keys() & OWED and without_unchanged(self, vals, OWED).keys() & OWED:
            raise AccessError(self.env._("What is owed follows from the entry and its reconciliation; it is not entered by hand."))
        if not self.env.su and 'sale_line_ids' in without_unchanged(self, vals, {'sale_line_ids'}):
            self._fulfilment_check_billed(vals['sale_line_ids'])
        return super().write(vals)

    def _fulfilment_check_billed(self, commands):
        """Prevent that an invoice counts, by hand, for order lines it was not made for: a contract or a limit is held against that.

        :param commands: as for a field of many records
        """
        named = self.env['sale.order.line'].browse(_named(commands, True))
        # safe: asks whether something is held against what is invoiced of them
        if any(order._fulfilment_counts_invoices() for order in (named | self.sale_line_ids).sudo().order_id):
            raise AccessError(self.env._("An invoice bills the order lines it was made for; they are not linked by hand."))

    def _fulfilment_check_matched(self):
        """Prevent that more of an item is settled than there is of it: what contracts count as paid follows from that."""
        # safe: compares sums of what the user has just matched
        items = self.sudo()
        for item in items:
            for currency, total, partials, name in (
                (item.company_currency_id, item.balance, item.matched_credit_ids | item.matched_debit_ids, 'amount'),
                (item.currency_id, item.amount_currency, item.matched_credit_ids, 'debit_amount_currency'),
                (item.currency_id, item.amount_currency, item.matched_debit_ids, 'credit_amount_currency'),
            ):
                settled = sum(partials.mapped(name))
                if settled - abs(total) > currency.rounding * min(1 + len(partials), MOST_ROUNDED):
                    raise AccessError(self.env._(
                        "More of %(item)s would be settled than there is of it: match entries by their amounts.",
                        item=item.move_id.display_name,
                    ))

    def _fulfilment_money_share(self):
        """Return which share of an entry that settles receivables is money received; the rest is written off, or credit.

        A payment or bank entry may hold a write-off beside the money, as when a bank keeps a fee.

        :return: from 0.0 (credit note, write-off) to 1.0
        """
        self.ensure_one()
        move = self.move_id
        if self.payment_id:
            money, _counterpart, _writeoff = self.payment_id._seek_for_lines()
            received = abs(sum(money.mapped('amount_currency')))  # as posted: the amount of a payment can be written afterwards
        elif move.statement_line_id:
            received = abs(
                move.statement_line_id.foreign_currency_id and move.statement_line_id.amount_currency or move.statement_line_id.amount
            )
        elif move.journal_id.type in ('bank', 'cash', 'credit'):
            return self._fulfilment_money_booked()
        else:
            return 0.0
        settled = sum(abs(line.amount_currency) for line in move.line_ids if line.account_type in ('asset_receivable', 'liability_payable'))
        return min(received / settled, 1.0) if settled else 1.0


    def _fulfilment_money_booked(self):
        """Return the share of money in an entry made by hand in a bank or cash journal: what it books on accounts of banks and cash."""
        journal = self.move_id.journal_id
        banks = journal.default_account_id | journal.suspense_account_id | journal.inbound_payment_method_line_ids.payment_account_id
        lines = self.move_id.line_ids
        received = sum(lines.filtered(lambda one: one.account_id in banks or one.account_type == 'asset_cash').mapped('balance'))
        settled = -sum(lines.filtered(lambda one: one.account_type == 'asset_receivable' and one.balance < 0).mapped('balance'))
        return max(min(received / settled, 1.0), 0.0) if settled else 0.0


class AccountPartialReconcile(models.Model):
    _inherit = 'account.partial.reconcile'

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        if not self.env.su:
            partials._fulfilment_check_honest()
            (partials.debit_move_id | partials.credit_move_id)._fulfilment_check_matched()
        partials._fulfilment_contracts()._sync_later()
        self.env['fulfilment.contract']._account_changed(partials._fulfilment_moves())
        return partials

    def write(self, vals):
        if not self.env.su and without_unchanged(self, vals, MATCHED).keys() & MATCHED:
            raise AccessError(self.env._("What an entry settles follows from matching the two; it is not entered by hand."))
        return super().write(vals)

    def _fulfilment_check_honest(self):
        """Prevent matches that no matching makes: of different accounts, of negative amounts, or of two amounts that differ.

        Drafts are matched by Odoo itself, when it books a difference of exchange rates; they count when they are posted.

        :raise AccessError: naming the entry
        """
        # safe: compares what the user has just matched
        for partial in self.sudo():
            debit, credit = partial.debit_move_id, partial.credit_move_id
            amounts = (partial.amount, partial.debit_amount_currency, partial.credit_amount_currency)
            unit = partial.company_currency_id.rounding
            if (
                min(amounts) < 0 or not any(amounts) or debit.account_id != credit.account_id
                or any(item.currency_id == partial.company_currency_id and abs(own - partial.amount) > unit
                       for item, own in ((debit, amounts[1]), (credit, amounts[2])))
            ):
                raise AccessError(self.env._(
                    "%(item)s cannot be matched like this: match entries of one account by their amounts.",
                    item=debit.move_id.display_name,
                ))

    def unlink(self):
        contracts, moves = self._fulfilment_contracts(), self._fulfilment_moves()
        result = super().unlink()
        contracts._sync_later()
        self.env['fulfilment.contract']._account_changed(moves)
        return result

    def _fulfilment_contracts(self):
        return self._fulfilment_moves()._fulfilment_contracts()

    def _fulfilment_moves(self):
        # safe: as on the invoice
        return self.sudo().debit_move_id.move_id | self.sudo().credit_move_id.move_id
