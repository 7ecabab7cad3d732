"""What is owed: lists and totals of instalments against the same asked by hand, statement, whom to call, forecast, and the round of
strategies."""

from odoo import fields
from odoo.tools import SQL, split_every

from odoo.addons.fulfilment_crm.models.forecast.forecaster import Forecaster

from .ledger import Ledger
from .measure import best, measured

TITLE = "Instalments of {customers:,} customers (quickest of five; ratio: to the same by hand, without the parts of contracts)"
SHOWN = ["date_due", "partner_id", "move_name", "contract_id", "days_overdue", "amount", "amount_open", "user_id"]
ONE = """
    SELECT line.id, COALESCE(line.date_maturity, line.date) AS due, partner.commercial_partner_id, move.name, line.amount_currency,
           line.amount_residual_currency, GREATEST(CURRENT_DATE - COALESCE(line.date_maturity, line.date), 0)
      FROM account_move_line line
      JOIN account_move move ON move.id = line.move_id
      JOIN res_partner partner ON partner.id = line.partner_id
      JOIN account_account account ON account.id = line.account_id AND account.account_type = 'asset_receivable'
      JOIN account_journal journal ON journal.id = line.journal_id AND journal.type NOT IN ('bank', 'cash', 'credit')
     WHERE line.parent_state = 'posted' AND line.balance > 0 AND line.reconciled IS NOT TRUE
       AND NOT EXISTS (SELECT 1 FROM account_partial_reconcile part WHERE part.exchange_move_id = line.move_id)
"""
OF_ONE = ONE + "AND partner.commercial_partner_id = %s ORDER BY due, line.id LIMIT 80"
TOTALS = """
    SELECT CASE WHEN due >= CURRENT_DATE THEN 0 WHEN due >= CURRENT_DATE - 30 THEN 1 WHEN due >= CURRENT_DATE - 60 THEN 2
                WHEN due >= CURRENT_DATE - 90 THEN 3 ELSE 4 END AS bucket, sum(residual), count(*)
      FROM (SELECT COALESCE(line.date_maturity, line.date) AS due, line.amount_residual AS residual %s) instalment
  GROUP BY bucket
""" % ONE[ONE.index("FROM account_move_line"):]


def run(env, options):
    customers = list(Ledger(env).customers(options.customers))
    env["fulfilment.profile"]._refresh()
    env.cr.execute("ANALYZE fulfilment_profile")
    instalments, customer = env["fulfilment.instalment"], customers[len(customers) // 2]
    of_one = [("partner_id", "=", customer), ("is_open", "=", True)]
    by_hand = best(env, "one customer, by hand", lambda: asked(env, OF_ONE, [customer]))
    listed = best(env, "one customer, list", lambda: instalments.search_read(of_one, SHOWN, limit=80))
    totals = best(env, "totals by age, by hand", lambda: asked(env, TOTALS))
    open_ones = [("is_open", "=", True)]
    rows = [
        best(env, f"totals by {name}", lambda name=name: instalments.formatted_read_group(
            open_ones, [name], ["company_amount_open:sum", "__count"],
        )) for name in ("age_bucket", "user_id", "date_due:month")
    ]
    first = best(env, "first 80 of all that is open", lambda: instalments.search_read(open_ones, SHOWN, limit=80))
    listed.ratio = listed.to(by_hand)
    for row in rows:
        row.ratio = row.to(totals)
    return [by_hand, listed, totals, *rows, first, *around_one(env, customer), *forecast(env), *strategies(env)]


def around_one(env, customer):
    """Measure the statement of a customer, and whom to call first of all."""
    partner, day = env["res.partner"].browse(customer), fields.Date.today()
    work = env["fulfilment.collection.work"]
    return [
        best(env, "statement of one customer", lambda: env["fulfilment.statement"]._get_lines(partner, env.company, day)),
        best(env, "first 80 to be called", lambda: work.search_read([], ["partner_id", "amount", "days", "explanation"], limit=80)),
    ]


def forecast(env):
    """Measure what is forecast of all open instalments, against one pass over the payments that adds them up by customer."""
    company, day = env.company, fields.Date.today()
    made = []

    def prepare():
        made[:] = [Forecaster(company, day)]

    def pass_over():
        return asked(env, SQL("SELECT partner_id, count(*), avg(delay) FROM (%s) payment GROUP BY 1", made[0].ledger.payments()))

    alone = measured(env, "forecast: what all customers have in common", prepare)
    once = best(env, "one pass over the payments by customer", pass_over)
    profiles = env["fulfilment.profile"].search([
        ("company_id", "=", company.id), ("partner_id", "in", made[0].customers()),
    ])
    forecasts = env["fulfilment.payment.forecast"]

    def work():
        for some in split_every(1000, profiles.ids):
            forecasts._forecast_slice(made[0], "forecast", profiles.browse(some))
        env["fulfilment.cash.forecast"]._add_up(made[0], "forecast")

    every = measured(env, "forecast of all open instalments", work)
    every.number = forecasts.search_count([])
    every.what = f"forecast of {every.number:,} open instalments"
    alone.ratio, every.ratio = alone.to(once), every.to(once)
    month_end = env["fulfilment.forecast.score"]._month_ends(day, 4)[0]
    score = measured(env, "back-test of one month end", lambda: env["fulfilment.forecast.score"]._scored(company, month_end, day))
    score.ratio = score.to(once)
    return [once, alone, every, score]


def strategies(env):
    """Measure the daily round: the first of all, the same day again, and the next day, when little is due."""
    env.cr.execute("UPDATE res_partner SET email = 'customer' || id || '@example.com' WHERE email IS NULL")
    env.invalidate_all()
    company, promises, letters = env.company, env["fulfilment.payment.promise"], env["fulfilment.reminder"]
    company.fulfilment_collection = True
    sent = [("step_id", "!=", False)]

    def round_of(what, days=0):
        before = letters.search_count(sent)
        row = measured(env, what, lambda: promises._cron_collection(as_of=fields.Date.add(fields.Date.today(), days=days)))
        row.number = letters.search_count(sent) - before
        row.what = f"{what}: {row.number:,} letters and calls"
        return row

    first, again, following = round_of("first round"), round_of("the same day again"), round_of("the next day", 1)
    again.ratio = again.to(first)
    return [first, again, following]


def asked(env, query, values=()):
    env.cr.execute(query, values or None)
    return env.cr.fetchall()
