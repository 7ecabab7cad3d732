"""The daily round of care against a plain search for the customers' tiers and as many bare tasks."""

from odoo import fields
from odoo.tools import split_every

from odoo.addons.fulfilment_crm.models.base.to_do_mixin import QUIET

from .generator import clone
from .measure import measured

TITLE = "Care planned for {customers:,} customers (ratio: to the bare tasks; of the repetition to the round)"
SLICE = 200  # customers a transaction, as in the round


def run(env, options):
    role = [fields.Command.link(env.ref("fulfilment_crm.group_user").id)]
    users = env["res.users"].create([
        {"name": f"Seller {number}", "login": f"seller{number}", "group_ids": role} for number in range(20)
    ])
    profiles = customers(env, options.customers, users)
    tasks, first = env["fulfilment.care.task"], fields.Date.today().replace(month=1, day=1)
    warm_up(env, profiles, first)
    already = tasks.search_count([])
    round_of_all = measured(env, "round, meetings and activities made", lambda: tasks._cron_care(as_of=first), len(profiles))
    made = tasks.search_count([]) - already
    if not made:
        raise AssertionError("the round planned nothing")
    again = measured(env, "round repeated, nothing to plan", lambda: tasks._cron_care(as_of=first), len(profiles))
    if tasks.search_count([]) != already + made:
        raise AssertionError("the repeated round planned something")
    bare = measured(env, f"search for tiers, {made} bare tasks", lambda: plain(env, made), len(profiles))
    planned = tasks.search([("state", "=", "planned")])
    odoo = measured(env, "their meetings and activities alone, by Odoo", lambda: meetings_and_activities(env, planned), len(profiles))
    round_of_all.ratio, odoo.ratio, again.ratio = round_of_all.to(bare), odoo.to(bare), again.to(round_of_all)
    return [bare, odoo, round_of_all, again]


def customers(env, number, users):
    """Profiles of as many customers in the three tiers, each the responsibility of one of the users."""
    partner = env["res.partner"].create({"name": "Customer", "is_company": True})
    partner_ids = clone(env, partner, number, name="'Customer ' || n", complete_name="'Customer ' || n", commercial_partner_id="copy.id")
    tiers = [env.ref(f"fulfilment_crm.tier_{name}").id for name in ("strategic", "key", "ordinary")]
    profile = env["fulfilment.profile"].create({"partner_id": partner.id, "company_id": env.company.id, "tier_id": tiers[0]})
    profile_ids = clone(
        env,
        profile,
        number,
        partner_id=f"{partner_ids[0]} + n",
        tier_id=f"(ARRAY{tiers})[1 + n % 3]",
        user_id=f"(ARRAY{users.ids})[1 + n % {len(users)}]",
    )
    profile.tier_id = False
    env.cr.commit()
    return env["fulfilment.profile"].browse(profile_ids)


def warm_up(env, profiles, first):
    """Run a small part first, so that what is compiled and cached once is so before the clock runs."""
    env["fulfilment.care.task"]._lay_out(env.company, first, profiles[:50])
    env.cr.commit()


def plain(env, number):
    """Who has a tier, and so many tasks without meeting, activity or load, in transactions of the same size."""
    profiles = env["fulfilment.profile"].search_fetch([("tier_id", "!=", False)], ["partner_id", "tier_id", "user_id"])
    day = fields.Date.today()
    vals_list = [{
        "claim_key": f"bare:{position}", "partner_id": profile.partner_id.id, "company_id": env.company.id, "profile_id": profile.id,
        "kind": "call", "period": "month", "period_start": day, "period_end": day, "date_planned": day, "user_id": profile.user_id.id,
        "state": "cancelled",
    } for position, profile in zip(range(number), iter_twice(profiles), strict=False)]
    for part in split_every(SLICE, vals_list):
        env["fulfilment.care.task"].create(part)
        env.cr.commit()


def meetings_and_activities(env, tasks):
    """As many meetings and activities as the round made, in transactions of the same size."""
    model_id, kind = env["ir.model"]._get_id("res.partner"), env.ref("fulfilment_crm.activity_type_care")
    for part in split_every(SLICE, tasks.ids, tasks.browse):
        env["calendar.event"].with_context(**QUIET).create([{
            "name": "Visit", "user_id": task.user_id.id, "partner_ids": [fields.Command.set(task.user_id.partner_id.ids)],
            "start": task.start, "stop": task.start, "res_model_id": model_id, "res_model": "res.partner", "res_id": task.partner_id.id,
        } for task in part if task.kind == "visit"])
        env["mail.activity"].with_context(**QUIET).create([{
            "res_model_id": model_id, "res_id": task.partner_id.id, "user_id": task.user_id.id, "summary": "Call",
            "activity_type_id": kind.id, "date_deadline": task.date_planned,
        } for task in part if task.kind != "visit"])
        env.cr.commit()


def iter_twice(profiles):
    while True:
        yield from profiles
