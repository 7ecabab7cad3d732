from odoo import api, fields, models
from odoo.tools import SQL

from ...models.profile.scope import MONEY_JOURNALS

LEDGER = 'account.group_account_readonly,account.group_account_invoice'
BUCKETS = ('current', 'first', 'second', 'third', 'beyond')  # between the limits that the company sets
PLACES = 1000  # contracts of one invoice, at most: an instalment is known by its line and its contract's place


class FulfilmentInstalment(models.Model):
    """What is owed, line by line of the ledger and share by share of a contract; read from it whenever it is asked, and written by nobody.

    An instalment is a posted debit line on a receivable account that is neither a payment nor a difference of exchange rates, as the
    figures of profiles count it. Where an invoice bills orders of several contracts, its instalments are split by what each has in it; what
    belongs to none is an instalment without a contract. With a date as ``as_of`` in the context they are as on the evening of that day:
    what was settled since is open.
    """
    _name = 'fulfilment.instalment'
    _description = 'Instalment owed'
    _auto = False
    _order = 'date_due, id'
    _rec_name = 'move_name'
    # Written to the database before it is searched.
    _depends = {
        'account.move': ['name', 'invoice_date', 'move_type', 'fulfilment_contract_id'],
        'account.move.line': [
            'account_id', 'amount_currency', 'amount_residual', 'amount_residual_currency', 'balance', 'company_id', 'currency_id', 'date',
            'date_maturity', 'display_type', 'journal_id', 'parent_state', 'partner_id', 'price_total', 'reconciled', 'sale_line_ids',
        ],
        'account.partial.reconcile': ['amount', 'debit_amount_currency', 'debit_move_id', 'exchange_move_id', 'max_date'],
        'fulfilment.contract': ['commercial_partner_id'],
        'fulfilment.instalment.hold': ['amount', 'date_from', 'date_to', 'kind', 'move_line_id'],
        'fulfilment.profile': ['company_id', 'partner_id', 'user_id'],
        'res.partner': ['commercial_partner_id', 'user_id'],
        'sale.order': ['fulfilment_contract_id', 'partner_id', 'partner_invoice_id'],
        'sale.order.line': ['order_id'],
    }

    move_line_id = fields.Many2one('account.move.line', readonly=True, groups=LEDGER)
    move_id = fields.Many2one('account.move', string="Invoice or entry", readonly=True, groups=LEDGER)
    move_name = fields.Char(string="Invoice", readonly=True)
    contract_id = fields.Many2one('fulfilment.contract', readonly=True)
    partner_id = fields.Many2one('res.partner', string="Customer", readonly=True)
    user_id = fields.Many2one('res.users', string="Responsible", readonly=True, help="Of the customer.")
    company_id = fields.Many2one('res.company', readonly=True)
    currency_id = fields.Many2one('res.currency', readonly=True)
    company_currency_id = fields.Many2one('res.currency', string="Currency of the company", readonly=True)
    date_invoice = fields.Date(string="Invoiced on", readonly=True)
    date_due = fields.Date(string="Due", readonly=True)
    amount = fields.Monetary(readonly=True)
    amount_open = fields.Monetary(string="Open", readonly=True)
    company_amount = fields.Monetary(string="Amount in the company's currency", currency_field='company_currency_id', readonly=True)
    company_amount_open = fields.Monetary(
        string="Open in the company's currency", currency_field='company_currency_id', readonly=True,
    )
    amount_disputed = fields.Monetary(string="Disputed", readonly=True, help="Open, and not accepted by the customer.")
    amount_promised = fields.Monetary(
        string="Promised", readonly=True, help="Open, not disputed, and promised for a day that has not passed.",
    )
    amount_dunnable = fields.Monetary(string="To be asked for", readonly=True, help="Open, less what is disputed or promised.")
    company_amount_disputed = fields.Monetary(
        string="Disputed, in the company's currency", currency_field='company_currency_id', readonly=True,
    )
    company_amount_promised = fields.Monetary(
        string="Promised, in the company's currency", currency_field='company_currency_id', readonly=True,
    )
    company_amount_dunnable = fields.Monetary(
        string="To be asked for, in the company's currency", currency_field='company_currency_id', readonly=True,
    )
    is_open = fields.Boolean(readonly=True)
    days_overdue = fields.Integer(
        readonly=True, aggregator='max',
        help="Days since it was due, by the day of its company; 0 when it is not due, or not open any more.",
    )
    age_bucket = fields.Selection(selection='_selection_age_bucket', string="Age", readonly=True)

    @api.model
    def _selection_age_bucket(self):
        """Return the ages as the company names them: by the limits of its settings."""
        first, second, third = self.env.company._fulfilment_age_limits()
        spans = [(1, first), (first + 1, second), (second + 1, third)]
        return [
            ('current', self.env._("Not due")),
            *((key, self.env._("%(first)s–%(last)s days", first=start, last=end)) for key, (start, end) in zip(
                BUCKETS[1:4], spans, strict=True,
            )),
            ('beyond', self.env._("Over %s days", third)),
        ]

    @api.model
    def _as_of(self):
        """Return the day asked about: the date in the context, or None for now."""
        return fields.Date.to_date(self.env.context.get('as_of') or None)

    @property
    def _table_query(self):
        """What is disputed comes off what is open first, then what is promised; the rest is asked for."""
        return SQL(
            """
            SELECT id, move_line_id, move_id, move_name, contract_id, partner_id, user_id, company_id, currency_id, company_currency_id,
                   date_invoice, date_due, amount, amount_open, company_amount, company_amount_open,
                   amount_disputed, amount_promised, amount_open - amount_disputed - amount_promised AS amount_dunnable,
                   company_amount_disputed, company_amount_promised,
                   company_amount_open - company_amount_disputed - company_amount_promised AS company_amount_dunnable,
                   is_open, days_overdue, age_bucket
              FROM (%(rows)s) row
 CROSS JOIN LATERAL (
                   SELECT CASE WHEN disputed IS NULL THEN 0 ELSE GREATEST(LEAST(disputed, amount_open), 0) END AS amount_disputed
                   ) one
 CROSS JOIN LATERAL (
                   SELECT CASE WHEN promised IS NULL THEN 0 ELSE GREATEST(LEAST(promised, amount_open - amount_disputed), 0) END
                       AS amount_promised
                   ) two
 CROSS JOIN LATERAL (
                   SELECT CASE WHEN amount_disputed = 0 THEN 0
                               ELSE round(company_amount_open * amount_disputed / amount_open, places) END AS company_amount_disputed,
                          CASE WHEN amount_promised = 0 THEN 0
                               ELSE round(company_amount_open * amount_promised / amount_open, places) END AS company_amount_promised
                   ) three
            """, rows=self._rows_sql(),
        )

    @api.model
    def _rows_sql(self):
        """Select the instalments, or the contracts' parts of them, with what is held of each."""
        day = self._as_of()
        # safe: which accounts and journals there are, and which day it is where; rows are for the rules of access to tell
        known = self.env['account.account'].sudo()
        accounts = known.with_context(active_test=False).search([('account_type', '=', 'asset_receivable')])
        journals = known.env['account.journal'].with_context(active_test=False).search([('type', 'in', MONEY_JOURNALS)])
        companies = known.env['res.company'].with_context(active_test=False).search([])
        today = companies._fulfilment_today()
        values = SQL(", ").join(SQL(
            "(%s, %s, %s::date, %s, %s, %s)", company.id, company.root_id.id, day or today[company], *company._fulfilment_age_limits(),
        ) for company in companies)
        later = SQL(
            """
            LEFT JOIN LATERAL (
                 SELECT COALESCE(sum(debit_amount_currency), 0) AS amount_currency, COALESCE(sum(amount), 0) AS amount
                   FROM account_partial_reconcile WHERE debit_move_id = line.id AND max_date > %s
            ) later ON TRUE
            """, day,
        ) if day else SQL()
        added = (SQL(" + later.amount_currency"), SQL(" + later.amount")) if day else (SQL(), SQL())
        return SQL(
            """
            SELECT line.id::bigint * %(places)s + COALESCE(part.place, 0) AS id,
                   line.id AS move_line_id, line.move_id, move.name AS move_name,
                   part.contract_id, partner.commercial_partner_id AS partner_id, COALESCE(profile.user_id, customer.user_id) AS user_id,
                   line.company_id, line.currency_id, line.company_currency_id,
                   COALESCE(move.invoice_date, line.date) AS date_invoice, COALESCE(line.date_maturity, line.date) AS date_due,
                   %(amount)s AS amount, %(amount_open)s AS amount_open,
                   %(company_amount)s AS company_amount, %(company_amount_open)s AS company_amount_open,
                   %(disputed)s AS disputed, %(promised)s AS promised, company_currency.decimal_places AS places,
                   %(is_open)s AS is_open,
                   CASE WHEN %(is_open)s THEN GREATEST(own.today - COALESCE(line.date_maturity, line.date), 0) ELSE 0 END AS days_overdue,
                   CASE WHEN NOT %(is_open)s THEN NULL
                        WHEN own.today - COALESCE(line.date_maturity, line.date) <= 0 THEN 'current'
                        WHEN own.today - COALESCE(line.date_maturity, line.date) <= own.first THEN 'first'
                        WHEN own.today - COALESCE(line.date_maturity, line.date) <= own.second THEN 'second'
                        WHEN own.today - COALESCE(line.date_maturity, line.date) <= own.third THEN 'third'
                        ELSE 'beyond' END AS age_bucket
              FROM account_move_line line
              JOIN account_move move ON move.id = line.move_id
              JOIN res_partner partner ON partner.id = line.partner_id
              JOIN res_partner customer ON customer.id = partner.commercial_partner_id
              JOIN res_currency currency ON currency.id = line.currency_id
              JOIN res_currency company_currency ON company_currency.id = line.company_currency_id
              JOIN (VALUES %(companies)s) AS own (company_id, root_id, today, first, second, third) ON own.company_id = line.company_id
         LEFT JOIN fulfilment_profile profile ON profile.partner_id = partner.commercial_partner_id AND profile.company_id = own.root_id
                   %(later)s
         LEFT JOIN (
                   SELECT hold.move_line_id, sum(hold.amount) FILTER (WHERE hold.kind = 'disputed') AS disputed,
                          sum(hold.amount) FILTER (WHERE hold.kind = 'promised') AS promised
                     FROM fulfilment_instalment_hold hold
                     JOIN (VALUES %(companies)s) AS own (company_id, root_id, today, first, second, third)
                          ON own.company_id = hold.company_id
                    WHERE hold.date_from <= own.today AND (hold.date_to IS NULL OR hold.date_to >= own.today)
                 GROUP BY hold.move_line_id
                   ) held ON held.move_line_id = line.id
         LEFT JOIN LATERAL (%(parts)s) part ON TRUE
             WHERE line.account_id = ANY(%(accounts)s) AND line.parent_state = 'posted' AND line.balance > 0
               AND line.journal_id != ALL(%(journals)s) AND %(dated)s
               AND NOT EXISTS (SELECT 1 FROM account_partial_reconcile part WHERE part.exchange_move_id = line.move_id)
            """,
            places=PLACES, companies=values, later=later, parts=self._parts_sql(), accounts=accounts.ids, journals=journals.ids,
            dated=SQL("line.date <= %s", day) if day else SQL("TRUE"),
            is_open=SQL("(line.amount_residual%s <> 0)", added[1]) if day else SQL("(line.reconciled IS NOT TRUE)"),
            disputed=_part_of(SQL("held.disputed"), SQL("currency")), promised=_part_of(SQL("held.promised"), SQL("currency")),
            amount=_part_of(SQL("line.amount_currency"), SQL("currency")),
            amount_open=_part_of(SQL("(line.amount_residual_currency%s)", added[0]), SQL("currency")),
            company_amount=_part_of(SQL("line.balance"), SQL("company_currency")),
            company_amount_open=_part_of(SQL("(line.amount_residual%s)", added[1]), SQL("company_currency")),
        )

    @api.model
    def _parts_sql(self):
        """Select the parts of the invoice of a ``line`` of a ``move``, one after the other: contract, place, where it begins and ends.

        Whoever linked the invoice to a contract by hand gave it all of it, if they are of one customer; else it is what its lines bill of
        orders of the contract (see ``_invoice_shares`` of contracts). No row where no contract has a part in it.
        """
        return SQL(
            """
            WITH share AS (
                SELECT contract.id AS contract_id, 1.0 AS share
                  FROM fulfilment_contract contract
                 WHERE contract.id = move.fulfilment_contract_id AND contract.commercial_partner_id = partner.commercial_partner_id
                   AND move.move_type = 'out_invoice'
             UNION ALL
                SELECT sale.fulfilment_contract_id,
                       LEAST(GREATEST(sum(billed.price_total) / NULLIF(
                           (SELECT sum(price_total) FROM account_move_line WHERE move_id = move.id AND display_type = 'product'), 0
                       ), 0), 1)
                  FROM account_move_line billed
                  JOIN LATERAL (
                       SELECT ordered.order_id FROM sale_order_line_invoice_rel link
                         JOIN sale_order_line ordered ON ordered.id = link.order_line_id
                        WHERE link.invoice_line_id = billed.id ORDER BY ordered.id LIMIT 1
                       ) first ON TRUE
                  JOIN sale_order sale ON sale.id = first.order_id
                  JOIN fulfilment_contract contract ON contract.id = sale.fulfilment_contract_id
                  JOIN res_partner payer ON payer.id = sale.partner_invoice_id
                  JOIN res_partner orderer ON orderer.id = sale.partner_id
                 WHERE move.fulfilment_contract_id IS NULL AND move.move_type = 'out_invoice' AND billed.move_id = move.id
                   AND billed.display_type = 'product' AND partner.commercial_partner_id IN (
                       contract.commercial_partner_id, payer.commercial_partner_id, orderer.commercial_partner_id)
              GROUP BY sale.fulfilment_contract_id
            )
            SELECT contract_id, row_number() OVER so_far AS place, LEAST(sum(share) OVER so_far - share, 1) AS starts,
                   CASE WHEN sum(share) OVER so_far < 0.999999 THEN sum(share) OVER so_far ELSE 1 END AS ends
              FROM share WHERE share > 0 WINDOW so_far AS (ORDER BY contract_id ROWS UNBOUNDED PRECEDING)
         UNION ALL
            SELECT NULL, 0, sum(share), 1 FROM share HAVING sum(share) < 0.999999
            """,
        )


def _part_of(amount, currency):
    """Return what a part has of an amount, to the unit of its currency: what the parts end at, less what they begin at, adds up to it."""
    return SQL(
        "CASE WHEN part.place IS NULL THEN %(amount)s ELSE round(%(amount)s * part.ends, %(currency)s.decimal_places)"
        " - round(%(amount)s * part.starts, %(currency)s.decimal_places) END", amount=amount, currency=currency,
    )
