"""Customers with a ledger of years: planned in temporary tables, stored in SQL as Odoo stores what its users make.

One document of each kind is made through Odoo and taken back; what Odoo had stored of it, every column, is the pattern of its copies.
"""

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import fields, sql_db
from odoo.tools import SQL

from .ledger_plans import (
    BILLS,
    CUSTOMERS,
    DOCUMENTS,
    INVOICED_ORDERS,
    MATCHED_DOCUMENTS,
    MATCHED_PAYMENTS,
    MORE_BILLS,
    OLDER,
    ORDERS,
    PARTIALS,
    PARTS,
    PAYMENTS,
    SETTLE_OLDER,
    SETTLED,
)
from .ledger_tools import TABLES, take_back, without_indexes

YEARS = 3
TERM_DAYS = 30
PLANS = ("customer", "order", "bill", "document", "payment", "partial", "settled")


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
        })
        self.term = env["account.payment.term"].create({
            "name": "30 days", "line_ids": [fields.Command.create({"value": "percent", "value_amount": 100, "nb_days": TERM_DAYS})],
        })
        env.cr.commit()
        self.patterns = self._patterns()

    def customers(self, count):
        """Make customers with a past of three years, nothing of it written within the last two days.

        One in ten has a contact who orders for it. Per customer about six orders and ten invoices.

        :return: the ids of the customers, without their contacts
        """
        contacts = (count + 9) // 10
        partner = self._ids("res_partner", count + contacts)
        latest = self.env.cr.now() - timedelta(days=2, hours=1)
        self._start(count=count, partner=partner, days=365 * YEARS, earliest=datetime(2000, 1, 1), latest=latest)
        with without_indexes(self.env.cr):
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
        """Write a new invoice for each customer and, for those who have an older open one, its payment: dated today, written now."""
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
        })
        contact = env["res.partner"].create({"name": "Purchasing", "parent_id": company.id, "email": "purchasing@example.com"})
        made = {"company": company, "contact": contact}
        for taxed in (False, True):
            order = env["sale.order"].create({
                "partner_id": company.id, "payment_term_id": self.term.id, "order_line": [command.create({
                    "product_id": self.product.id, "product_uom_qty": 1, "price_unit": 100.0, "tax_ids": self.tax.ids if taxed else False,
                })],
            })
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
        take_back(env, savepoint)
        return patterns

    def _payment(self, invoice):
        """Post an entry of the bank journal, as bank statements and payments become one."""
        receivable = invoice.line_ids.filtered(lambda line: line.display_type == "payment_term").account_id
        sides = ((receivable, "credit"), (self.journal.default_account_id, "debit"))
        payment = self.env["account.move"].create({
            "move_type": "entry", "journal_id": self.journal.id, "date": self.today, "partner_id": invoice.partner_id.id,
            "line_ids": [
                fields.Command.create({"account_id": account.id, "partner_id": invoice.partner_id.id, side: invoice.amount_total})
                for account, side in sides
            ],
        })
        payment.action_post()
        return payment

    def _stored(self, record):
        query = SQL(
            "SELECT key, value FROM %s row, json_each_text(row_to_json(row)) WHERE row.id = %s AND key != 'id' AND value IS NOT NULL",
            SQL.identifier(record._table), record.id,
        )
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
        """Reserve so many ids in a row and return the first."""
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
        ))
        self.values["partial"] = self._ids("account_partial_reconcile", count)
        self._plan("partial", PARTIALS)
        self.values["full"] = self._ids("account_full_reconcile", count)
        self._plan("settled", SETTLED.format(asked=asked))

    # --------------------------------------------------------------------------------------------------------------------------- store

    def _store(self, pattern, rows, /, **different):
        """Store a copy of the pattern for each row, with what differs taken from the row."""
        pattern = self.patterns[pattern]
        columns = {column: SQL("%s", value) for column, value in pattern.values.items()}
        columns.update({column: SQL(expression.replace("%", "%%")) for column, expression in different.items()})
        columns.update(create_date=SQL("row.created"), write_date=SQL("row.written"))
        query = SQL(
            "INSERT INTO %s (%s) SELECT %s FROM (%s) row", SQL.identifier(pattern.table), SQL(", ").join(map(SQL.identifier, columns)),
            SQL(", ").join(columns.values()), SQL(rows, **self.values),
        )
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
        )
        self._store(
            "contact", rows + " WHERE c.buyer_id != c.id", id="row.buyer_id", parent_id="row.id", commercial_partner_id="row.id",
            complete_name="row.name || ', Purchasing'", commercial_company_name="row.name",
            email="'purchasing' || row.id || '@example.com'", email_normalized="'purchasing' || row.id || '@example.com'",
        )

    def _store_orders(self):
        for taxed in (False, True):
            rows = f"SELECT * FROM ({INVOICED_ORDERS}) o WHERE taxed = {taxed}"
            self._store(
                ("order", taxed), rows, id="row.id", name="row.name", partner_id="row.buyer_id", partner_invoice_id="row.buyer_id",
                partner_shipping_id="row.buyer_id", date_order="row.created", validity_date="row.day + 30", invoice_status="row.status",
                amount_untaxed="row.base", amount_tax="row.tax", amount_total="row.base + row.tax",
            )
            self._store(
                ("order_line", taxed), rows, id="row.line_id", order_id="row.id", order_partner_id="row.buyer_id",
                invoice_status="row.status", product_uom_qty="row.ordered", price_unit="row.price", technical_price_unit="row.price",
                price_subtotal="row.base", price_tax="row.tax", price_total="row.base + row.tax", price_reduce_taxexcl="row.price",
                price_reduce_taxinc="(row.base + row.tax) / row.ordered", qty_invoiced="row.invoiced",
                qty_to_invoice="row.ordered - row.invoiced", untaxed_amount_invoiced="row.invoiced * row.price",
                untaxed_amount_to_invoice="(row.ordered - row.invoiced) * row.price",
            )
        self.env.cr.execute("""
            INSERT INTO account_tax_sale_order_line_rel (sale_order_line_id, account_tax_id) SELECT line_id, %s FROM plan_order WHERE taxed
        """, [self.tax.id])

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
        )
        common = {"move_id": "row.id", "partner_id": "row.partner_id", "move_name": "row.name", "date": "row.day"}
        self._store(
            "paid", payments, id="row.line_id", credit="row.amount", balance="-row.amount", amount_currency="-row.amount",
            price_subtotal="-row.amount", price_total="-row.amount", amount_residual="0", amount_residual_currency="0", reconciled="TRUE",
            full_reconcile_id="row.full_id", matching_number="row.matching", **common,
        )
        self._store(
            "banked", payments, id="row.line_id + 1", debit="row.amount", balance="row.amount", amount_currency="row.amount",
            price_subtotal="row.amount", price_total="row.amount", amount_residual="row.amount", amount_residual_currency="row.amount",
            **common,
        )
        self._store(
            "partial", f"SELECT p.*, full_id, {stamps.replace('day', 'p.day')} FROM plan_partial p JOIN plan_settled USING (invoice_id)",
            id="row.id", debit_move_id="row.debit_line_id", credit_move_id="row.credit_line_id", amount="row.amount",
            debit_amount_currency="row.amount", credit_amount_currency="row.amount", max_date="row.day", full_reconcile_id="row.full_id",
        )
        self.env.cr.execute("""
            INSERT INTO sale_order_line_invoice_rel (order_line_id, invoice_line_id)
            SELECT o.line_id, d.line_id FROM plan_document d JOIN plan_order o ON o.n = d.order_n;
            INSERT INTO account_move_line_account_tax_rel (account_move_line_id, account_tax_id)
            SELECT line_id, %s FROM plan_document WHERE taxed
        """, [self.tax.id])

    def _store_documents(self, kind, taxed):
        self.values.update(kind=kind, taxed=taxed)
        rows, refund = MATCHED_DOCUMENTS, kind == "out_refund"
        amounts = {
            f"{name}{suffix}": f"row.{'signed_' if suffix else ''}{column}" for suffix in ("", "_signed")
            for name, column in (("amount_untaxed", "base"), ("amount_tax", "tax"), ("amount_total", "total"))
        }
        amounts.update(amount_residual="row.residual", amount_residual_signed="row.sign * row.residual")
        amounts.update({f"{name}_in_currency_signed": amounts[f"{name}_signed"] for name in ("amount_untaxed", "amount_total")})
        told = {"reversed_entry_id": "row.invoice_id"} if refund else {
            "ref": "row.order_name", "invoice_origin": "row.order_name", "payment_reference": "row.name",
        }
        self._store(
            (kind, taxed), rows, id="row.id", name="row.name", sequence_prefix="row.prefix", sequence_number="row.number",
            partner_id="row.buyer_id", partner_shipping_id="row.buyer_id", commercial_partner_id="row.partner_id",
            invoice_partner_display_name="row.buyer", date="row.day", invoice_date="row.day", invoice_date_due="row.due",
            payment_state="row.payment_state", **amounts, **told,
        )
        common = {"move_id": "row.id", "partner_id": "row.partner_id", "move_name": "row.name", "date": "row.day"}
        common.update({"invoice_date": "row.day"} if refund else {"invoice_date": "row.day", "ref": "row.order_name"})
        self._store(
            (f"{kind}/product", taxed), rows, id="row.line_id", **_balance("-row.signed_base"), quantity="row.quantity",
            price_unit="row.price", price_subtotal="row.base", price_total="row.total", **common,
        )
        if taxed:
            self._store(
                (f"{kind}/tax", taxed), rows, id="row.line_id + 1", **_balance("-row.signed_tax"), tax_base_amount="-row.signed_base",
                **common,
            )
        name = {} if refund else {"name": "concat_ws(' - ', row.order_name, row.name)"}
        self._store(
            (f"{kind}/payment_term", taxed), rows, id="row.line_id + 2", **_balance("row.signed_total"), date_maturity="row.due",
            amount_residual="row.sign * row.residual", amount_residual_currency="row.sign * row.residual", reconciled="row.residual = 0",
            full_reconcile_id="row.full_id", matching_number="row.matching", **name, **common,
        )


def _balance(amount):
    """Return the columns that tell the amount of a line, debit being positive."""
    return {
        "balance": amount, "amount_currency": amount, "debit": f"greatest({amount}, 0)", "credit": f"greatest(-({amount}), 0)",
    }
