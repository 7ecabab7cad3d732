"""Contracts drafted from confirmed orders."""

from .generator import World
from .measure import measured

TITLE = "Contracts drafted from {orders:,} confirmed orders of three lines (ratio: queries of 50 to those of 1, without 3 a number)"
NUMBERING = 3  # queries of Odoo's sequence by year, for each contract


def run(env, options):
    world = World(env)

    def draft(count):
        orders = world.orders(count)
        env.cr.commit()
        return measured(env, f"{count} order{'s' if count > 1 else ''} at once", orders._create_fulfilment_contracts, count)

    draft(1)  # what is cached once, is so before the clock runs
    one, fifty, many = draft(1), draft(50), draft(options.orders)
    fifty.ratio = (fifty.queries - NUMBERING * 50) / (one.queries - NUMBERING)
    many.what += f", {options.orders / many.seconds:.0f} a second"
    return [one, fifty, many]
