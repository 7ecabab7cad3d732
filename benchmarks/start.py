"""The start page of each role, and the month ends its charts rest on."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.tools import SQL

from .generator import World, clone
from .measure import best, measured

TITLE = (
    "Start pages with {customers:,} customers, {milestones_made:,} milestones, as many tickets, {pictures:,} month ends (quickest of "
    "five, no record in memory; ratio: to the same trends straight from the month ends)"
)
MONTHS, SELLERS = 24, 20
GROUPS = {
    "sales": "user", "manager": "manager", "credit": "credit", "service": "service", "legal": "legal", "inspector": "inspector",
}
MOST_QUERIES = 12


def run(env, options):
    number = options.customers
    options.milestones_made = 2 * number
    options.pictures = number * MONTHS
    world = World(env)
    users = people(env)
    spread(env, world, number, users["sales"])
    kept = measured(env, "adding up the month ends, once for all 24", lambda: add_up(env), number)
    rows = [kept]
    for role, user in users.items():
        start = env["fulfilment.start"].with_user(user)
        row = best(env, f"page of {role}", lambda start=start, role=role: start.get_page(role=role))
        if row.queries > MOST_QUERIES:
            raise AssertionError(f"the page of {role} takes {row.queries} queries")
        rows.append(row)
    months = env["fulfilment.start"].with_user(users["manager"])
    trends = best(env, "its trends of customers alone", lambda: months._months("manager"))
    live = best(env, "the same trends from the month ends themselves", lambda: from_history(env), times=2)
    trends.ratio = trends.to(live)
    return [*rows, trends, live]


def people(env):
    """Somebody for each role."""
    users = {}
    for role, group in GROUPS.items():
        groups = [f"fulfilment_crm.group_{group}", *(["sales_team.group_sale_salesman"] if role in ("sales", "manager") else [])]
        users[role] = env["res.users"].with_context(no_reset_password=True).create({
            "name": f"Bench {role}", "login": f"bench_start_{role}", "email": f"{role}@example.com",
            "group_ids": [fields.Command.link(env.ref(name).id) for name in groups],
        })
    return users


def spread(env, world, number, seller):
    """Make customers of twenty salespeople with profile and month ends, their milestones half a year around today, and tickets."""
    sellers = [seller.id] + [
        user.id for user in env["res.users"].with_context(no_reset_password=True).create([
            {"name": f"Seller {position}", "login": f"bench_seller_{position}"} for position in range(SELLERS - 1)
        ])
    ]
    whose = f"(ARRAY{sellers})[1 + n % {SELLERS}]"
    day = "CURRENT_DATE + (n * 7919 % 366)::int - 183"
    ids = world.milestones(2 * number, max(number // 5, 1), day)
    env.cr.execute("UPDATE fulfilment_milestone SET state = 'done', date_done = date_planned WHERE id >= %s AND id %% 3 != 0", [ids[0]])
    env.cr.execute("UPDATE fulfilment_milestone SET user_id = (%s)[1 + id %% %s] WHERE id >= %s", [sellers, SELLERS, ids[0]])
    env.cr.execute("UPDATE fulfilment_contract SET user_id = (%s)[1 + id %% %s]", [sellers, SELLERS])
    partners = clone(env, world.partner, number, commercial_partner_id="copy.id", name="'Buyer ' || n", complete_name="'Buyer ' || n")
    company = env.company
    base = {"partner_id": world.partner.id, "company_id": company.id, "user_id": seller.id, "revenue_12m": 1000.0, "payment_count": 4}
    profile = env["fulfilment.profile"].create({**base, "receivable_overdue": 5.0})
    clone(
        env, profile, number, partner_id=f"{partners[0]} + n", user_id=whose,
        receivable_overdue="CASE WHEN n % 7 = 0 THEN 100 + n % 900 ELSE 0 END",
    )
    ends = month_ends()
    picture = env["fulfilment.profile.history"].create({
        **base, "date": ends[0], "on_time_payment_rate": 80.0, "satisfaction_avg": 4.0, "satisfaction_count": 1, "receivable_overdue": 5.0,
    })
    months = ", ".join(f"DATE '{end}'" for end in ends)
    clone(
        env, picture, number * MONTHS, partner_id=f"{partners[0]} + n / {MONTHS}", date=f"(ARRAY[{months}])[1 + n % {MONTHS}]",
        user_id=f"(ARRAY{sellers})[1 + (n / {MONTHS}) % {SELLERS}]", receivable_overdue="n % 100", on_time_payment_rate="50 + n % 50",
    )
    ticket = env["fulfilment.ticket"].create({"title": "Leak", "partner_id": world.partner.id})
    clone(
        env, ticket, 2 * number, name="'T/' || copy.id", received_on="now() AT TIME ZONE 'UTC' - n % 400 * INTERVAL '1 day'",
        solved_on="CASE WHEN n % 10 != 0 THEN now() AT TIME ZONE 'UTC' - n % 390 * INTERVAL '1 day' END",
        kind="CASE WHEN n % 10 = 0 THEN 'progress' ELSE 'closed' END", is_late="n % 50 = 0", user_id=whose,
        partner_id=f"{partners[0]} + n % {number}", commercial_partner_id=f"{partners[0]} + n % {number}", access_token="NULL::varchar",
    )
    for table in ("fulfilment_milestone", "fulfilment_contract", "fulfilment_ticket", "fulfilment_profile", "fulfilment_profile_history"):
        env.cr.execute(SQL("ANALYZE %s", SQL.identifier(table)))
    env.cr.commit()


def month_ends():
    last = fields.Date.today().replace(day=1) - timedelta(days=1)
    return [last + relativedelta(months=-back, day=31) for back in range(MONTHS)]


def add_up(env):
    env["fulfilment.profile.month"]._add_up(env.company, fields.Date.today())
    env.cr.commit()


def from_history(env):
    """Read what the charts would ask for without the months added up."""
    env["fulfilment.profile.history"]._read_group(
        [("company_id", "=", env.company.id), ("date", "in", month_ends()[:12])], ["date:day"],
        ["receivable_overdue:sum", "revenue_12m:sum", "payment_count:sum", "on_time_payment_rate:avg", "satisfaction_avg:avg"],
    )
