"""The daily round of rewards against the bare searches of the conditions, and against as many bare cards and grants."""

from odoo import fields
from odoo.tools import split_every

from .ledger import Ledger
from .measure import best, measured

TITLE = (
    "Rewards of {customers:,} customers with ten invoices each, two rules (each: a customer; ratio: of the round to bare grants and cards; "
    "of what follows to the bare searches)"
)
SLICE = 200  # rewards a transaction, as in the round


def run(env, options):
    number = options.customers
    ledger = Ledger(env)
    customers = ledger.customers(number)
    env["fulfilment.profile"]._refresh()
    env.cr.execute("ANALYZE fulfilment_profile")
    env["fulfilment.reward.rule"].search([]).action_stop()
    rules, today = made_rules(env), fields.Date.today()
    grants = env["fulfilment.reward.grant"]
    warm_up(env, rules, today)
    searches = best(env, "the bare searches of the conditions", lambda: [search(env, rule) for rule in rules], number)
    found = [(rule, search(env, rule)) for rule in rules]
    expected = sum(len(profiles) for _rule, profiles in found)
    bare = measured(env, f"{expected} bare grants and cards", lambda: plain(env, found, today), number)
    already = grants.search_count([])
    first = measured(env, "round, everybody rewarded", lambda: grants._cron_rewards(as_of=today), number)
    if grants.search_count([]) - already != expected:
        raise AssertionError(f"{grants.search_count([]) - already} rewards granted, {expected} expected")
    again = measured(env, "round repeated, every ground looked at", lambda: grants._cron_rewards(as_of=today), number)
    changed = list(customers)[::100]
    ledger.invoice_more(changed)
    env.cr.commit()
    later = measured(env, "round of the next day, 1 % changed", lambda: grants._cron_rewards(as_of=fields.Date.add(today, days=1)), number)
    if grants.search_count([]) - already != expected:
        raise AssertionError("a repeated round granted something")
    first.ratio = first.to(bare)
    for row in (again, later):
        row.ratio = row.to(searches)
    return [searches, bare, first, again, later]


def made_rules(env):
    """Points and priority for who has paid something, and enough of it."""
    common = {"period": "year", "is_unlimited": True, "is_notified": False}
    rules = env["fulfilment.reward.rule"].create([
        {**common, "name": "Points", "domain": "[('payment_count', '>=', 3), ('on_time_payment_rate', '>=', 20)]", "points": 10,
         "program_id": env.ref("fulfilment_crm.loyalty_program_points").id, "cost_per_point": 0.1},
        {**common, "name": "Priority", "domain": "[('payment_count', '>=', 5)]", "effect": "priority", "days": 400},
    ])
    # The ledger is the same for all customers, so that a condition may fit everybody.
    rules.write({"state": "draft"})
    env.cr.execute("UPDATE fulfilment_reward_rule SET state = 'active' WHERE id = ANY(%s)", [rules.ids])
    env.invalidate_all()
    env.cr.commit()
    return rules


def search(env, rule):
    return env["fulfilment.profile"].search([("company_id", "=", env.company.id), *rule._parsed_domain()], order="revenue_12m DESC, id")


def warm_up(env, rules, today):
    """Run a small part first, so that what is compiled and cached once is so before the clock runs; nothing of it stays."""
    for rule in rules:
        env["fulfilment.reward.grant"]._grant(rule, env.company, today, search(env, rule)[:50])
    env.cr.rollback()


def plain(env, found, today):
    """As many grants without ground, budget or effect, and for the first rule as many cards with points; rolled back slice by slice."""
    for rule, profiles in found:
        for part in split_every(SLICE, profiles.ids, profiles.browse):
            env["fulfilment.reward.grant"].with_context(tracking_disable=True).create([{
                "claim_key": f"bare {rule.id} {profile.id}", "partner_id": profile.partner_id.id, "company_id": env.company.id,
                "profile_id": profile.id, "effect": rule.effect, "date": today, "state": "ended",
            } for profile in part])
            if rule.effect == "points":
                env["loyalty.card"].with_context(tracking_disable=True, loyalty_no_mail=True).create([
                    {"program_id": rule.program_id.id, "partner_id": profile.partner_id.id, "points": 10} for profile in part
                ])
            env.flush_all()
            env.cr.rollback()
