"""Instalments on their way through collection: which come in, which are due to be looked at, what is set against nothing yet."""
from odoo.tools import SQL


def enter(cr, company, accounts, journals, until, since=None, partners=None):
    """Give positions to open instalments that have none, to be looked at on their due date less ``lead`` days.

    :param company: id of the company whose instalments come in
    :param accounts: ids of receivable accounts
    :param journals: ids of the journals money comes by
    :param date until: the last due date that comes in
    :param date since: due dates up to this one have come in already; None for none
    :param partners: ids of commercial partners to look at only
    :return: how many came in
    """
    cr.execute(SQL(
        """
        INSERT INTO fulfilment_collection_position (move_line_id, company_id, partner_id, next_on)
             SELECT line.id, line.company_id, partner.commercial_partner_id, COALESCE(line.date_maturity, line.date) - 365
               FROM account_move_line line
               JOIN res_partner partner ON partner.id = line.partner_id
              WHERE line.company_id = %(company)s AND line.account_id = ANY(%(accounts)s) AND line.parent_state = 'posted'
                AND line.balance > 0 AND line.reconciled IS NOT TRUE AND line.journal_id != ALL(%(journals)s)
                AND line.date_maturity <= %(until)s AND %(since)s AND %(partners)s
                AND NOT EXISTS (SELECT 1 FROM account_partial_reconcile part WHERE part.exchange_move_id = line.move_id)
        ON CONFLICT (move_line_id) DO NOTHING
        """,
        company=company, accounts=list(accounts), journals=list(journals), until=until,
        since=SQL("line.date_maturity > %s", since) if since else SQL("TRUE"),
        partners=SQL("partner.commercial_partner_id = ANY(%s)", list(partners)) if partners is not None else SQL("TRUE"),
    ))
    return cr.rowcount


def look_again(cr, company, partners, day):
    """Have positions of customers looked at again from a day on, which were settled, or had taken all steps."""
    cr.execute(SQL(
        """
        UPDATE fulfilment_collection_position position
           SET next_on = %(day)s
          FROM account_move_line line
         WHERE line.id = position.move_line_id AND position.company_id = %(company)s AND position.partner_id = ANY(%(partners)s)
           AND position.next_on IS NULL AND line.reconciled IS NOT TRUE
        """, day=day, company=company, partners=list(partners),
    ))


def credits_of(cr, companies, partners, accounts):
    """Return what stands to the credit of customers and is set against nothing: ``{(partner, company): amount}``, in its currency."""
    cr.execute(SQL(
        """
        SELECT partner.commercial_partner_id, line.company_id, -sum(line.amount_residual)
          FROM account_move_line line
          JOIN res_partner partner ON partner.id = line.partner_id
         WHERE partner.commercial_partner_id = ANY(%(partners)s) AND line.company_id = ANY(%(companies)s)
           AND line.account_id = ANY(%(accounts)s) AND line.parent_state = 'posted' AND line.balance < 0
           AND line.reconciled IS NOT TRUE
      GROUP BY partner.commercial_partner_id, line.company_id
        """, partners=list(partners), companies=list(companies), accounts=list(accounts),
    ))
    return {(partner, company): float(amount) for partner, company, amount in cr.fetchall()}
