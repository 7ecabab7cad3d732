"""Opening the views of milestones as a salesperson who sees all of them."""

from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.tools.safe_eval import safe_eval

from .generator import World
from .measure import best

TITLE = "Views with {milestones:,} milestones in {contracts:,} contracts (quickest of five, no record in memory)"
PER_CONTRACT = 20


def run(env, options):
    options.contracts = max(options.milestones // PER_CONTRACT, 1)
    world = World(env)
    # Spread over half a year before and after today, one in three of them done.
    day = "CURRENT_DATE + (n * 7919 % 366)::int - 183"
    ids = world.milestones(options.milestones, options.contracts, day)
    done = "UPDATE fulfilment_milestone SET state = 'done', date_done = date_planned, amount_open = 0 WHERE id >= %s AND id %% 3 = 0"
    env.cr.execute(done, [ids[0]])
    env.cr.execute("ANALYZE fulfilment_milestone")
    env.cr.commit()
    milestones = env["fulfilment.milestone"].with_user(world.user)
    first = fields.Date.today().replace(day=1)
    month = [("date_planned", ">=", first - timedelta(days=7)), ("date_planned", "<=", first + timedelta(days=36))]
    rows = [("list, filter “Open”", lambda: rows_of(milestones, filter_of(milestones, "open"), "list"))]
    rows += [("list, filter “Late”", lambda: rows_of(milestones, filter_of(milestones, "late"), "list"))]
    rows += [("list, without filter", lambda: rows_of(milestones, [], "list"))]
    rows += [("list grouped by contract", lambda: groups_of(milestones, filter_of(milestones, "open"), ["contract_id"]))]
    rows += [("list grouped by month", lambda: groups_of(milestones, filter_of(milestones, "open"), ["date_planned:month"]))]
    rows += [("calendar, one month", lambda: rows_of(milestones, month, "calendar", limit=None))]
    rows += [("contracts, list", lambda: rows_of(env["fulfilment.contract"].with_user(world.user), [], "list"))]
    rows += [("contracts, kanban by state", lambda: groups_of(env["fulfilment.contract"].with_user(world.user), [], ["state"]))]
    return [best(milestones.env, what, work) for what, work in rows]


def specification(model, kind):
    """Return what the web client asks for, read from the view."""
    arch = etree.fromstring(model.get_view(view_type=kind)["arch"])
    names = [node.get("name") for node in arch.xpath("//field[not(ancestor::field)]")]
    names += [arch.get("date_start")] if arch.get("date_start") else []
    return {name: {"fields": {"display_name": {}}} if model._fields[name].type == "many2one" else {} for name in names}


def rows_of(model, domain, kind, limit=80):
    return model.web_search_read(domain, specification(model, kind), limit=limit, count_limit=10001)


def groups_of(model, domain, groupby):
    return model.web_read_group(domain, groupby, ["__count"], limit=80)


def filter_of(model, name):
    """Return the domain of a filter of the search view."""
    arch = etree.fromstring(model.get_view(view_type="search")["arch"])
    return safe_eval(arch.xpath(f"//filter[@name='{name}']")[0].get("domain"), {"uid": model.env.uid})
