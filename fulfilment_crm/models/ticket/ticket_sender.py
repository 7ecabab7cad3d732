from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError

WINDOW = timedelta(hours=1)


class FulfilmentTicketSender(models.Model):
    """How many tickets a sender from outside has sent lately. Two at one instant meet on this row, so that none slips through."""
    _name = 'fulfilment.ticket.sender'
    _description = 'Sender of tickets'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'last_on desc, id desc'
    _rec_name = 'sender'

    sender = fields.Char(required=True, readonly=True, help="E-mail address or portal user.")
    company_id = fields.Many2one('res.company', required=True, readonly=True, index=True, ondelete='cascade')
    since = fields.Datetime(required=True, readonly=True, help="Beginning of the hour that is counted.")
    number = fields.Integer(string="Sent in the hour", readonly=True, aggregator=None)
    refused = fields.Integer(string="Turned away", readonly=True, aggregator=None, help="Since the sender is known.")
    last_on = fields.Datetime(readonly=True)

    _once = models.UniqueIndex('(sender, company_id)', "This sender is counted already.")

    @api.model
    def _may_send(self, sender, company, most=None):
        """Count a ticket of a sender, and say whether it is one too many for this hour.

        :param str sender: e-mail address, ``user:<id>``, ``files:<ticket id>``, or ``*`` for all senders together
        :param company: whose limit counts
        :param int most: how many an hour; the setting for tickets of a sender when missing
        """
        # safe: counts what comes from outside, whoever sends it
        self, company = self.sudo(), company.sudo()
        now = fields.Datetime.now()
        known = self.search([('sender', '=', sender), ('company_id', '=', company.id)]) or self._first_time(sender, company, now)
        fresh = known.since + WINDOW <= now
        most = company.fulfilment_ticket_flood if most is None else most
        allowed = (fresh or known.number < most) and most > 0
        known.write({
            'since': now if fresh else known.since, 'number': (0 if fresh else known.number) + allowed,
            'refused': known.refused + (not allowed), 'last_on': now,
        })
        known.flush_recordset()
        return allowed

    @api.model
    def _counted_as(self, address):
        """Return an e-mail address as it is counted: what follows a plus leads to the same mailbox."""
        local, at, domain = (address or '').partition('@')
        return f'{local.partition("+")[0]}{at}{domain}'

    @api.model
    def _first_time(self, sender, company, now):
        try:
            with self.env.cr.savepoint():
                return self.create({'sender': sender, 'company_id': company.id, 'since': now})
        except UniqueViolation as error:
            # Another request of the same sender was first. It cannot be seen from here: begin again, as Odoo does when two writes meet.
            raise ConcurrencyError(sender) from error

    @api.autovacuum
    def _gc_senders(self):
        """Forget senders of more than 90 days ago."""
        self.search([('last_on', '<', fields.Datetime.subtract(fields.Datetime.now(), days=90))], limit=10000).unlink()
