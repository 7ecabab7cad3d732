"""The profile and the credit room over a ledger of years, against one statement written by hand and against Odoo without the addon."""

import resource
from pathlib import Path

from lxml import etree

from odoo import fields

from odoo.addons.fulfilment_crm.models.credit.gate import DECISIVE

from .ledger import Ledger
from .ledger_checks import check
from .measure import Row, best, measured

TITLE = (
    "Profiles of {customers:,} customers with ten invoices each (each: a customer; ratio: to the bare statement, of 1 % changed to the "
    "full run, of the assessment to the full run)"
)
BARE = (Path(__file__).parent / "bare_payments.sql").read_text(encoding="utf-8")
TIMES = 3


def run(env, options):
    number = options.customers
    ledger = Ledger(env)
    customers = ledger.customers(number)
    check(env, customers)
    profiles, company, today = env["fulfilment.profile"], env.company, fields.Date.today()
    bare = best_of(env, "one bare statement, payment figures only", lambda: plain(env), number)
    memory = peak()
    first = best_of(env, "full refresh, all figures, no profile yet", profiles._refresh, number, before=lambda: forget(env))
    env.cr.execute("ANALYZE fulfilment_profile")
    again = best_of(env, "full refresh, nothing changed", profiles._refresh, number)
    if rewritten(env, profiles._refresh):
        raise AssertionError("the repeated refresh rewrote rows")
    grown = peak() - memory
    nightly = measured(
        env, "nightly round with standings, in transactions", lambda: profiles._round_all(opened(env), company, today), number,
    )
    tomorrow = measured(env, "full refresh, the next day", lambda: profiles._refresh(as_of=fields.Date.add(today, days=1)), number)
    profiles._refresh()
    since = fields.Datetime.now()
    changed = list(customers)[:: 100]
    ledger.invoice_more(changed)
    partial = measured(
        env, f"1 % changed: found and refreshed ({len(changed)})", lambda: refresh_changed(env, company, since), len(changed),
    )
    several = list(customers)[1:: number // 40]
    refresh_each(env, company, several[:5])
    one = measured(env, "one customer live, all figures", lambda: refresh_each(env, company, several), len(several))
    decisive = measured(env, "one customer live, what an order is decided by", lambda: decide_each(env, company, several), len(several))
    assessment = assess(env, number)
    pages = profiles.search([("partner_id", "in", several)])
    page = measured(env, "page of a customer, all it shows", lambda: open_each(env, pages), len(pages))
    views = [
        best(env, "list of profiles, 80 rows", lambda: profiles.search_fetch([], SHOWN, limit=80).read(SHOWN)),
        best(env, "profiles grouped by tier", lambda: profiles.formatted_read_group([], ["tier_id"], ["revenue_12m:sum", "__count"])),
        best(env, "profiles grouped by grade", lambda: profiles.formatted_read_group([], ["credit_grade_id"], ["exposure:sum", "__count"])),
    ]
    for row in (first, again, nightly, tomorrow):
        row.ratio = row.to(bare)
    partial.ratio, assessment.ratio = partial.to(first), assessment.to(first)
    env.cr.commit()
    kept = Row(f"memory of the process grown by {grown / 1024:.0f} MB, of which {grown / number:.1f} kB a customer", 0.0, 0.0, 0)
    return [bare, first, again, nightly, tomorrow, partial, one, decisive, assessment, page, *views, kept]


SHOWN = [
    "partner_id", "tier_id", "credit_grade_id", "revenue_12m", "exposure", "credit_used", "receivable_overdue", "on_time_payment_rate",
    "user_id",
]


def best_of(env, what, work, number, before=lambda: None):
    """Return the quickest of a few goes, each after what has to come before it, which is not counted."""
    rows = []
    for _go in range(TIMES):
        before()
        rows.append(measured(env, what, work, number))
    return min(rows, key=lambda row: row.processor)


def plain(env):
    env.cr.execute("DROP TABLE IF EXISTS bare_payments")
    env.cr.execute(BARE)


def forget(env):
    env.cr.execute("DELETE FROM fulfilment_profile")
    env.invalidate_all(flush=False)


def rewritten(env, work):
    """How many rows of profiles a piece of work wrote."""
    count = "SELECT n_tup_ins + n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'fulfilment_profile'"
    env.cr.execute(count)
    [before] = env.cr.fetchone()
    work()
    env.cr.execute(count)
    return env.cr.fetchone()[0] - before


def refresh_changed(env, company, since):
    profiles = env["fulfilment.profile"]
    profiles._refresh(env["res.partner"].browse(profiles._changed_partners(company, since)), companies=company)


def refresh_each(env, company, partner_ids):
    for partner_id in partner_ids:
        env["fulfilment.profile"]._refresh(env["res.partner"].browse(partner_id), companies=company)


def decide_each(env, company, partner_ids):
    for partner_id in partner_ids:
        env["fulfilment.profile"]._live(env["res.partner"].browse(partner_id), company, DECISIVE)


def open_each(env, pages):
    """Read each page as the web client does, with nothing of the one before in memory."""
    form = etree.fromstring(pages.get_view(view_type="form")["arch"])
    wanted = {}
    for node in form.iter("field"):
        if any(one.tag == "field" for one in node.iterancestors()):
            continue
        field, inner = pages._fields[node.get("name")], node.find("list")
        wanted[node.get("name")] = {} if not field.relational else {
            "fields": {"display_name": {}} if inner is None else {one.get("name"): {} for one in inner.iter("field")},
        }
    for page_id in pages.ids:
        env.invalidate_all()
        # Alone: of several, Odoo would compute them all for each.
        pages.browse(page_id).with_context(tz="UTC", lang="en_US").web_read(wanted)


def opened(env):
    return env["fulfilment.run"]._open("profile")


def assess(env, number):
    """Measure the quarterly round over everybody: scored, graded, written down, credit lines made."""
    assessments, company, today = env["fulfilment.credit.assessment"], env.company, fields.Date.today()
    row = measured(env, "quarterly assessment of all", lambda: assessments._round_quarter(opened(env), company, today), number)
    if assessments.search_count([]) < number * 0.9:
        raise AssertionError("not all customers were assessed")
    return row


def peak():
    """Return the most memory this process has held so far, in kB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
