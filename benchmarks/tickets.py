"""The round over deadlines, tickets from outside, and the board, with many tickets."""

from datetime import timedelta
from itertools import count

from odoo import fields

from .generator import clone
from .measure import best, measured
from .views import filter_of, groups_of, rows_of

TITLE = (
    "Deadlines of {tickets:,} open tickets, {due:,} of them due (ratio: of the round to the bare search of the due ones; with a tenth of "
    "the open ones, to the round over all)"
)
DUE, SENT = 1000, 200
MAIL = """To: help@{domain}
From: Sender {number} <sender{number}@example.com>
Subject: The pump leaks
Message-ID: <bench-{number}@example.com>
Content-Type: text/plain; charset="utf-8"

There is water on the floor.
"""


def run(env, options):
    options.due = DUE
    world = Tickets(env)
    tenth = world.opened(options.tickets // 10)
    world.make_due(tenth)
    few = world.round("round, a tenth of the open ones, as many due")
    world.make_due(world.opened(options.tickets - len(tenth)))
    search = best(env, "bare search of the due ones by their index", world.due, DUE)
    many = world.round("round: deadlines missed, escalated, told")
    again = measured(env, "the round repeated, nothing due", world.cron)
    many.ratio, few.ratio = many.to(search), few.to(many)
    rows = [search, many, few, again, *world.from_outside(), *world.views(options.tickets)]
    env.cr.commit()
    return rows


class Tickets:
    """A team, and open tickets made as users make them, then multiplied."""

    def __init__(self, env):
        self.env = env
        user = env["res.users"].with_context(no_reset_password=True).create({
            "name": "Agent", "login": "bench_agent", "email": "agent@example.com",
            "group_ids": [fields.Command.set([env.ref("fulfilment_crm.group_service").id])],
        })
        domain = env["mail.alias.domain"].create({"name": "bench.example"})
        env.company.write({"alias_domain_id": domain.id, "fulfilment_service_supervisor_id": user.id})
        self.user, self.domain = user, domain.name
        self.team = env["fulfilment.service.team"].create({
            "name": "Service", "user_id": user.id, "alias_name": "help", "alias_domain_id": domain.id, "assignment": "load",
            "member_ids": [fields.Command.create({"user_id": user.id})],
        })
        self.partner = env["res.partner"].create({"name": "Customer", "email": "customer@example.com", "is_company": True})
        self.source = env["fulfilment.ticket"].create({
            "title": "The pump leaks", "ticket_type": "demand", "urgency": "urgent", "partner_id": self.partner.id,
        })
        self.now = fields.Datetime.now()
        env.cr.commit()

    def opened(self, number):
        """Open tickets with a deadline far ahead each."""
        ids = clone(self.env, self.source, number, name="'T/' || n", received_on="now() - n * interval '1 second'")
        clone(
            self.env, self.source.deadline_ids, number, ticket_id=f"{ids[0]} + n", due_on="now() + interval '9 days'",
            next_on="now() + interval '8 days'",
        )
        self.env.cr.commit()
        return ids

    def make_due(self, ids):
        """Every so manieth of the tickets is due since an hour ago."""
        chosen = list(ids)[:: max(len(ids) // DUE, 1)][:DUE]
        deadlines = self.env["fulfilment.ticket.deadline"].search([("ticket_id", "in", chosen)])
        deadlines.write({"due_on": self.now - timedelta(hours=1), "next_on": self.now - timedelta(hours=1)})
        self.env.flush_all()
        self.env.cr.execute("ANALYZE fulfilment_ticket_deadline")
        self.env.cr.commit()
        self.env.invalidate_all()

    def due(self):
        found = self.env["fulfilment.ticket.deadline"].search_fetch([("next_on", "<=", self.now)], ["ticket_id", "due_on", "next_on"])
        if len(found) != DUE:
            raise AssertionError(f"{len(found)} are due instead of {DUE}")

    def cron(self):
        self.env["fulfilment.ticket"]._cron_tickets(as_of=self.now)

    def round(self, what):
        missed = self.env["fulfilment.ticket.deadline"].search_count([("missed", "=", True)])
        row = measured(self.env, what, self.cron, DUE)
        if self.env["fulfilment.ticket.deadline"].search_count([("missed", "=", True)]) - missed != DUE:
            raise AssertionError("the round did not note all that was due")
        return row

    def from_outside(self):
        """Tickets by e-mail and as the portal makes them, each in a transaction of its own."""
        number = count()

        def by_mail():
            for _go in range(SENT):
                self.env["mail.thread"].message_process(None, MAIL.format(domain=self.domain, number=next(number)).encode())
                self.env.cr.commit()

        def by_portal():
            for _go in range(SENT):
                if not self.env["fulfilment.ticket.sender"]._may_send(f"user:{-next(number)}", self.env.company):
                    raise AssertionError("a sender was held back")
                self.env["fulfilment.ticket"].create({
                    "title": "The pump leaks", "description": "<p>Water</p>", "origin": "portal", "partner_id": self.partner.id,
                })
                self.env.cr.commit()

        return [
            measured(self.env, "tickets by e-mail", by_mail, SENT), measured(self.env, "tickets as the portal makes them", by_portal, SENT),
        ]

    def views(self, number):
        clone(self.env, self.source, number, name="'V/' || n", received_on="now() - n * interval '1 second'")
        self.env.cr.commit()
        tickets = self.env["fulfilment.ticket"].with_user(self.user)
        opened = filter_of(tickets, "open")
        total = tickets.search_count([])
        return [
            best(tickets.env, f"list of open tickets, 80 rows, {total:,} tickets", lambda: rows_of(tickets, opened, "list")),
            best(tickets.env, "list of late tickets, 80 rows", lambda: rows_of(tickets, filter_of(tickets, "late"), "list")),
            best(tickets.env, "board by stage: groups", lambda: groups_of(tickets, opened, ["stage_id"])),
            best(tickets.env, "board by stage: a column of 40", lambda: rows_of(tickets, opened, "kanban", limit=40)),
        ]
