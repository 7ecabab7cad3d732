"""Whether the ledger made in SQL is as Odoo would have made it: what is stored against what Odoo computes."""

import random

from .ledger_tools import take_back

COMPUTED = {
    "account.move": (
        "amount_untaxed", "amount_tax", "amount_total", "amount_residual", "amount_untaxed_signed", "amount_tax_signed",
        "amount_total_signed", "amount_residual_signed", "amount_total_in_currency_signed", "payment_state", "commercial_partner_id",
    ),
    "account.move.line": ("amount_residual", "amount_residual_currency", "reconciled", "debit", "credit", "price_subtotal", "price_total"),
    "sale.order": ("amount_untaxed", "amount_tax", "amount_total", "invoice_status"),
    "sale.order.line": (
        "price_subtotal", "price_tax", "price_total", "qty_invoiced", "qty_to_invoice", "untaxed_amount_invoiced",
        "untaxed_amount_to_invoice", "invoice_status",
    ),
}


def check(env, partners, sample=20):
    """Compare what is stored of some of the customers with what Odoo makes of it: amounts, residuals, matching, states, orders.

    :raise AssertionError: naming the first difference
    """
    ids = random.Random(7).sample(list(partners), min(sample, len(partners)))
    env.flush_all()
    env.invalidate_all()
    savepoint = env.cr.savepoint()
    moves = env["account.move"].search([("commercial_partner_id", "in", ids)])
    orders = env["sale.order"].search([("partner_id", "child_of", ids)])
    for records in (moves, moves.line_ids, orders, orders.order_line):
        _check_computed(records, COMPUTED[records._name])
    for move in moves:
        _equal(move, "balance", sum(move.line_ids.mapped("balance")), 0)
    receivable = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
    numbers = receivable.mapped("matching_number")
    env["account.partial.reconcile"]._update_matching_number(receivable)
    for line, number in zip(receivable, numbers, strict=True):
        _equal(line, "matching_number", number, line.matching_number)
        matched = sum(line.matched_credit_ids.mapped("amount")) - sum(line.matched_debit_ids.mapped("amount"))
        _equal(line, "amount_residual", line.amount_residual, line.balance - matched)
    for partner in env["res.partner"].browse(ids):
        lines = receivable.filtered(lambda line, partner=partner: line.partner_id == partner)
        _equal(partner, "credit", partner.credit, sum(lines.mapped("amount_residual")))
    take_back(env, savepoint)


def _check_computed(records, names):
    stored = {name: [record[name] for record in records] for name in names}
    for name in names:
        env, field = records.env, records._fields[name]
        env.add_to_compute(field, records)
        for record, before in zip(records, stored[name], strict=True):
            _equal(record, name, before, record[name])


def _equal(record, name, stored, computed):
    numbers = isinstance(stored, (int, float)) and not isinstance(stored, bool)
    if abs(stored - computed) > 0.005 if numbers else stored != computed:
        raise AssertionError(f"{record} {name}: {stored} is stored and Odoo makes {computed} of it")
