"""The round of early warning over all shipped rules against the bare searches of their conditions, and a rule tried on the past."""

from dateutil.relativedelta import relativedelta

from odoo import fields

from .generator import clone
from .measure import best, measured

TITLE = (
    "Early warning: shipped rules over {warned:,} customers, and 24 month ends of {customers:,} (ratio: to the bare searches; of the trial "
    "to the bare search of its condition)"
)
MONTHS = 24


def run(env, options):
    owner = env["res.users"].with_context(no_reset_password=True).create({
        "name": "Seller", "login": "bench_seller", "email": "seller@example.com",
        "group_ids": [fields.Command.set([env.ref("fulfilment_crm.group_user").id])],
    })
    env.company.fulfilment_manager_id = owner
    customers(env, options.warned, owner)
    rules = env["fulfilment.warning.rule"].search([("state", "=", "active")])
    alerts, days = env["fulfilment.alert"], dict.fromkeys(env["res.company"].search([]), fields.Date.today())
    search(rules)
    bare_before = best(env, f"bare searches of the conditions of {len(rules)} rules", lambda: search(rules))
    first = measured(env, "first round", alerts._cron_warnings)
    made = alerts.search_count([])
    first.what, first.number = f"first round: {made:,} alerts with to-dos, one mail", made
    if not made or alerts.search_count([("state", "!=", "open")]):
        raise AssertionError("the first round raised nothing, or closed something")
    for rule in rules:
        rule._compare(days)
    again = best(env, "round repeated, no news, alerts held", alerts._cron_warnings)
    if alerts.search_count([]) != made:
        raise AssertionError("the repeated round raised something")
    bare = best(env, "bare searches once more", lambda: search(rules))
    again.ratio = again.to(bare)
    rows = [bare_before, first, again, bare, *past(env, options.customers)]
    env.cr.commit()
    return rows


def search(rules):
    """Search what each rule fits, as ids, and do nothing else."""
    for rule in rules:
        rule.env[rule.model].search(rule._watched_domain())


def customers(env, number, owner):
    """Profiles of which every fiftieth is overdue, every hundredth near its limit, every two hundredth silent, and so on."""
    partner = env["res.partner"].create({"name": "Customer", "is_company": True})
    partner_ids = clone(env, partner, number, name="'Customer ' || n", complete_name="'Customer ' || n", commercial_partner_id="copy.id")
    profile = env["fulfilment.profile"].create({"partner_id": partner.id, "company_id": env.company.id, "user_id": owner.id})
    clone(
        env, profile, number, partner_id=f"{partner_ids[0]} + n",
        receivable_overdue="CASE WHEN n % 50 = 0 THEN 1000 ELSE 0 END", overdue_days_open="CASE WHEN n % 50 = 0 THEN 45 ELSE 0 END",
        credit_used="CASE WHEN n % 100 = 1 THEN 95 ELSE n % 80 END", order_silence="CASE WHEN n % 200 = 2 THEN 120 ELSE n % 90 END",
        credit_grade_fall="CASE WHEN n % 500 = 3 THEN 1 ELSE 0 END", satisfaction_count="n % 2", satisfaction_change="0.1",
        revenue_previous="1000", revenue_growth="CASE WHEN n % 400 = 4 THEN -40 ELSE n % 30 END",
        debt_ratio="CASE WHEN n % 1000 = 5 THEN 80 ELSE n % 60 END", external_score_fall="CASE WHEN n % 1000 = 6 THEN 12 ELSE 0 END",
    )
    env.cr.execute("ANALYZE fulfilment_profile")
    env.cr.commit()


def past(env, number):
    """Try a rule over the payment index on month ends in which one customer in ten begins to pay late, and half of these fall overdue."""
    last = fields.Date.today().replace(day=1) - relativedelta(days=1)
    partner = env["res.partner"].create({"name": "Of the past", "is_company": True})
    partner_ids = clone(env, partner, number, name="'Past ' || n", complete_name="'Past ' || n", commercial_partner_id="copy.id")
    history = env["fulfilment.profile.history"]
    for month in range(MONTHS):
        day = last.replace(day=1) - relativedelta(months=MONTHS - 2 - month) - relativedelta(days=1)
        source = history.create({"partner_id": partner.id, "company_id": env.company.id, "date": day})
        clone(
            env, source, number, partner_id=f"{partner_ids[0]} + n",
            payment_index=f"CASE WHEN n % 10 = 0 AND {month} >= (n / 10) % 20 THEN 50 ELSE 80 END",
            receivable_overdue=f"CASE WHEN n % 20 = 0 AND {month} >= 2 + (n / 10) % 20 THEN 20000 ELSE 100 END",
        )
    env.cr.execute("ANALYZE fulfilment_profile_history")
    rule = env["fulfilment.warning.rule"].create({"name": "Pays late", "domain": "[('payment_index', '<', 60)]"})
    replay = env["fulfilment.warning.replay"].create({"rule_id": rule.id, "company_id": env.company.id})
    env.cr.commit()
    bare = best(env, "bare search of a condition over the month ends", lambda: history.search([("payment_index", "<", 60)]), number)
    trial = best(env, f"its trial on {MONTHS} month ends", replay.action_run, number)
    if not replay.hit_count:
        raise AssertionError("the trial found nothing")
    trial.ratio = trial.to(bare)
    return [bare, trial]
