"""Money that came from customers, with what it was set against."""
from odoo.tools import SQL


def receipts_of(cr, partners, companies, accounts, journals, since):
    """Return the money that came from customers since a day, part by part.

    :param cr: cursor
    :param partners: ids of commercial partners
    :param companies: ids of the companies whose ledgers are read
    :param accounts: ids of the receivable accounts
    :param journals: ids of the journals money comes by
    :param date since: the first day
    :return: rows of customer, company, currency, day, moment of entry, instalment it was set against (None while it is not) and
        amount in that currency
    """
    cr.execute(SQL(
        """
        WITH money AS (
            SELECT credit.id, credit.date, credit.create_date, credit.company_id, credit.currency_id,
                   partner.commercial_partner_id AS partner_id, -credit.amount_residual_currency AS unmatched
              FROM account_move_line credit
              JOIN res_partner partner ON partner.id = credit.partner_id
             WHERE partner.commercial_partner_id = ANY(%(partners)s) AND credit.company_id = ANY(%(companies)s)
               AND credit.account_id = ANY(%(accounts)s) AND credit.journal_id = ANY(%(journals)s)
               AND credit.parent_state = 'posted' AND credit.balance < 0 AND credit.date >= %(since)s
        )
        SELECT partner_id, company_id, currency_id, date, create_date, NULL AS line_id, unmatched AS amount
          FROM money WHERE unmatched > 0
     UNION ALL
        SELECT money.partner_id, money.company_id, debit.currency_id, money.date, money.create_date, debit.id,
               part.debit_amount_currency
          FROM money
          JOIN account_partial_reconcile part ON part.credit_move_id = money.id
          JOIN account_move_line debit ON debit.id = part.debit_move_id AND debit.journal_id != ALL(%(journals)s)
        """,
        partners=list(partners), companies=list(companies), accounts=list(accounts), journals=list(journals), since=since,
    ))
    return cr.fetchall()
