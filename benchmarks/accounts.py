"""Money on customers' accounts, shared among what is due."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields

from .generator import World, clone
from .measure import best, measured

TITLE = "Accounts: {size:,} payments of contracts, money on every account (ratio: queries of 50 to those of 1; to a query; with to without)"
PAYMENTS = 200
OWED = """
    SELECT milestone.id, milestone.amount_open, (SELECT sum(-amount_residual) FROM account_move_line line
      JOIN account_account account ON account.id = line.account_id AND account.account_type = 'asset_receivable'
     WHERE line.partner_id = contract.commercial_partner_id AND line.parent_state = 'posted'
       AND line.reconciled IS NOT TRUE AND line.amount_residual < 0)
      FROM fulfilment_milestone milestone JOIN fulfilment_contract contract ON contract.id = milestone.contract_id
     WHERE milestone.state = 'pending'
  ORDER BY contract.commercial_partner_id, milestone.date_planned
"""


def run(env, options):
    world = World(env)
    payment(env, world.partner).action_post()
    milestone_ids = world.milestones(options.size, options.size // 2, "CURRENT_DATE - n % 60")
    milestones = env["fulfilment.milestone"].browse(milestone_ids)
    contracts = milestones.contract_id
    credit = env["account.move.line"].search([("partner_id", "=", world.partner.id), ("account_type", "=", "asset_receivable")], limit=1)
    customers = contracts.commercial_partner_id.ids
    clone(env, credit, len(customers), partner_id=f"{min(customers)} + n")
    env.cr.commit()

    def read(count):
        return measured(env, f"{count:,} contracts read", contracts[:count]._read_accounts, count)

    read(1)
    one, fifty, every = read(1), read(50), read(len(contracts))
    fifty.ratio = fifty.queries / one.queries
    again = read(len(contracts))
    again.what += ", nothing new"
    query = best(env, "one query for amounts and credit", lambda: env.cr.execute(OWED))
    again.ratio = again.to(query)
    payer = contracts[0].commercial_partner_id
    posted = measured(env, f"{PAYMENTS} payments posted", lambda: post(env, payer), PAYMENTS)
    with unhooked(env):
        bare = measured(env, f"{PAYMENTS} payments posted, accounts left alone", lambda: post(env, payer), PAYMENTS)
    posted.ratio = posted.to(bare)
    return [one, fifty, every, again, query, posted, bare]


def payment(env, partner, count=1):
    return env["account.payment"].create([{
        "payment_type": "inbound", "partner_type": "customer", "partner_id": partner.id, "amount": 100.0, "date": fields.Date.today(),
        "journal_id": env["account.journal"].search([("type", "=", "bank")], limit=1).id,
    } for _number in range(count)])


def post(env, partner):
    payment(env, partner, PAYMENTS).action_post()
    env.cr.flush()


@contextmanager
def unhooked(env):
    with patch.object(type(env["fulfilment.contract"]), "_accounts_changed", lambda *_arguments: None):
        yield
