"""The account of a customer as of a day: what a statement says, on paper, in Excel and on the portal."""
from datetime import date

from odoo.tools import SQL

from .instalment import BUCKETS

CREDITS = 'credits'  # payments and credit notes that are set against nothing yet


def statement_of(partner, company, as_of, date_from=None):
    """Return the account of a customer at the end of a day, as the ledger of that day has it.

    What was settled later counts as open; entries made since and dated before count. The buckets add up to the closing balance.

    :param partner: ``res.partner``; the customer with all contacts
    :param company: ``res.company``; its branches count in
    :param date as_of: the day
    :param date date_from: the first day whose entries are listed; what came before is the opening balance. The first of January of
        that year when missing.
    :return: dict of ``opening``, ``closing`` and ``overdue`` in the company's currency; ``lines``, each a dict of ``id`` (journal item),
        ``date``, ``due``, ``name``, ``ref``, ``kind`` (``invoice``, ``credit``, ``payment``, ``entry``), ``currency``,
        ``amount_currency``, ``debit``, ``credit``, ``balance`` (running) and ``open``; ``buckets``: ``{age: amount}``, unmatched
        credits among them; ``currencies``: ``{code: balance in it}``; ``names`` of company currency, customer and company
    """
    date_from = date_from or date(as_of.year, 1, 1)
    env, money = company.env, company.currency_id.round
    env.flush_all()
    # safe: the ledger of one customer; who may be told is checked by the callers
    accounts = env['account.account'].sudo().with_context(active_test=False).search([('account_type', '=', 'asset_receivable')])
    companies = env['res.company'].sudo().with_context(active_test=False).search([('id', 'child_of', company.ids)])
    first, second, third = company._fulfilment_age_limits()
    env.cr.execute(SQL(
        """
        WITH ledger AS (
            SELECT line.id, line.date, COALESCE(line.date_maturity, line.date) AS due, line.balance, line.amount_currency,
                   line.currency_id, line.move_id, line.journal_id, line.ref, line.amount_residual
                   + COALESCE((SELECT sum(amount) FROM account_partial_reconcile WHERE debit_move_id = line.id AND max_date > %(day)s), 0)
                   - COALESCE((SELECT sum(amount) FROM account_partial_reconcile WHERE credit_move_id = line.id AND max_date > %(day)s), 0)
                       AS open
              FROM account_move_line line
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE partner.commercial_partner_id = %(partner)s AND line.company_id = ANY(%(companies)s)
               AND line.account_id = ANY(%(accounts)s) AND line.parent_state = 'posted' AND line.date <= %(day)s
        )
        SELECT ledger.id, ledger.date, ledger.due, ledger.balance, ledger.amount_currency, currency.name, ledger.open, move.name,
               COALESCE(NULLIF(ledger.ref, ''), move.ref), move.move_type, journal.type
          FROM ledger
          JOIN account_move move ON move.id = ledger.move_id
          JOIN account_journal journal ON journal.id = ledger.journal_id
          JOIN res_currency currency ON currency.id = ledger.currency_id
      ORDER BY ledger.date, ledger.id
        """, day=as_of, partner=partner.commercial_partner_id.id, companies=companies.ids, accounts=accounts.ids,
    ))
    opening = running = overdue = 0.0
    lines, buckets, currencies = [], dict.fromkeys((*BUCKETS, CREDITS), 0.0), {}
    for line_id, day, due, balance, amount, currency, left, name, ref, move_type, journal in env.cr.fetchall():
        balance, amount, left, late = float(balance), float(amount), float(left), (as_of - due).days
        currencies[currency] = round(currencies.get(currency, 0.0) + amount, 6)
        if left < 0:
            age = CREDITS
        else:
            age = next((key for key, limit in zip(BUCKETS, (0, first, second, third), strict=False) if late <= limit), BUCKETS[-1])
        buckets[age] = money(buckets[age] + left)
        overdue += left if left > 0 and late > 0 else 0.0
        if day < date_from:
            opening = running = money(opening + balance)
            continue
        running = money(running + balance)
        lines.append({
            'id': line_id, 'date': day, 'due': due, 'name': name or '', 'ref': ref or '', 'kind': _kind(move_type, journal),
            'currency': currency, 'amount_currency': amount, 'debit': max(balance, 0.0), 'credit': max(-balance, 0.0),
            'balance': running, 'open': money(left),
        })
    return {
        'customer': partner.commercial_partner_id.name, 'company': company.name, 'currency': company.currency_id.name,
        'as_of': as_of, 'date_from': date_from, 'opening': opening, 'lines': lines, 'closing': running, 'overdue': money(overdue),
        'buckets': buckets, 'currencies': {code: amount for code, amount in currencies.items() if amount},
    }


def _kind(move_type, journal):
    if move_type in ('out_invoice', 'out_receipt'):
        return 'invoice'
    if move_type == 'out_refund':
        return 'credit'
    return 'payment' if journal in ('bank', 'cash', 'credit') else 'entry'


def bucket_names(company):
    """Return what the buckets of a statement are called, in the language of the company's environment: ``{key: name}``."""
    names = dict(company.env['fulfilment.instalment'].with_company(company)._selection_age_bucket())
    return {**names, CREDITS: company.env._("Not set against anything yet")}


def kind_names(env):
    """Return what the entries of a statement are called: ``{kind: name}``."""
    return {
        'invoice': env._("Invoice"), 'credit': env._("Credit note"), 'payment': env._("Payment"), 'entry': env._("Entry"),
    }
