"""Damages day by day: the daily round over what is late against the bare search and as many bare rows, and a bundle of evidence."""

from odoo import fields
from odoo.tools import SQL, split_every

from .generator import World, clone
from .measure import best, measured

TITLE = (
    "Damages of {late:,} late milestones in {contracts:,} contracts, and a bundle of evidence with {events} events "
    "(ratio: of a first round to bare rows written; of a repeated one to the bare search)"
)
PER_CONTRACT, SLICE, EVENTS = 5, 200, 500
TERMS = {"damages_rate": 0.05, "damages_grace": 3, "damages_cap": 5}


def run(env, options):
    options.late, options.events = options.size * 5, EVENTS
    options.contracts = max(options.late // PER_CONTRACT, 1)
    damages, today = env["fulfilment.damages"].sudo(), fields.Date.today()
    milestones = late_milestones(World(env), options.late, options.contracts)
    warm_up(env, today)
    bare = measured(env, "as many bare rows written", lambda: plain(env, milestones), options.late)
    first = measured(env, "first round, everything late begins", lambda: damages._cron_damages(as_of=today), options.late)
    made = damages.search_count([])
    if made != options.late:
        raise AssertionError(f"{made} damages, {options.late} expected")
    before = env.execute_query(SQL("SELECT count(*), sum(amount) FROM fulfilment_damages"))
    days = env["res.company"].search([])._fulfilment_today(today)
    search = best(env, "the bare search", lambda: damages._contracts_to_reckon(days))
    again = best(env, "round repeated, nothing has changed", lambda: damages._cron_damages(as_of=today))
    changed = fact_changed(env, milestones)
    what = f"the same day, {len(changed):,} contracts with changed facts"
    later = measured(env, what, lambda: damages._cron_damages(as_of=today), len(changed))
    if env.execute_query(SQL("SELECT count(*), sum(amount) FROM fulfilment_damages")) == before:
        raise AssertionError("changed facts have changed nothing")
    tomorrow = fields.Date.add(today, days=1)
    daily = measured(env, "round of the next day", lambda: damages._cron_damages(as_of=tomorrow), options.late)
    first.ratio, daily.ratio, again.ratio = first.to(bare), daily.to(bare), again.to(search)
    return [bare, first, daily, search, again, later, *bundle(env, milestones)]


def late_milestones(world, count, contracts):
    """Make payments that are up to half a year late, in contracts whose clauses know damages."""
    env = world.env
    ids = world.milestones(count, contracts, "CURRENT_DATE - 10 - (n * 7919 % 180)::int")
    in_force = env["fulfilment.milestone"].browse(ids).contract_id
    clause = env["fulfilment.contract.clause"].sudo().create({
        "contract_id": in_force[0].id, "name": "Damages", "body": "Damages and termination.",
        "category_id": env.ref("fulfilment_crm.clause_category_breach").id,
        "parameter_ids": [
            fields.Command.create({"key": role, "name": role, "role": role, "value_number": value}) for role, value in TERMS.items()
        ],
    })
    if contracts > 1:
        first = in_force.sorted("id").ids
        clauses = clone(env, clause, contracts - 1, contract_id=f"{first[1]} + n")
        for parameter in clause.parameter_ids:
            clone(env, parameter, contracts - 1, contract_id=f"{first[1]} + n", contract_clause_id=f"{clauses[0]} + n")
    for table in ("fulfilment_contract", "fulfilment_milestone"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.cr.commit()
    return ids


def warm_up(env, today):
    """Work a small part out first, so that what is compiled and cached once is so before the clock runs; nothing of it stays."""
    contracts = env["fulfilment.contract"].search([("milestone_ids.state", "=", "pending")], limit=50)
    env["fulfilment.damages"]._accrue(contracts, as_of=today)
    env.cr.rollback()


def plain(env, milestones):
    """Write as many damages without working anything out; rolled back slice by slice."""
    span = {"start": "2026-01-01", "end": "2026-01-07", "days": 7, "base": 1.0, "amount": 10.0, "percent": 1, "reason": "late"}
    for ids in split_every(SLICE, milestones):
        env["fulfilment.damages"].sudo()._create_quietly([{
            "milestone_id": number, "debtor": "customer", "amount": 10.0, "amount_now": 10.0, "days": 7,
            "segments": [span],
        } for number in ids])
        env.flush_all()
        env.cr.rollback()


def fact_changed(env, milestones):
    """Take a few days back from one milestone each of some contracts."""
    some = env["fulfilment.milestone"].browse(milestones[:len(milestones) // 50])
    env.cr.execute("UPDATE fulfilment_milestone SET date_planned = date_planned + 3, date_first_planned = date_first_planned + 3 "
                   "WHERE id = ANY(%s)", [some.ids])
    env.invalidate_all()
    some.contract_id._reckon_damages_again()
    env.cr.commit()
    return some.contract_id


def bundle(env, milestones):
    """Make a bundle of a contract without and with many events."""
    contracts = env["fulfilment.milestone"].browse(milestones[-2:]).contract_id
    rows = []
    for contract, number in zip(contracts, (0, EVENTS), strict=True):
        own = contract.milestone_ids[:1].sudo()
        for step in range(number):
            own._log_event("progress", "", {own: (False, False)}, {own: fields.Date.today()}, shares={own: (step / 10, (step + 1) / 10)})
        contract.sudo()._seal_events()
        env.cr.commit()
        events = env["fulfilment.event"].search_count([("contract_id", "=", contract.id)])
        rows.append(measured(env, f"bundle of evidence, {events} events", contract._make_evidence))
    rows[1].ratio = rows[1].to(rows[0])
    return rows
