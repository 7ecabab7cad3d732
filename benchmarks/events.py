"""What it costs to note events where things happen, and to seal them."""

from contextlib import contextmanager, nullcontext
from statistics import median
from unittest.mock import patch

from odoo import fields

from .generator import World
from .measure import measured

TITLE = "Events: {orders:,} at once, noted and not, by turns (ratio: with to without, and 50 sealed to 1 by queries)"
ROUNDS = 7


def run(env, options):
    world, count = World(env), options.orders
    today = fields.Date.today()
    env.company.fulfilment_approval = False
    rows = []
    for what, prepare, work in (
        ("contracts signed", lambda: approved(env, world, count), lambda contracts: contracts._after_signature({env.company: today})),
        ("milestones done", lambda: pending(env, world, count), lambda milestones: milestones.action_done(today)),
        ("tickets solved", lambda: tickets(env, world, count), lambda some: some.action_solve(solution="Replaced")),
    ):
        taken = {True: [], False: []}
        for number in range(ROUNDS + 1):
            for noted in (True, False) if number % 2 else (False, True):
                records = prepare()
                with nullcontext() if noted else unnoted(env):
                    title = f"{count} {what}{'' if noted else ', nothing noted'}"
                    row = measured(env, title, lambda w=work, r=records: whole(env, w, r), count)
                if number:  # the first round fills caches
                    taken[noted].append(row)
        noted, bare = (sorted(taken[key], key=lambda row: row.processor)[ROUNDS // 2] for key in (True, False))
        noted.ratio = median(row.processor for row in taken[True]) / median(row.processor for row in taken[False])
        rows += [noted, bare]
    contracts = approved(env, world, 51)
    contracts._activate()
    one = measured(env, "events of 1 contract sealed", contracts[0]._seal_events, 1)
    fifty = measured(env, "events of 50 contracts sealed", contracts[1:]._seal_events, 50)
    fifty.ratio = fifty.queries / one.queries
    return [*rows, one, fifty]


def whole(env, work, records):
    """Do the work to its end: what is left for the end of the transaction, such as changes told in chatters, is part of it."""
    work(records)
    env.cr.flush()


def approved(env, world, count):
    contracts = env["fulfilment.contract"].create([{
        "title": "Pumps", "partner_id": world.partner.id, "type_id": env.ref("fulfilment_crm.contract_type_service").id,
        "amount_total": 1000.0, "date_start": fields.Date.today(), "date_signed": fields.Date.today(), "signed_by": "Lin Wei",
    } for _number in range(count)])
    contracts._move_to("approved")
    return contracts


def pending(env, world, count):
    contract = approved(env, world, 1)
    contract._activate()
    return env["fulfilment.milestone"].create([{
        "contract_id": contract.id, "name": f"Document {number}", "kind": "document", "obligor": "us",
        "date_planned": fields.Date.today(), "user_id": env.uid,
    } for number in range(count)])


def tickets(env, world, count):
    return env["fulfilment.ticket"].create([
        {"title": "Leak", "partner_id": world.partner.id, "ticket_type": "request"} for _number in range(count)
    ])


@contextmanager
def unnoted(env):
    with patch.object(type(env["fulfilment.event"]), "_note", lambda *_arguments, **_more: None):
        yield
