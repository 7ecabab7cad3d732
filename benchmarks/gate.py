"""Confirming orders with the gate and without the addon's gate, one by one and many together."""

from odoo import fields

from .ledger import Ledger
from .measure import Row, measured

TITLE = "Orders confirmed with the gate on, {customers:,} customers (ratio: to the same with the gate off)"
CUSTOMERS, TIMES = 2000, 40


def run(env, options):
    options.customers = CUSTOMERS
    customers = list(Ledger(env).customers(CUSTOMERS))
    env["fulfilment.profile"]._refresh()
    env["fulfilment.credit.assessment"]._cron_credit()
    # What is held costs an activity and a note as well, and is no confirmation.
    good = [
        ("overdue_days_open", "=", 0), ("receivable_overdue", "=", 0), ("credit_grade_id.on_order", "=", "none"), ("credit_used", "<", 80),
    ]
    customers = env["fulfilment.profile"].search([*good, ("partner_id", "in", customers)], limit=200).partner_id.ids
    product = env["product.product"].create({"name": "Maintenance", "type": "service", "taxes_id": False, "invoice_policy": "order"})
    env.cr.commit()

    def orders(count):
        made = env["sale.order"].create([{
            "partner_id": customers[place % len(customers)], "order_line": [fields.Command.create({
                "product_id": product.id, "product_uom_qty": 1, "price_unit": 10.0, "tax_ids": False,
            })],
        } for place in range(count)])  # fmt: skip
        env.cr.commit()
        return made

    def confirm(records):
        """As a user's request does: confirmed, and what is left for the end of the transaction with it."""
        records.action_confirm()
        env.cr.commit()
        if records.filtered(lambda order: order.state != "sale"):
            raise AssertionError("an order was held")

    def singly(what):
        """All of many together, since one confirmation is too short for the clock of the processor."""
        rows = []
        for _go in range(TIMES):
            order = orders(1)
            rows.append(measured(env, what, lambda order=order: confirm(order), 1))
        return Row(what, *(sum(getattr(row, name) for row in rows) for name in ("seconds", "processor", "queries")), TIMES)

    def together(what):
        batch = orders(50)
        return measured(env, what, lambda: confirm(batch), 50)

    gate = "fulfilment_credit_gate"
    env.company[gate] = False
    singly("warm up")
    together("warm up")
    off, many_off = singly("one order, gate off"), together("50 orders together, gate off")
    env.company[gate] = True
    singly("warm up")
    on, many_on = singly("one order, gate on"), together("50 orders together, gate on")
    on.ratio, many_on.ratio = on.to(off), many_on.to(many_off)
    return [off, on, many_off, many_on]
