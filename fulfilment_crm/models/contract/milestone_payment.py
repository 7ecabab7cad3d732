from collections import defaultdict
from dataclasses import replace

from odoo import fields, models

from ...tools.allocation import Instalment, allocate
from ..base.told import _lt, told
from .by_amount import by_amount

# The most that roundings come to in one contract, in the smallest units of its currency.
MOST_ROUNDED = 100
# Where a payment without a date stands in order.
LAST = fields.Date.to_date('9999-12-31')


class FulfilmentContract(models.Model):
    """Payment milestones follow the receivable lines of the invoices that belong to the contract.

    An invoice belongs to a contract by the order lines it bills, with the share these have in it, or as a whole where somebody
    linked it by hand. Every figure is read from the ledger again, so a payment undone or an invoice set back to draft is undone
    here too.
    """
    _inherit = 'fulfilment.contract'

    def _sync_payments(self):
        """Bring allocations, paid amounts, dates and states of the payment milestones in line with the ledger.

        :return: ``{effect: count}``
        """
        # safe: the ledger is read to tell what is paid, as the seller may know of their own contract; only sums and dates are kept
        contracts = self.sudo()
        milestones = contracts._fed_by_ledger()
        if not milestones:
            return {}
        shares = contracts._invoice_shares()
        instalments, loose_credit, invoices = contracts._instalments(shares)
        roundings = contracts._roundings(shares)
        outcomes, wanted = {}, set()
        for contract, owed in milestones.grouped('contract_id').items():
            allocations, results, _excess = allocate(
                [(one.id, one.amount) for one in owed._in_order_of_payment()], instalments[contract], loose_credit[contract],
                rounding=roundings.get(contract, 0.0), unit=contract.currency_id.rounding,
            )
            outcomes.update(results)
            due = {instalment.line_id: instalment.date_due for instalment in instalments[contract]}
            wanted |= {
                (milestone_id, line_id, due[line_id], *invoices[line_id], contract.currency_id.round(amount))
                for milestone_id, line_id, amount in allocations
            }
        milestones._write_allocations(wanted)
        effects = milestones._apply_outcomes(outcomes)
        contracts._read_accounts()
        return effects

    def _fed_by_ledger(self):
        """Return the milestones of these contracts that invoices and payments fill."""
        return self.milestone_ids.filtered(
            lambda one: one.kind == 'payment' and one.obligor == 'customer' and one.state in ('pending', 'done') and one.amount > 0,
        )

    def _paid_at(self, day):
        """Return what was paid of each payment milestone by the end of a day: ``{milestone id: amount}``, from the ledger as it is now."""
        instalments, _credit, _invoices = self._instalments(self._invoice_shares())
        paid = {}
        for contract, owed in self._fed_by_ledger().grouped('contract_id').items():
            until = [replace(one, events=[event for event in one.events if event[0] <= day]) for one in instalments[contract]]
            _allocations, results, _excess = allocate(
                [(one.id, one.amount) for one in owed._in_order_of_payment()], until, unit=contract.currency_id.rounding,
            )
            paid.update({key: contract.currency_id.round(outcome.paid) for key, outcome in results.items()})
        return paid

    def _settled_on(self, payments=False):
        """Return what settled the payment milestones: ``{milestone: [(day, amount)]}``, as it is now.

        :param bool payments: payments alone, without credit notes and what else settled them
        """
        # safe: as in _sync_payments
        contracts = self.sudo()
        milestones = contracts._fed_by_ledger()
        if not milestones:
            return {}
        instalments, _credit, _invoices = contracts._instalments(contracts._invoice_shares())
        settled = {}
        for contract, owed in milestones.grouped('contract_id').items():
            _allocations, results, _excess = allocate(
                [(one.id, one.amount) for one in owed._in_order_of_payment()], instalments[contract], unit=contract.currency_id.rounding,
            )
            settled.update({one: results[one.id].received if payments else results[one.id].settled for one in owed})
        return settled

    def _roundings(self, shares):
        """Return how much invoices may be below a contract that is worth what its orders are: every line and tax rounds, and so does cash.

        :param dict shares: from ``_invoice_shares``
        :return: ``{contract: amount}``
        """
        orders = self.env['sale.order'].search([('fulfilment_contract_id', 'in', self.ids), ('state', '=', 'sale')])
        whole = self.browse().concat(*(
            contract for contract, own in orders.grouped('fulfilment_contract_id').items() if own.currency_id == contract.currency_id
            and not contract.currency_id.compare_amounts(sum(own.mapped('amount_total')), contract.amount_total)
        ))
        roundings = defaultdict(float)
        for contract, move in shares:
            if move.move_type == 'out_invoice' and contract in whole:
                lines = len(move.invoice_line_ids.filtered(lambda line: line.display_type == 'product' and line.price_total))
                roundings[contract] += contract.currency_id.rounding * (lines + 1) + move.invoice_cash_rounding_id.rounding
        return {contract: min(amount, MOST_ROUNDED * contract.currency_id.rounding) for contract, amount in roundings.items()}

    def _invoice_shares(self):
        """Return which share of which posted invoice belongs to which contract.

        :return: ``{(contract, move): share}`` with shares from 0 to 1
        """
        linked = self.env['account.move'].search([
            ('fulfilment_contract_id', 'in', self.ids), ('state', '=', 'posted'), ('move_type', 'in', ('out_invoice', 'out_refund')),
        ]).filtered(lambda move: move._fulfilment_customer() == move.fulfilment_contract_id.commercial_partner_id)
        billed = self.env['account.move.line'].search([
            ('sale_line_ids.order_id.fulfilment_contract_id', 'in', self.ids), ('parent_state', '=', 'posted'),
            ('display_type', '=', 'product'), ('move_id.move_type', 'in', ('out_invoice', 'out_refund')),
        ])
        shares = {(move.fulfilment_contract_id, move): 1.0 for move in linked}
        totals = dict(self.env['account.move.line']._read_group(
            [('move_id', 'in', billed.move_id.ids), ('display_type', '=', 'product')], ['move_id'], ['price_total:sum'],
        ))
        parts = defaultdict(float)
        for line in billed:
            orders = line.sale_line_ids.order_id
            contract = orders.fulfilment_contract_id[:1]
            payers = contract.commercial_partner_id | (orders.partner_invoice_id | orders.partner_id).commercial_partner_id
            if not line.move_id.fulfilment_contract_id and contract in self and line.move_id._fulfilment_customer() in payers \
                    and all(order._is_for_customer_of(contract) for order in orders):
                parts[contract, line.move_id] += line.price_total
        for (contract, move), amount in parts.items():
            total = totals.get(move) or 0.0
            shares[contract, move] = min(max(amount / total, 0.0), 1.0) if total else 1.0
        return shares

    def _instalments(self, shares):
        """Return the receivable lines of the invoices as far as they concern each contract, and what settled them.

        :param dict shares: from ``_invoice_shares``
        :return: ``({contract: [Instalment]}, {contract: credit not yet set against an invoice}, {line id: (invoice date, number)})``
        """
        moves = self.env['account.move'].concat(*{move for _contract, move in shares})
        lines = self.env['account.move.line'].search([('move_id', 'in', moves.ids), ('account_type', '=', 'asset_receivable')])
        events = self._settlements(lines)
        amounts = _without_given_back(lines)
        instalments, credit, invoices = defaultdict(list), defaultdict(float), {}
        by_move = lines.grouped('move_id')
        for (contract, move), share in shares.items():
            for line in by_move.get(move, ()):
                day = line.move_id.invoice_date or line.date
                rate = line.currency_id._convert(1.0, contract.currency_id, contract.company_id, day, round=False) \
                    if line.currency_id != contract.currency_id else 1.0
                if move.move_type == 'out_refund':
                    credit[contract] += abs(line.amount_residual_currency) * share * rate
                    continue
                if line not in amounts:
                    continue
                invoices[line.id] = (day, move.name)
                instalments[contract].append(Instalment(
                    line_id=line.id, amount=contract.currency_id.round(amounts[line] * share * rate),
                    date_due=line.date_maturity or day, is_down_payment=move._is_downpayment(),
                    events=[(date, amount * share * rate, is_payment) for date, amount, is_payment in events[line]],
                ))
        return instalments, credit, invoices

    def _settlements(self, lines):
        """Return what settled receivable lines, in the currency of the line.

        The date of a payment is that of its bank or cash entry. Credit notes and write-offs settle without being payments.

        :return: ``{line: [(date, amount, is_payment)]}``
        """
        events = defaultdict(list)
        partials = self.env['account.partial.reconcile'].search([('debit_move_id', 'in', lines.ids)])
        for partial in partials:
            counterpart, amount = partial.credit_move_id, partial.debit_amount_currency
            if counterpart.move_id == partial.debit_move_id.move_id or counterpart.parent_state != 'posted':
                continue  # what the payment term gives back of the invoice itself; a draft
            money = amount * counterpart._fulfilment_money_share()
            for part, is_payment in ((money, True), (amount - money, False)):
                if part > 0:
                    events[partial.debit_move_id].append((counterpart.date, part, is_payment))
        return events


def _without_given_back(lines):
    """Return what instalments of invoices come to, less what a payment term gives back: an instalment below zero of the same invoice.

    It lowers the instalment it is matched with, else the last ones.

    :return: ``{line: amount in its currency}``, without those below zero
    """
    amounts = {}
    for own in lines.grouped('move_id').values():
        asked = own.filtered(lambda line: line.amount_currency > 0).sorted(lambda line: (line.date_maturity or line.date, line.id))
        back = -sum((own - asked).mapped('amount_currency'))
        for line in asked:
            matched = line.matched_credit_ids.filtered(lambda partial, own=own: partial.credit_move_id in own) if back else ()
            amounts[line] = line.amount_currency - sum(partial.debit_amount_currency for partial in matched)
            back -= line.amount_currency - amounts[line]
        for line in reversed(asked):
            part = min(max(back, 0.0), amounts[line])
            amounts[line], back = amounts[line] - part, back - part
    return amounts


class FulfilmentMilestone(models.Model):
    _inherit = 'fulfilment.milestone'

    def _in_order_of_payment(self):
        return self.sorted(
            lambda one: (not one.is_down_payment, one.date_first_planned or one.date_planned or LAST, one.sequence, one.id)
        )

    def _write_allocations(self, wanted):
        """Make the allocations of these milestones exactly ``wanted``, touching only what differs.

        :param set wanted: ``(milestone id, line id, due date, invoice date, invoice number, amount)``
        """
        present = {allocation._key(): allocation for allocation in self.allocation_ids}
        self.env['fulfilment.milestone.allocation'].concat(
            *(allocation for key, allocation in present.items() if key not in wanted),
        ).unlink()
        self.env['fulfilment.milestone.allocation'].create([
            {
                'milestone_id': milestone_id, 'move_line_id': line_id, 'date_due': due, 'date_invoice': day, 'move_name': name,
                'amount': amount,
            } for milestone_id, line_id, due, day, name, amount in sorted(wanted - present.keys(), key=str)
        ])

    def _apply_outcomes(self, outcomes):
        """Write what was paid, move dates the invoices moved, and complete or reopen.

        :param dict outcomes: ``{milestone id: Outcome}``
        :return: ``{effect: count}``
        """
        figures = {}
        for milestone in self:
            outcome = outcomes[milestone.id]
            paid, credited = (milestone.currency_id.round(amount) for amount in (outcome.paid, outcome.credited))
            if (paid, credited) != (milestone.amount_done, milestone.amount_credited):
                figures[milestone] = (paid, credited, min(100 * paid / milestone.amount, 100.0))
        for (paid, credited, progress), milestones in by_amount(self.browse().concat(*figures), figures.get):
            milestones.write({'amount_done': paid, 'amount_credited': credited, 'progress': progress})
        self._follow_invoices()
        running = self.filtered(lambda one: one.contract_state in ('active', 'settlement', 'closed', 'terminated'))
        finished = {one: outcomes[one.id].date_done for one in running if one.state == 'pending' and outcomes[one.id].date_done}
        undone = running.filtered(lambda one: one.state == 'done' and not outcomes[one.id].date_done)
        redated = running.filtered(lambda one: one.state == 'done' and outcomes[one.id].date_done not in (None, False, one.date_done))
        self.browse().concat(*finished)._complete(finished)
        undone._reopen(told(self.env, _lt("The payment was undone")))
        for milestone in redated:
            milestone.date_done = outcomes[milestone.id].date_done
        redated._reschedule_successors()
        return {'milestones done': len(finished), 'milestones reopened': len(undone)}

    def _agreed_date(self):
        """Return the date that was agreed last, whatever invoices have moved since."""
        self.ensure_one()
        agreed = self.event_ids.filtered(lambda one: one.is_agreed and one.date_to).sorted('id')[-1:]
        return agreed.date_to or self.date_first_planned

    def _follow_invoices(self):
        """Let the due date of an invoice move the plan of a pending payment, never ahead of what the contract itself allows."""
        dates, reasons = {}, {}
        for milestone in self.filtered(lambda one: one.state == 'pending' and one.allocation_ids):
            due = max(filter(None, milestone.allocation_ids.mapped('date_due')), default=None)
            planned = milestone._anchored_date() if milestone.anchor != 'fixed' else max(
                filter(None, (due, milestone._agreed_date())), default=None,
            )
            if planned and planned != milestone.date_planned:
                dates[milestone] = planned
                numbers = ', '.join(dict.fromkeys(milestone.allocation_ids.mapped('move_name')))
                reasons[milestone] = told(self.env, _lt("Invoice %s", numbers))
        self.browse().concat(*dates)._move_date(dates, reasons)
