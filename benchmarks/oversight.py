"""Oversight: checks over milestones against bare counts, reviews with their pictures, and patterns over finished milestones."""

from odoo import fields
from odoo.tools import SQL

from .generator import World
from .measure import best, measured

TITLE = (
    "Ten checks over {milestones:,} milestones, {reviews:,} reviews with their pictures, patterns "
    "(ratio: of the nightly round to the bare counts; of patterns to one pass over the milestones)"
)
PER_CONTRACT, CHECKS = 10, 10


def run(env, options):
    options.milestones = options.size * 20
    options.reviews = options.contracts = max(options.milestones // PER_CONTRACT, 1)
    today = fields.Date.today()
    World(env).milestones(options.milestones, options.contracts, "CURRENT_DATE - 200 + (n * 7919 % 400)::int")
    env.cr.execute("UPDATE fulfilment_contract SET date_start = CURRENT_DATE - 300, date_signed = CURRENT_DATE - 300")
    env.invalidate_all()
    env["res.company"].search([]).write({"fulfilment_checks": True, "fulfilment_reviews": True})
    checks = env["fulfilment.process.check"]
    checks.search([]).active = False
    checks.create([{
        "name": f"Check {number}", "model": "fulfilment.milestone", "area": "milestone", "finding_limit": 0,
        "population": "[('state', '=', 'pending')]", "domain": f"[('days_late', '>', {number * 10})]",
    } for number in range(CHECKS)])
    env.cr.commit()
    bare = best(env, f"{2 * CHECKS} bare counts", lambda: counts(env, today))
    nightly = best(env, "nightly round of ten checks", lambda: checks._cron_checks(as_of=today))
    nightly.ratio = nightly.to(bare)
    made = measured(env, "reviews made with their pictures", lambda: env["fulfilment.review"]._cron_reviews(as_of=today), options.reviews)
    number = env["fulfilment.review"].search_count([("kind", "=", "periodic")])
    if not number:
        raise AssertionError("no review was made")
    again = best(env, "round of reviews repeated", lambda: env["fulfilment.review"]._cron_reviews(as_of=today))
    one_pass = best(env, "one pass over the milestones", lambda: env.execute_query(SQL(
        "SELECT obligor, kind, count(*) FROM fulfilment_milestone GROUP BY obligor, kind",
    )))
    patterns = best(env, "patterns looked for", lambda: env["fulfilment.pattern"]._look(env.company, today))
    patterns.ratio = patterns.to(one_pass)
    return [bare, nightly, made, again, one_pass, patterns]


def counts(env, today):
    for number in range(CHECKS):
        for condition in (SQL("TRUE"), SQL("date_planned < %s::date - %s", today, number * 10)):
            env.execute_query(SQL(
                "SELECT company_id, count(*) FROM fulfilment_milestone WHERE state = 'pending' AND %s GROUP BY company_id", condition,
            ))
