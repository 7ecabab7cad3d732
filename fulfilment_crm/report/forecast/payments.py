"""What the ledger says of how instalments were paid, and which were open on the evening of a day: nothing later is read."""
from datetime import timedelta
from typing import NamedTuple

from odoo.tools import SQL

WINDOW = 730  # days of payments that are looked at
EARLIEST, LATEST = -365, 730  # delays beyond count as these
UNITS = 2 ** 20  # weights are whole numbers of these, so that sums do not depend on the order of rows


class Ledger(NamedTuple):
    """Where to look: companies, receivable accounts and the journals money comes by, as ids, and the day."""
    companies: list
    accounts: list
    journals: list
    day: object

    def instalments(self, line):
        """Return the condition for a line to be an instalment, as figures of profiles count it."""
        return SQL(
            """%(line)s.account_id = ANY(%(accounts)s) AND %(line)s.company_id = ANY(%(companies)s) AND %(line)s.parent_state = 'posted'
               AND %(line)s.balance > 0 AND %(line)s.journal_id != ALL(%(journals)s)
               AND NOT EXISTS (SELECT 1 FROM account_partial_reconcile part WHERE part.exchange_move_id = %(line)s.move_id)""",
            line=SQL.identifier(line), accounts=self.accounts, companies=self.companies, journals=self.journals,
        )

    def payments(self, partners=None):
        """Select what was paid of instalments, share by share; credits and write-offs are no payments."""
        return SQL(
            """
            SELECT partner.commercial_partner_id AS partner_id, COALESCE(line.date_maturity, line.date) AS due, part.max_date AS day,
                   LEAST(GREATEST(part.max_date - COALESCE(line.date_maturity, line.date), %(earliest)s), %(latest)s) AS delay,
                   LEAST(part.amount / line.balance, 1) AS share
              FROM account_partial_reconcile part
              JOIN account_move_line line ON line.id = part.debit_move_id
              JOIN account_move_line credit
                   ON credit.id = part.credit_move_id AND credit.journal_id = ANY(%(journals)s) AND credit.account_id = ANY(%(accounts)s)
              JOIN res_partner partner ON partner.id = line.partner_id
             WHERE part.max_date > %(since)s AND part.max_date <= %(day)s AND %(instalment)s AND %(of)s
            """, earliest=EARLIEST, latest=LATEST, journals=self.journals, accounts=self.accounts, day=self.day,
            since=self.day - timedelta(days=WINDOW), instalment=self.instalments('line'), of=self._of(partners),
        )

    def open_lines(self, partners=None):
        """Select what was open on the evening of the day: what is open now, and what was settled since."""
        return SQL(
            """
            SELECT line.id, partner.commercial_partner_id AS partner_id, line.company_id, COALESCE(line.date_maturity, line.date) AS due,
                   line.amount_residual + COALESCE(later.amount, 0) AS amount
              FROM account_move_line line
              JOIN res_partner partner ON partner.id = line.partner_id
         LEFT JOIN (SELECT debit_move_id, sum(amount) AS amount FROM account_partial_reconcile WHERE max_date > %(day)s GROUP BY 1) later
                   ON later.debit_move_id = line.id
             WHERE (line.reconciled IS NOT TRUE OR later.amount > 0) AND line.amount_residual + COALESCE(later.amount, 0) > 0
               AND line.date <= %(day)s AND %(instalment)s AND %(of)s
            """, day=self.day, instalment=self.instalments('line'), of=self._of(partners),
        )

    def weight(self, half_life):
        """Add up what each ``payment`` weighs: its share, half of it after ``half_life`` days."""
        return SQL(
            "sum(round((power(0.5, (%(day)s - payment.day) / %(half)s::float8) * payment.share::float8 * %(units)s)::numeric))::bigint",
            day=self.day, half=half_life, units=UNITS,
        )

    def _of(self, partners):
        """Keep to customers: contacts are named, so that the database can go by their lines."""
        return SQL("TRUE") if partners is None else SQL(
            "line.partner_id = ANY(ARRAY(SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)))", list(partners),
        )


def like_counts(cr, ledger, limits, half_life, days_off):
    """Count by kinds of customers how long they took, recent payments more, and how long is waited for what is open.

    The kind of a customer is the place of its median delay among the limits, or -1 where it has paid nothing.

    :param limits: in days, ascending
    :param days_off: ``{day worked: days off just before it}``, where there are any
    :return: ``[(kind, delay, days off before, weight)]``, ``[(kind, days since due, weight)]``, with None as a kind for all; and the mean
        delay over all payments, or None
    """
    kind = SQL("CASE %s ELSE %s END", SQL(" ").join(
        SQL("WHEN count(*) FILTER (WHERE delay <= %s) * 2 >= count(*) THEN %s", limit, number) for number, limit in enumerate(limits)
    ), len(limits))
    cr.execute(SQL(
        """
        CREATE TEMPORARY TABLE fulfilment_forecast_payer ON COMMIT DROP AS
        SELECT partner_id, %(kind)s AS kind, sum(delay) AS days, count(*) AS number FROM (%(payments)s) payment GROUP BY partner_id
        """, kind=kind, payments=ledger.payments(),
    ))
    cr.execute("SELECT sum(days)::float8 / sum(number) FROM fulfilment_forecast_payer")
    [mean] = cr.fetchone()
    cr.execute(SQL(
        """
        SELECT payer.kind, payment.delay, COALESCE(before.off, 0), %(weight)s
          FROM (%(payments)s) payment
          JOIN fulfilment_forecast_payer payer ON payer.partner_id = payment.partner_id
     LEFT JOIN (VALUES %(off)s) AS before (day, off) ON before.day = payment.day
      GROUP BY 1, 2, 3
        """, weight=ledger.weight(half_life), payments=ledger.payments(), off=_values(days_off),
    ))
    paid = [(kind, delay, before, weight / UNITS) for kind, delay, before, weight in cr.fetchall()]
    cr.execute(SQL(
        """
        SELECT COALESCE(payer.kind, -1), %(day)s - line.due, count(*)
          FROM (%(lines)s) line
     LEFT JOIN fulfilment_forecast_payer payer ON payer.partner_id = line.partner_id
      GROUP BY 1, 2
        """, day=ledger.day, lines=ledger.open_lines(),
    ))
    waiting = cr.fetchall()
    cr.execute("DROP TABLE fulfilment_forecast_payer")
    return paid, waiting, mean


def _values(days_off):
    return SQL(", ").join(SQL("(%s::date, %s)", day, number) for day, number in days_off.items()) if days_off else SQL("(NULL::date, 0)")


def customers_with_open(cr, ledger):
    """Return the customers something was open of, as ids in order."""
    cr.execute(SQL("SELECT DISTINCT partner_id FROM (%s) line ORDER BY partner_id", ledger.open_lines()))
    return [partner for [partner] in cr.fetchall()]


def payments_of(cr, ledger, partners, half_life, days_off):
    """Return how customers have paid.

    :return: ``{partner: [(delay, days off before, weight, payments)]}`` in the order of delays, and ``{partner: {day: payments}}``, days
        as ordinals
    """
    cr.execute(SQL(
        """
        WITH payment AS MATERIALIZED (%(payments)s)
        SELECT payment.partner_id, payment.delay, COALESCE(before.off, 0) AS off, NULL AS day, %(weight)s, count(*)
          FROM payment
     LEFT JOIN (VALUES %(off)s) AS before (day, off) ON before.day = payment.day
      GROUP BY 1, 2, 3
     UNION ALL
        SELECT partner_id, NULL, NULL, day - DATE '0001-01-01' + 1, NULL, count(*) FROM payment GROUP BY partner_id, day
      ORDER BY 1, 2, 3, 4
        """, payments=ledger.payments(partners), off=_values(days_off), weight=ledger.weight(half_life),
    ))
    counted, days = {}, {}
    for partner, delay, off, day, weight, number in cr.fetchall():
        if day is None:
            counted.setdefault(partner, []).append((delay, off, weight / UNITS, number))
        else:
            days.setdefault(partner, {})[day] = number
    return counted, days


def each_payment_of(cr, ledger, partners, half_life):
    """Return the payments of customers one by one: ``{partner: [(due, day, weight)]}``, days as ordinals, in their order."""
    cr.execute(SQL(
        """
        SELECT partner_id, due - DATE '0001-01-01' + 1, day - DATE '0001-01-01' + 1, %(weight)s
          FROM (%(payments)s) payment GROUP BY partner_id, due, day ORDER BY partner_id, day, due
        """, payments=ledger.payments(partners), weight=ledger.weight(half_life),
    ))
    found = {}
    for partner, due, day, weight in cr.fetchall():
        found.setdefault(partner, []).append((due, day, weight / UNITS))
    return found


def open_of(cr, ledger, partners):
    """Return what was open of customers: ``{partner: [(line, company, due as ordinal, amount)]}``, in the order of due dates."""
    cr.execute(SQL(
        """
        SELECT partner_id, id, company_id, due - DATE '0001-01-01' + 1, amount::float8
          FROM (%s) line ORDER BY partner_id, due, id
        """, ledger.open_lines(partners),
    ))
    found = {}
    for partner, *line in cr.fetchall():
        found.setdefault(partner, []).append(tuple(line))
    return found


def held_of(cr, ledger, lines):
    """Return what was held of instalments: ``{line: [(kind, amount in the company's currency, day promised or answer due)]}``."""
    cr.execute(SQL(
        """
        SELECT hold.move_line_id, hold.kind, (hold.amount * line.balance / NULLIF(line.amount_currency, 0))::float8,
               COALESCE(promise.date_promised, dispute.date_answer_due) - DATE '0001-01-01' + 1
          FROM fulfilment_instalment_hold hold
          JOIN account_move_line line ON line.id = hold.move_line_id
     LEFT JOIN fulfilment_payment_promise promise ON promise.id = hold.promise_id
     LEFT JOIN fulfilment_dispute dispute ON dispute.id = hold.dispute_id
         WHERE hold.move_line_id = ANY(%(lines)s) AND hold.date_from <= %(day)s AND (hold.date_to IS NULL OR hold.date_to >= %(day)s)
      ORDER BY hold.id
        """, lines=lines, day=ledger.day,
    ))
    found = {}
    for line, *hold in cr.fetchall():
        found.setdefault(line, []).append(tuple(hold))
    return found


def promises_of(cr, ledger, partners=None):
    """Return how promises were kept whose days had passed: ``{partner: (kept, all)}``, of all customers under None."""
    cr.execute(SQL(
        """
        SELECT %(who)s, count(*) FILTER (WHERE state = 'kept'), count(*)
          FROM fulfilment_payment_promise
         WHERE company_id = ANY(%(companies)s) AND state IN ('kept', 'partly', 'broken') AND date_promised + grace_days < %(day)s
           AND %(of)s
      GROUP BY 1
        """, companies=ledger.companies, day=ledger.day, who=SQL("NULL::int") if partners is None else SQL("partner_id"),
        of=SQL("TRUE") if partners is None else SQL("partner_id = ANY(%s)", list(partners)),
    ))
    return {partner: (kept, every) for partner, kept, every in cr.fetchall()}


def settled(cr, ledger, lines, until):
    """Return when instalments were settled in full, and what came for them, after the day and up to another.

    :return: ``{line: day}`` of those that are, and ``{day: amount}``, days as ordinals
    """
    cr.execute(SQL(
        """
        SELECT part.debit_move_id, max(part.max_date) - DATE '0001-01-01' + 1
          FROM account_partial_reconcile part
          JOIN account_move_line line ON line.id = part.debit_move_id
         WHERE part.debit_move_id = ANY(%(lines)s) AND line.reconciled
      GROUP BY 1
        HAVING max(part.max_date) > %(day)s AND max(part.max_date) <= %(until)s
           AND bool_or(part.credit_move_id IN (SELECT id FROM account_move_line WHERE journal_id = ANY(%(journals)s)))
        """, lines=lines, day=ledger.day, until=until, journals=ledger.journals,
    ))
    days = dict(cr.fetchall())
    cr.execute(SQL(
        """
        SELECT part.max_date - DATE '0001-01-01' + 1, sum(part.amount)::float8
          FROM account_partial_reconcile part
          JOIN account_move_line credit ON credit.id = part.credit_move_id AND credit.journal_id = ANY(%(journals)s)
         WHERE part.debit_move_id = ANY(%(lines)s) AND part.max_date > %(day)s AND part.max_date <= %(until)s
      GROUP BY 1
        """, lines=lines, day=ledger.day, until=until, journals=ledger.journals,
    ))
    return days, dict(cr.fetchall())
