"""Customers with a ledger of years: planned in temporary tables, stored in SQL as Odoo stores what its users make.

One document of each kind is made through Odoo and taken back; what Odoo had stored of it, every column, is the pattern of its copies.
"""

import contextlib
import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import fields, sql_db
from odoo.tools import SQL

YEARS = 3
TERM_DAYS = 30
TABLES = (
    "res_partner", "sale_order", "sale_order_line", "sale_order_line_invoice_rel", "account_tax_sale_order_line_rel", "account_move",
    "account_move_line", "account_move_line_account_tax_rel", "account_partial_reconcile", "account_full_reconcile",
)  # fmt: skip
PLANS = ("customer", "order", "bill", "document", "payment", "partial", "settled")

# Rhythm, size and discipline are the customer's own: orders come at about equal distances, one in ten customers has gone quiet.
CUSTOMERS = """
    CREATE TEMP TABLE plan_customer AS
    SELECT n, %(partner)s + n AS id, %(partner)s + CASE WHEN n %% 10 = 0 THEN %(count)s + n / 10 ELSE n END AS buyer_id,
        'Customer ' || %(partner)s + n AS name, orders, quiet, (%(days)s - 35 - quiet) / orders * least(0.4 + 2 * random(), 1) AS gap,
        exp(1.6 * (random() + random() + random() - 1.5)) AS size, CASE WHEN random() < 0.1 THEN 0.6 ELSE 0.108 END AS late
    FROM (
        SELECT n, 3 + floor(7 * random())::int AS orders, random() * CASE WHEN random() < 0.1 THEN 500 ELSE 100 END AS quiet
        FROM generate_series(0, %(count)s - 1) n
    ) drawn
"""
# Price: many small, few large (Pareto). Left over: what is ordered and not invoiced yet.
ORDERS = """
    CREATE TEMP TABLE plan_order AS
    SELECT drawn.*, %(order)s - 1 + n AS id, %(order_line)s - 1 + n AS line_id,
        'S' || lpad((%(number)s - 1 + n)::text, greatest(5, length((%(number)s - 1 + n)::text)), '0') AS name
    FROM (
        SELECT row_number() OVER (ORDER BY day, customer) AS n, drawn.* FROM (
            SELECT c.n AS customer, c.id AS partner_id, c.buyer_id, c.late,
                %(today)s - greatest(c.quiet + c.gap * (k + 0.25 * (random() - 0.5)), 0)::int AS day,
                least(round((25 * c.size * (1 - random()) ^ (-1 / 1.6))::numeric, 2), 100000) AS price, random() < 0.3 AS taxed,
                1 + (random() < 0.5)::int + (random() < 0.15)::int AS bills, CASE WHEN random() < 0.1 THEN 2 ELSE 0 END AS left_over
            FROM plan_customer c, generate_series(0, c.orders - 1) k
        ) drawn
    ) drawn
"""
# Paid: when, whether in two parts, what share at first; the credit note: how much of it, and whether it is matched.
BILLS = """
    CREATE TEMP TABLE plan_bill AS
    SELECT row_number() OVER (ORDER BY bill.day, bill.partner_id) AS n, bill.*, bill.day + %(term)s AS due,
        CASE WHEN random() < 0.05 THEN NULL
             WHEN random() < late THEN bill.day + %(term)s + 1 + floor(90 * random() ^ 2)::int
             ELSE bill.day + %(term)s - floor((%(term)s + 1) * random() ^ 3)::int END AS paid,
        CASE WHEN random() < 0.05 THEN 0.4 + 0.2 * random() END AS first_part,
        CASE WHEN random() < 0.02 AND bill.day + 5 <= %(today)s THEN CASE WHEN random() < 0.5 THEN quantity ELSE 1 END END AS credited,
        random() < 0.8 AS matched
    FROM (
        SELECT o.partner_id, o.buyer_id, o.late, o.n AS order_n, o.price, o.taxed, o.day + 2 + 25 * (b - 1) AS day,
            1 + floor(4 * random())::int AS quantity
        FROM plan_order o, generate_series(1, o.bills) b WHERE o.day + 2 + 25 * (b - 1) <= %(today)s
        UNION ALL
        SELECT c.id, c.buyer_id, c.late, NULL, least(round((25 * c.size * (1 - random()) ^ (-1 / 1.6))::numeric, 2), 100000), FALSE,
            %(today)s - floor(%(days)s * random())::int, 1
        FROM plan_customer c, generate_series(1, (random() < 0.6)::int) b
    ) bill
"""
MORE_BILLS = """
    CREATE TEMP TABLE plan_bill AS
    SELECT row_number() OVER (ORDER BY p.id) AS n, p.id AS partner_id, p.id AS buyer_id, NULL::bigint AS order_n,
        round((20 + 200 * random())::numeric, 2) AS price, random() < 0.3 AS taxed, %(today)s AS day, %(today)s + %(term)s AS due,
        1 AS quantity, NULL::date AS paid, NULL::float AS first_part, NULL::int AS credited, FALSE AS matched
    FROM res_partner p WHERE p.id = ANY(%(partners)s)
"""
# The lines of a document have ids in a row: product, tax, receivable.
DOCUMENTS = """
    CREATE TEMP TABLE plan_document AS
    SELECT drawn.*, base + tax AS total, sign * base AS signed_base, sign * tax AS signed_tax, sign * (base + tax) AS signed_total,
        %(move)s - 1 + m AS id, %(line)s + 3 * (m - 1) AS line_id,
        prefix || lpad(number::text, greatest(5, length(number::text)), '0') AS name
    FROM (
        SELECT drawn.*, row_number() OVER (ORDER BY drawn.day, drawn.n) AS m,
            coalesce(taken.number, 0) + row_number() OVER (PARTITION BY drawn.prefix ORDER BY drawn.day, drawn.n) AS number,
            quantity * price AS base, CASE WHEN taxed THEN round(quantity * price * %(rate)s / 100, 2) ELSE 0 END AS tax
        FROM (
            SELECT n, 1 AS sign, 'out_invoice' AS kind, partner_id, buyer_id, order_n, day, due, quantity, price, taxed, TRUE AS matched,
                'INV/' || extract(year FROM day) || '/' AS prefix
            FROM plan_bill
            UNION ALL
            SELECT n, -1, 'out_refund', partner_id, buyer_id, order_n, day + 5, day + 5 + %(term)s, credited, price, taxed, matched,
                'RINV/' || extract(year FROM day + 5) || '/'
            FROM plan_bill WHERE credited IS NOT NULL
        ) drawn
        LEFT JOIN (
            SELECT sequence_prefix AS prefix, max(sequence_number) AS number FROM account_move WHERE journal_id = %(sales)s GROUP BY 1
        ) taken USING (prefix)
    ) drawn
"""
# What is paid is the invoice less its matched credit note, by its date or, in two parts, ten days apart.
PAYMENTS = """
    CREATE TEMP TABLE plan_payment AS
    SELECT drawn.*, %(move)s - 1 + m AS id, %(line)s + 2 * (m - 1) AS line_id,
        prefix || lpad(number::text, greatest(5, length(number::text)), '0') AS name
    FROM (
        SELECT drawn.*, row_number() OVER (ORDER BY drawn.day, drawn.invoice_id) AS m, coalesce(taken.number, 0)
            + row_number() OVER (PARTITION BY drawn.prefix ORDER BY drawn.day, drawn.invoice_id) AS number
        FROM (
            SELECT drawn.*, %(bank)s || extract(year FROM day) || '/' AS prefix FROM ({payments}) drawn
            WHERE amount > 0 AND day <= %(today)s
        ) drawn
        LEFT JOIN (
            SELECT sequence_prefix AS prefix, max(sequence_number) AS number FROM account_move WHERE journal_id = %(journal)s GROUP BY 1
        ) taken USING (prefix)
    ) drawn
"""
PARTS = """
    SELECT invoice.id AS invoice_id, invoice.line_id + 2 AS invoice_line_id, invoice.partner_id, invoice.buyer_id, part.amount,
        greatest(invoice.day, part.day) AS day, invoice.day AS invoice_day
    FROM plan_document invoice
    JOIN plan_bill bill USING (n)
    LEFT JOIN plan_document refund ON refund.n = invoice.n AND refund.sign < 0 AND refund.matched
    CROSS JOIN LATERAL (SELECT invoice.total - coalesce(refund.total, 0) AS net) asked
    CROSS JOIN LATERAL (SELECT coalesce(round((asked.net * bill.first_part)::numeric, 2), 0) AS first) two
    CROSS JOIN LATERAL (VALUES (two.first, bill.paid - 10), (asked.net - two.first, bill.paid)) part (amount, day)
    WHERE invoice.sign > 0 AND bill.paid IS NOT NULL
"""
# The oldest open invoice of each.
OLDER = """
    SELECT DISTINCT ON (line.partner_id) line.move_id AS invoice_id, line.id AS invoice_line_id, line.partner_id,
        move.partner_id AS buyer_id, line.amount_residual AS amount, %(today)s AS day, move.date AS invoice_day
    FROM account_move_line line
    JOIN account_move move ON move.id = line.move_id
    WHERE line.partner_id = ANY(%(partners)s) AND line.display_type = 'payment_term' AND move.move_type = 'out_invoice'
        AND line.parent_state = 'posted' AND line.amount_residual > 0 AND NOT line.reconciled AND line.date < %(today)s
    ORDER BY line.partner_id, line.date_maturity, line.id
"""
PARTIALS = """
    CREATE TEMP TABLE plan_partial AS
    SELECT %(partial)s - 1 + row_number() OVER (ORDER BY day, credit_line_id) AS id, drawn.* FROM (
        SELECT invoice_id, invoice_line_id AS debit_line_id, line_id AS credit_line_id, amount, greatest(day, invoice_day) AS day,
            FALSE AS is_refund
        FROM plan_payment
        UNION ALL
        SELECT invoice.id, invoice.line_id + 2, refund.line_id + 2, refund.total, greatest(invoice.day, refund.day), TRUE
        FROM plan_document refund JOIN plan_document invoice ON invoice.n = refund.n AND invoice.sign > 0
        WHERE refund.sign < 0 AND refund.matched
    ) drawn
"""
SETTLED = """
    CREATE TEMP TABLE plan_settled AS
    SELECT settled.*, coalesce(full_id::text, 'P' || first_id) AS matching FROM (
        SELECT settled.*,
            CASE WHEN residual = 0 THEN %(full)s - 1 + row_number() OVER (ORDER BY residual <> 0, day, invoice_id) END AS full_id
        FROM (
            SELECT p.invoice_id, min(p.id) AS first_id, max(p.day) AS day, bool_or(p.is_refund) AS has_refund,
                asked.total - sum(p.amount) AS residual
            FROM plan_partial p JOIN ({asked}) asked ON asked.id = p.invoice_id
            GROUP BY p.invoice_id, asked.total
        ) settled
    ) settled
"""
# A matched credit note is used up by its invoice; what stays open of an invoice, its payments tell.
MATCHED_DOCUMENTS = """
    SELECT document.*, settled.full_id, settled.matching, invoice.id AS invoice_id, buyer.complete_name AS buyer, o.name AS order_name,
        CASE WHEN settled.invoice_id IS NULL THEN document.total WHEN document.sign < 0 THEN 0 ELSE settled.residual END AS residual,
        CASE WHEN settled.invoice_id IS NULL THEN 'not_paid' WHEN document.sign < 0 THEN 'paid' WHEN settled.residual <> 0 THEN 'partial'
             WHEN settled.has_refund THEN 'reversed' ELSE 'paid' END AS payment_state,
        greatest(%(earliest)s, least(document.day + time '10:00', %(latest)s)) AS created,
        greatest(%(earliest)s, least(greatest(document.day, settled.day) + time '12:00', %(latest)s)) AS written
    FROM plan_document document
    JOIN plan_document invoice ON invoice.n = document.n AND invoice.sign > 0
    JOIN res_partner buyer ON buyer.id = document.buyer_id
    LEFT JOIN plan_order o ON o.n = document.order_n
    LEFT JOIN plan_settled settled ON settled.invoice_id = invoice.id AND document.matched
    WHERE document.kind = %(kind)s AND document.taxed = %(taxed)s
    ORDER BY document.id
"""
MATCHED_PAYMENTS = """
    SELECT payment.*, settled.full_id, settled.matching, buyer.complete_name AS buyer,
        greatest(%(earliest)s, least(payment.day + time '12:00', %(latest)s)) AS created,
        greatest(%(earliest)s, least(greatest(payment.day, settled.day) + time '12:00', %(latest)s)) AS written
    FROM plan_payment payment
    JOIN plan_settled settled USING (invoice_id)
    JOIN res_partner buyer ON buyer.id = payment.buyer_id
    ORDER BY payment.id
"""
INVOICED_ORDERS = """
    SELECT o.*, invoiced, ordered, ordered * price AS base,
        CASE WHEN taxed THEN round(ordered * price * %(rate)s / 100, 2) ELSE 0 END AS tax,
        CASE WHEN ordered = invoiced THEN 'invoiced' ELSE 'to invoice' END AS status,
        least(day + time '09:00', %(latest)s) AS created, least(greatest(day, billed) + time '10:00', %(latest)s) AS written
    FROM plan_order o
    LEFT JOIN (
        SELECT order_n, sum(sign * quantity) AS net, sum(quantity) FILTER (WHERE sign > 0) AS gross, max(day) AS billed
        FROM plan_document GROUP BY 1
    ) bills ON bills.order_n = o.n
    CROSS JOIN LATERAL (SELECT coalesce(net, 0) AS invoiced, greatest(coalesce(gross, 0) + left_over, 1) AS ordered) counted
    ORDER BY o.id
"""
# Invoices that stood before: what a new payment changes of them, of their lines and of what was matched with them.
SETTLE_OLDER = """
    UPDATE account_move_line line SET amount_residual = residual, amount_residual_currency = residual, reconciled = residual = 0,
        write_date = %(latest)s
    FROM plan_settled JOIN plan_payment USING (invoice_id) WHERE line.id = invoice_line_id;
    UPDATE account_move move SET amount_residual = residual, amount_residual_signed = residual, write_date = %(latest)s,
        payment_state = CASE WHEN EXISTS (
            SELECT FROM account_move_line line JOIN account_partial_reconcile p ON p.debit_move_id = line.id
            JOIN account_move_line other ON other.id = p.credit_move_id JOIN account_move refund ON refund.id = other.move_id
            WHERE line.move_id = move.id AND refund.move_type = 'out_refund'
        ) THEN 'reversed' ELSE 'paid' END
    FROM plan_settled WHERE move.id = plan_settled.invoice_id;
    UPDATE account_partial_reconcile p SET full_reconcile_id = full_id
    FROM plan_settled JOIN plan_payment USING (invoice_id) WHERE p.debit_move_id = invoice_line_id;
    UPDATE account_move_line line SET full_reconcile_id = full_id, matching_number = matching
    FROM plan_settled JOIN plan_payment USING (invoice_id) JOIN account_partial_reconcile p ON p.debit_move_id = invoice_line_id
    WHERE line.id IN (p.debit_move_id, p.credit_move_id)
"""


@dataclass
class Pattern:
    """What Odoo stored of one record."""

    table: str
    values: dict


class Ledger:
    """Customers, their orders, invoices, credit notes and payments in the company of the environment."""

    def __init__(self, env):
        self.env, self.today = env, fields.Date.today()
        company = env.company
        if not company.chart_template:
            env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        self.tax = company.account_sale_tax_id
        self.journal = env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", company.id)], limit=1)
        self.product = env["product.product"].create({
            "name": "Goods", "type": "service", "invoice_policy": "order", "list_price": 100.0, "taxes_id": False,
        })  # fmt: skip
        self.term = env["account.payment.term"].create({
            "name": "30 days", "line_ids": [fields.Command.create({"value": "percent", "value_amount": 100, "nb_days": TERM_DAYS})],
        })  # fmt: skip
        env.cr.commit()
        self.patterns = self._patterns()

    def customers(self, count):
        """Customers with a past of three years, nothing of it written within the last two days.

        One in ten has a contact who orders for it. Per customer about six orders and ten invoices.

        :return: the ids of the customers, without their contacts
        """
        contacts = (count + 9) // 10
        partner = self._ids("res_partner", count + contacts)
        latest = self.env.cr.now() - timedelta(days=2, hours=1)
        self._start(count=count, partner=partner, days=365 * YEARS, earliest=datetime(2000, 1, 1), latest=latest)
        with _without_indexes(self.env.cr):
            self._plan("customer", CUSTOMERS)
            companies = ("company_id", "in", [False, self.env.company.id])
            sequence = self.env["ir.sequence"].search([("code", "=", "sale.order"), companies], limit=1)
            [[orders]] = self.env.execute_query(SQL("SELECT sum(orders) FROM plan_customer"))
            self.values.update(
                number=sequence.number_next_actual, order=self._ids("sale_order", orders), order_line=self._ids("sale_order_line", orders)
            )
            self._plan("order", ORDERS)
            sequence.number_next_actual += orders
            self._plan("bill", BILLS)
            self._documents()
            self._payments(PARTS)
            self._matches("SELECT id, total FROM plan_document")
            self._store_partners()
            self._store_orders()
            self._store_ledger()
        self._end(vacuum=True)
        return range(partner, partner + count)

    def invoice_more(self, partner_ids):
        """A new invoice for each of the customers and, for those who have an older open one, its payment: dated today, written now."""
        now = self.env.cr.now()
        self._start(partners=list(partner_ids), earliest=now, latest=now)
        self._plan("order", "CREATE TEMP TABLE plan_order (n bigint, name varchar, line_id int)")
        self._plan("bill", MORE_BILLS)
        self._documents()
        self._payments(OLDER)
        self._matches("SELECT id, amount_residual AS total FROM account_move")
        self._store_ledger()
        self._execute(SETTLE_OLDER)
        self._end()

    # ------------------------------------------------------------------------------------------------------------------------ patterns

    def _patterns(self):
        """One of each made through Odoo, read as it is stored, and taken back."""
        env, command = self.env, fields.Command
        savepoint = env.cr.savepoint()
        company = env["res.partner"].create({
            "name": "Customer", "is_company": True, "email": "customer@example.com", "lang": "en_US",
            "property_payment_term_id": self.term.id,
        })  # fmt: skip
        contact = env["res.partner"].create({"name": "Purchasing", "parent_id": company.id, "email": "purchasing@example.com"})
        made = {"company": company, "contact": contact}
        for taxed in (False, True):
            order = env["sale.order"].create({
                "partner_id": company.id, "payment_term_id": self.term.id, "order_line": [command.create({
                    "product_id": self.product.id, "product_uom_qty": 1, "price_unit": 100.0, "tax_ids": self.tax.ids if taxed else False,
                })],
            })  # fmt: skip
            order.action_confirm()
            invoice = order._create_invoices()
            invoice.action_post()
            payment = self._payment(invoice)
            made.update({("order", taxed): order, ("order_line", taxed): order.order_line, "payment": payment})
            receivable = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term")
            made["paid"] = payment.line_ids.filtered(lambda line, account=receivable.account_id: line.account_id == account)
            made["banked"] = payment.line_ids - made["paid"]
            (receivable | made["paid"]).reconcile()
            made.update(partial=receivable.matched_credit_ids, full=receivable.full_reconcile_id)
            refund = invoice._reverse_moves([{"invoice_date": self.today}])
            refund.action_post()
            for move in (invoice, refund):
                made[move.move_type, taxed] = move
                made.update({(f"{move.move_type}/{line.display_type}", taxed): line for line in move.line_ids})
        env.flush_all()
        patterns = {name: Pattern(record._table, self._stored(record)) for name, record in made.items()}
        _take_back(env, savepoint)
        return patterns

    def _payment(self, invoice):
        """A posted entry of the bank journal, as bank statements and payments become one."""
        receivable = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term").account_id
        sides = ((receivable, "credit"), (self.journal.default_account_id, "debit"))
        payment = self.env["account.move"].create({
            "move_type": "entry", "journal_id": self.journal.id, "date": self.today, "partner_id": invoice.partner_id.id,
            "line_ids": [
                fields.Command.create({"account_id": account.id, "partner_id": invoice.partner_id.id, side: invoice.amount_total})
                for account, side in sides
            ],
        })  # fmt: skip
        payment.action_post()
        return payment

    def _stored(self, record):
        query = SQL(
            "SELECT key, value FROM %s row, json_each_text(row_to_json(row)) WHERE row.id = %s AND key != 'id' AND value IS NOT NULL",
            SQL.identifier(record._table), record.id,
        )  # fmt: skip
        return dict(self.env.execute_query(query))

    # ---------------------------------------------------------------------------------------------------------------------------- plan

    def _start(self, **values):
        self.env.flush_all()
        self.values = {"today": self.today, "term": TERM_DAYS, "rate": self.tax.amount, **values}
        self.env.cr.execute("SELECT setseed(0.5)")

    def _end(self, vacuum=False):
        """No plan stays; a mass is vacuumed as in a database that has been up for years, and not amid a measurement."""
        cr = self.env.cr
        for name in PLANS:
            cr.execute(SQL("DROP TABLE IF EXISTS %s", SQL.identifier(f"plan_{name}")))
        cr.commit()
        self.env.invalidate_all()
        if vacuum:
            with contextlib.closing(sql_db.db_connect(cr.dbname).cursor()) as other:
                other._cnx.autocommit = True
                for table in TABLES:
                    other.execute(SQL("VACUUM ANALYZE %s", SQL.identifier(table)))

    def _plan(self, name, query):
        self._execute(query)
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(f"plan_{name}")))

    def _execute(self, query):
        self.env.cr.execute(query, self.values)

    def _ids(self, table, count):
        """The first of so many ids in a row."""
        [[first]] = self.env.execute_query(SQL("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", table))
        if count:
            self.env.cr.execute(SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", table, first + count - 1))
        return first

    def _count(self, name):
        return self.env.execute_query(SQL("SELECT count(*) FROM %s", SQL.identifier(f"plan_{name}")))[0][0]

    def _documents(self):
        [[count]] = self.env.execute_query(SQL("SELECT count(*) + count(credited) FROM plan_bill"))
        journal = int(self.patterns["out_invoice", False].values["journal_id"])
        self.values.update(move=self._ids("account_move", count), line=self._ids("account_move_line", 3 * count), sales=journal)
        self._plan("document", DOCUMENTS)

    def _payments(self, source):
        """Numbered first, so that just as many ids are taken as there are payments."""
        self.values.update(bank=f"{self.journal.code}/", journal=self.journal.id, move=0, line=0)
        self._execute(PAYMENTS.format(payments=source))
        count = self._count("payment")
        first = {"move": self._ids("account_move", count), "line": self._ids("account_move_line", 2 * count)}
        self.env.cr.execute("UPDATE plan_payment SET id = id + %(move)s, line_id = line_id + %(line)s", first)
        self.env.cr.execute("ANALYZE plan_payment")

    def _matches(self, asked):
        [[count]] = self.env.execute_query(SQL(
            "SELECT (SELECT count(*) FROM plan_payment) + (SELECT count(*) FROM plan_document WHERE sign < 0 AND matched)"
        ))  # fmt: skip
        self.values["partial"] = self._ids("account_partial_reconcile", count)
        self._plan("partial", PARTIALS)
        self.values["full"] = self._ids("account_full_reconcile", count)
        self._plan("settled", SETTLED.format(asked=asked))

    # --------------------------------------------------------------------------------------------------------------------------- store

    def _store(self, pattern, rows, /, **different):
        """A copy of the pattern for each row, with what differs taken from the row."""
        pattern = self.patterns[pattern]
        columns = {column: SQL("%s", value) for column, value in pattern.values.items()}
        columns.update({column: SQL(expression.replace("%", "%%")) for column, expression in different.items()})
        columns.update(create_date=SQL("row.created"), write_date=SQL("row.written"))
        query = SQL(
            "INSERT INTO %s (%s) SELECT %s FROM (%s) row", SQL.identifier(pattern.table), SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(columns.values()), SQL(rows, **self.values),
        )  # fmt: skip
        self.env.cr.execute(query)

    def _store_partners(self):
        rows = """
            SELECT c.*, least(%(today)s - (c.quiet + c.gap * c.orders)::int + time '08:00', %(latest)s) AS created,
                least(%(today)s - c.quiet::int + time '10:00', %(latest)s) AS written, documents.count AS invoices
            FROM plan_customer c
            LEFT JOIN (SELECT partner_id, count(*) FROM plan_document GROUP BY 1) documents ON documents.partner_id = c.id
        """
        self._store(
            "company", rows, id="row.id", commercial_partner_id="row.id", name="row.name", complete_name="row.name",
            commercial_company_name="row.name", email="'customer' || row.id || '@example.com'",
            email_normalized="'customer' || row.id || '@example.com'", customer_rank="coalesce(row.invoices, 0)",
        )  # fmt: skip
        self._store(
            "contact", rows + " WHERE c.buyer_id != c.id", id="row.buyer_id", parent_id="row.id", commercial_partner_id="row.id",
            complete_name="row.name || ', Purchasing'", commercial_company_name="row.name",
            email="'purchasing' || row.id || '@example.com'", email_normalized="'purchasing' || row.id || '@example.com'",
        )  # fmt: skip

    def _store_orders(self):
        for taxed in (False, True):
            rows = f"SELECT * FROM ({INVOICED_ORDERS}) o WHERE taxed = {taxed}"
            self._store(
                ("order", taxed), rows, id="row.id", name="row.name", partner_id="row.buyer_id", partner_invoice_id="row.buyer_id",
                partner_shipping_id="row.buyer_id", date_order="row.created", validity_date="row.day + 30", invoice_status="row.status",
                amount_untaxed="row.base", amount_tax="row.tax", amount_total="row.base + row.tax",
            )  # fmt: skip
            self._store(
                ("order_line", taxed), rows, id="row.line_id", order_id="row.id", order_partner_id="row.buyer_id",
                invoice_status="row.status", product_uom_qty="row.ordered", price_unit="row.price", technical_price_unit="row.price",
                price_subtotal="row.base", price_tax="row.tax", price_total="row.base + row.tax", price_reduce_taxexcl="row.price",
                price_reduce_taxinc="(row.base + row.tax) / row.ordered", qty_invoiced="row.invoiced",
                qty_to_invoice="row.ordered - row.invoiced", untaxed_amount_invoiced="row.invoiced * row.price",
                untaxed_amount_to_invoice="(row.ordered - row.invoiced) * row.price",
            )  # fmt: skip
        self.env.cr.execute("""
            INSERT INTO account_tax_sale_order_line_rel (sale_order_line_id, account_tax_id) SELECT line_id, %s FROM plan_order WHERE taxed
        """, [self.tax.id])  # fmt: skip

    def _store_ledger(self):
        payments = MATCHED_PAYMENTS
        stamp = "greatest(%(earliest)s, least(day + time '12:00', %(latest)s))"
        stamps = f"{stamp} AS created, {stamp} AS written"
        self._store("full", f"SELECT full_id AS id, {stamps} FROM plan_settled WHERE full_id IS NOT NULL ORDER BY full_id", id="row.id")
        for kind in ("out_invoice", "out_refund"):
            for taxed in (False, True):
                self._store_documents(kind, taxed)
        self._store(
            "payment", payments, id="row.id", name="row.name", sequence_prefix="row.prefix", sequence_number="row.number",
            partner_id="row.buyer_id", commercial_partner_id="row.partner_id", invoice_partner_display_name="row.buyer", date="row.day",
            invoice_date_due="row.day", amount_total="row.amount", amount_total_signed="row.amount",
            amount_total_in_currency_signed="row.amount",
        )  # fmt: skip
        common = {"move_id": "row.id", "partner_id": "row.partner_id", "move_name": "row.name", "date": "row.day"}
        self._store(
            "paid", payments, id="row.line_id", credit="row.amount", balance="-row.amount", amount_currency="-row.amount",
            price_subtotal="-row.amount", price_total="-row.amount", amount_residual="0", amount_residual_currency="0", reconciled="TRUE",
            full_reconcile_id="row.full_id", matching_number="row.matching", **common,
        )  # fmt: skip
        self._store(
            "banked", payments, id="row.line_id + 1", debit="row.amount", balance="row.amount", amount_currency="row.amount",
            price_subtotal="row.amount", price_total="row.amount", amount_residual="row.amount", amount_residual_currency="row.amount",
            **common,
        )  # fmt: skip
        self._store(
            "partial", f"SELECT p.*, full_id, {stamps.replace('day', 'p.day')} FROM plan_partial p JOIN plan_settled USING (invoice_id)",
            id="row.id", debit_move_id="row.debit_line_id", credit_move_id="row.credit_line_id", amount="row.amount",
            debit_amount_currency="row.amount", credit_amount_currency="row.amount", max_date="row.day", full_reconcile_id="row.full_id",
        )  # fmt: skip
        self.env.cr.execute("""
            INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)
            SELECT o.line_id, d.line_id FROM plan_document d JOIN plan_order o ON o.n = d.order_n;
            INSERT INTO account_move_line_account_tax_rel (account_move_line_id, account_tax_id)
            SELECT line_id, %s FROM plan_document WHERE taxed
        """, [self.tax.id])  # fmt: skip

    def _store_documents(self, kind, taxed):
        self.values.update(kind=kind, taxed=taxed)
        rows, refund = MATCHED_DOCUMENTS, kind == "out_refund"
        amounts = {
            f"{name}{suffix}": f"row.{'signed_' if suffix else ''}{column}" for suffix in ("", "_signed")
            for name, column in (("amount_untaxed", "base"), ("amount_tax", "tax"), ("amount_total", "total"))
        }  # fmt: skip
        amounts.update(amount_residual="row.residual", amount_residual_signed="row.sign * row.residual")
        amounts.update({f"{name}_in_currency_signed": amounts[f"{name}_signed"] for name in ("amount_untaxed", "amount_total")})
        told = {"reversed_entry_id": "row.invoice_id"} if refund else {
            "ref": "row.order_name", "invoice_origin": "row.order_name", "payment_reference": "row.name",
        }  # fmt: skip
        self._store(
            (kind, taxed), rows, id="row.id", name="row.name", sequence_prefix="row.prefix", sequence_number="row.number",
            partner_id="row.buyer_id", partner_shipping_id="row.buyer_id", commercial_partner_id="row.partner_id",
            invoice_partner_display_name="row.buyer", date="row.day", invoice_date="row.day", invoice_date_due="row.due",
            payment_state="row.payment_state", **amounts, **told,
        )  # fmt: skip
        common = {"move_id": "row.id", "partner_id": "row.partner_id", "move_name": "row.name", "date": "row.day"}
        common.update({"invoice_date": "row.day"} if refund else {"invoice_date": "row.day", "ref": "row.order_name"})
        self._store(
            (f"{kind}/product", taxed), rows, id="row.line_id", **_balance("-row.signed_base"), quantity="row.quantity",
            price_unit="row.price", price_subtotal="row.base", price_total="row.total", **common,
        )  # fmt: skip
        if taxed:
            self._store(
                (f"{kind}/tax", taxed), rows, id="row.line_id + 1", **_balance("-row.signed_tax"), tax_base_amount="-row.signed_base",
                **common,
            )  # fmt: skip
        name = {} if refund else {"name": "concat_ws(' - ', row.order_name, row.name)"}
        self._store(
            (f"{kind}/payment_term", taxed), rows, id="row.line_id + 2", **_balance("row.signed_total"), date_maturity="row.due",
            amount_residual="row.sign * row.residual", amount_residual_currency="row.sign * row.residual", reconciled="row.residual = 0",
            full_reconcile_id="row.full_id", matching_number="row.matching", **name, **common,
        )  # fmt: skip


def _balance(amount):
    """The columns that tell the amount of a line, debit being positive."""
    return {
        "balance": amount, "amount_currency": amount, "debit": f"greatest({amount}, 0)", "credit": f"greatest(-({amount}), 0)",
    }  # fmt: skip


@contextlib.contextmanager
def _without_indexes(cr):
    """Indexes and foreign keys are built faster than kept up: they are back, checked, when the block is through."""
    tables = [list(TABLES)]
    cr.execute("SET LOCAL maintenance_work_mem = '512MB'")
    cr.execute("SET LOCAL work_mem = '256MB'")
    cr.execute("""
        SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint
        WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
    """, tables)  # fmt: skip
    keys = cr.fetchall()
    cr.execute("""
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), obj_description(indexrelid, 'pg_class') FROM pg_index
        WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
    """, tables)  # fmt: skip
    indexes = cr.fetchall()
    for table, name, _definition in keys:
        cr.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    for name, _definition, _comment in indexes:
        cr.execute(f"DROP INDEX {name}")
    yield
    for name, definition, comment in indexes:
        cr.execute(definition)
        if comment:  # Odoo compares it with what the model says
            cr.execute(f"COMMENT ON INDEX {name} IS %s", [comment])
    for table, name, definition in keys:
        cr.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def _take_back(env, savepoint):
    """Nothing since the savepoint stays, neither stored nor planned for the commit."""
    savepoint.close(rollback=True)
    env.transaction.clear()
    env.cr.precommit.clear()
    env.cr.postcommit.clear()


COMPUTED = {
    "account.move": (
        "amount_untaxed", "amount_tax", "amount_total", "amount_residual", "amount_untaxed_signed", "amount_tax_signed",
        "amount_total_signed", "amount_residual_signed", "amount_total_in_currency_signed", "payment_state", "commercial_partner_id",
    ),
    "account.move.line": ("amount_residual", "amount_residual_currency", "reconciled", "debit", "credit", "price_subtotal", "price_total"),
    "sale.order": ("amount_untaxed", "amount_tax", "amount_total", "invoice_status"),
    "sale.order.line": (
        "price_subtotal", "price_tax", "price_total", "qty_invoiced", "qty_to_invoice", "untaxed_amount_invoiced",
        "untaxed_amount_to_invoice", "invoice_status",
    ),
}  # fmt: skip


def check(env, partners, sample=20):
    """Compare what is stored of some of the customers with what Odoo makes of it: amounts, residuals, matching, states, orders.

    :raise AssertionError: naming the first difference
    """
    ids = random.Random(7).sample(list(partners), min(sample, len(partners)))
    env.flush_all()
    env.invalidate_all()
    savepoint = env.cr.savepoint()
    moves = env["account.move"].search([("commercial_partner_id", "in", ids)])
    orders = env["sale.order"].search([("partner_id", "child_of", ids)])
    for records in (moves, moves.line_ids, orders, orders.order_line):
        _check_computed(records, COMPUTED[records._name])
    for move in moves:
        _equal(move, "balance", sum(move.line_ids.mapped("balance")), 0)
    receivable = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
    numbers = receivable.mapped("matching_number")
    env["account.partial.reconcile"]._update_matching_number(receivable)
    for line, number in zip(receivable, numbers, strict=True):
        _equal(line, "matching_number", number, line.matching_number)
        matched = sum(line.matched_credit_ids.mapped("amount")) - sum(line.matched_debit_ids.mapped("amount"))
        _equal(line, "amount_residual", line.amount_residual, line.balance - matched)
    for partner in env["res.partner"].browse(ids):
        lines = receivable.filtered(lambda line, partner=partner: line.partner_id == partner)
        _equal(partner, "credit", partner.credit, sum(lines.mapped("amount_residual")))
    _take_back(env, savepoint)


def _check_computed(records, names):
    stored = {name: [record[name] for record in records] for name in names}
    for name in names:
        env, field = records.env, records._fields[name]
        env.add_to_compute(field, records)
        for record, before in zip(records, stored[name], strict=True):
            _equal(record, name, before, record[name])


def _equal(record, name, stored, computed):
    numbers = isinstance(stored, (int, float)) and not isinstance(stored, bool)
    if abs(stored - computed) > 0.005 if numbers else stored != computed:
        raise AssertionError(f"{record} {name}: {stored} is stored and Odoo makes {computed} of it")
