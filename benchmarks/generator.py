"""Many records at once: one made as users make it, then multiplied in SQL with every column it has."""

from odoo import fields
from odoo.tools import SQL

COLUMNS = """
    SELECT column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND table_name = %s AND column_name != 'id'
"""
COPY = """
    INSERT INTO %(table)s (id, %(columns)s)
    SELECT copy.id, %(values)s
    FROM %(table)s source, (SELECT n, %(first)s + n AS id FROM generate_series(0, %(last)s) n) copy
    WHERE source.id = %(source_id)s
"""


def clone(env, source, count, **different):
    """Copy one record ``count`` times.

    :param different: SQL for the columns that differ; ``n`` is the number of the copy from 0, ``copy.id`` its id
    :return: the ids of the copies
    """
    env.flush_all()
    table = SQL.identifier(source._table)
    columns = [name for [name] in env.execute_query(SQL(COLUMNS, source._table))]
    [[first]] = env.execute_query(SQL("SELECT max(id) + 1 FROM %s", table))
    values = [
        SQL("(%s)", SQL(different[name].replace("%", "%%"))) if name in different else SQL.identifier("source", name) for name in columns
    ]
    env.cr.execute(SQL(
        COPY, table=table, first=first, last=count - 1, source_id=source.id,
        columns=SQL(", ").join(map(SQL.identifier, columns)), values=SQL(", ").join(values),
    ))
    env.cr.execute(SQL("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", source._table, first + count - 1))
    env.cr.execute(SQL("ANALYZE %s", table))
    env.invalidate_all()
    return range(first, first + count)


class World:
    """A salesperson, a customer, a service, and what is sold of it."""

    def __init__(self, env):
        self.env = env
        env.company.fulfilment_approval = False
        env["res.partner.bank"].create({"acc_number": "6222 0000", "partner_id": env.company.partner_id.id})
        groups = ("sales_team.group_sale_salesman_all_leads", "fulfilment_crm.group_user")
        self.user = env["res.users"].create({
            "name": "Lin Wei", "login": "bench", "email": "lin.wei@example.com",
            "group_ids": [fields.Command.link(env.ref(name).id) for name in groups],
        })
        self.partner = env["res.partner"].create({
            "name": "Customer", "email": "customer@example.com", "is_company": True, "lang": "en_US",
        })
        self.product = env["product.product"].create({"name": "Maintenance", "type": "service", "taxes_id": False})
        self.term = env["account.payment.term"].create({
            "name": "Half and half",
            "line_ids": [fields.Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 30)],
        })

    def orders(self, count):
        """Make confirmed orders of three lines each."""
        orders = self.env["sale.order"].create([{
            "partner_id": self.partner.id, "user_id": self.user.id, "payment_term_id": self.term.id,
            "order_line": [
                fields.Command.create({"product_id": self.product.id, "product_uom_qty": quantity, "price_unit": 100.0, "tax_ids": False})
                for quantity in (1, 2, 3)
            ],
        } for _number in range(count)])
        orders.write({"state": "sale", "date_order": fields.Datetime.now()})
        return orders

    def contract(self):
        """Make a contract in force from an order."""
        contract = self.orders(1)._create_fulfilment_contracts()
        # Only what a contract in force looks like matters here, not the road to it.
        contract.write({"state": "active", "date_signed": fields.Date.today(), "approval_state": "approved"})
        return contract

    def milestones(self, count, contracts, day):
        """Contracts in force, two a customer, and pending payments spread over them.

        :param int count: how many milestones
        :param int contracts: over how many contracts
        :param str day: SQL for the planned date, ``n`` being the number of the milestone
        :return: the ids of the milestones
        """
        sample = self.contract()
        customers = max(contracts // 2, 1)
        people = clone(
            self.env, self.partner, customers, commercial_partner_id="copy.id", name="'Customer ' || n", complete_name="'Customer ' || n",
            email="'customer' || n || '@example.com'", email_normalized="'customer' || n || '@example.com'",
        )
        customer = f"{people[0]} + n % {customers}"
        contract_ids = clone(
            self.env, sample, contracts, name="'B/' || copy.id", partner_id=customer, commercial_partner_id=customer,
        )
        milestone_ids = clone(
            self.env, sample.milestone_ids.filtered(lambda one: one.kind == "payment")[:1], count,
            contract_id=f"{contract_ids[0]} + n % {contracts}", partner_id=f"{people[0]} + (n % {contracts}) % {customers}",
            name="'Payment ' || n", date_planned=day, date_first_planned=day, anchor="'fixed'", predecessor_id="NULL::int",
            clause_id="NULL::int", state="'pending'", contract_state="'active'", amount="1000 + n % 100", amount_open="1000 + n % 100",
            amount_owed="1000 + n % 100",
        )
        sample.milestone_ids.sudo().unlink()
        self.env.cr.commit()
        return milestone_ids
