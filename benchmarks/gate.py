"""Confirming orders with the gate and without the addon's gate, one by one and many together."""

from functools import partial
from itertools import cycle

from odoo import fields

from .ledger import Ledger
from .measure import Row, measured

TITLE = "Orders confirmed with the gate on, {customers:,} customers (ratio: to the same with the gate off)"
CUSTOMERS, ROUNDS, TIMES = 2000, 8, 10


def run(env, options):
    options.customers = CUSTOMERS
    customers = list(Ledger(env).customers(CUSTOMERS))
    env["fulfilment.profile"]._refresh()
    env["fulfilment.credit.assessment"]._cron_credit()
    product = env["product.product"].create({"name": "Maintenance", "type": "service", "taxes_id": False, "invoice_policy": "order"})
    env.cr.commit()
    turn = cycle(customers)

    def orders(count):
        made = env["sale.order"].create([{
            "partner_id": next(turn), "order_line": [fields.Command.create({
                "product_id": product.id, "product_uom_qty": 1, "price_unit": 1.0, "tax_ids": False,
            })],
        } for _place in range(count)])
        env.cr.commit()
        return made

    # What is held costs an activity and a note as well, and is no confirmation: only customers whose orders pass are asked.
    env.company.fulfilment_credit_gate = True
    tried = orders(len(customers))
    tried.action_confirm()
    turn = cycle(tried.filtered(lambda order: order.state == "sale").partner_id.ids[:200])
    env.cr.commit()

    def confirm(records):
        """As a user's request does: confirmed, and what is left for the end of the transaction with it."""
        records.action_confirm()
        env.cr.commit()
        if records.filtered(lambda order: order.state != "sale"):
            raise AssertionError("an order was held")

    def singly(what):
        """Many of them, since one confirmation is too short for the clock of the processor."""
        confirm(orders(1))
        return total(what, [measured(env, what, partial(confirm, orders(1)), 1) for _go in range(TIMES)])

    def together(what):
        confirm(orders(50))
        batch = orders(50)
        return measured(env, what, lambda: confirm(batch), 50)

    def total(what, rows):
        return Row(what, *(sum(getattr(row, name) for row in rows) for name in ("seconds", "processor", "queries", "number")))

    def both(how, what):
        """Off and on by turns, so that what else the machine does burdens both alike."""
        rows = {False: [], True: []}
        for _go in range(ROUNDS):
            for gate, kept in rows.items():
                env.company.fulfilment_credit_gate = gate
                kept.append(how(what))
        off, on = total(f"{what}, gate off", rows[False]), total(f"{what}, gate on", rows[True])
        on.ratio = on.to(off)
        return off, on

    off, on = both(singly, "one order")
    many_off, many_on = both(together, "50 orders together")
    return [off, on, many_off, many_on]
