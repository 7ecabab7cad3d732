from odoo import fields, models

EVENTS = [
    ('received', "Received"), ('taken', "Taken into work"), ('answered', "Answered"), ('fed_back', "Fed back"),
    ('paused', "Waiting for the customer"), ('resumed', "Customer has answered"), ('solved', "Solved"), ('reopened', "Reopened"),
    ('confirmed', "Confirmed by the customer"), ('closed', "Finished"), ('cancelled', "Cancelled"), ('urgency', "Deadlines changed"),
    ('objected', "Objection"), ('objection_answered', "Objection answered"), ('merged', "Merged"),
]


class FulfilmentTicketEvent(models.Model):
    """What happened to a ticket, when and by whom. Never changed: deadlines are explained and computed from here."""
    _name = 'fulfilment.ticket.event'
    _description = 'What happened to a ticket'
    _inherit = ['fulfilment.machine.mixin']
    _order = 'date, id'
    _rec_name = 'event'

    ticket_id = fields.Many2one('fulfilment.ticket', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='ticket_id.company_id', store=True, index=True)
    event = fields.Selection(EVENTS, required=True, readonly=True)
    date = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one('res.users', string="By", readonly=True, ondelete='set null', default=lambda self: self.env.user)
    by_customer = fields.Boolean(readonly=True)
    note = fields.Text(readonly=True)


class FulfilmentTicket(models.Model):
    _inherit = 'fulfilment.ticket'

    def _event_words(self):
        return self.env['fulfilment.ticket.event'], 'event'

    def _log_event(self, event, note='', moments=None, by_customer=False):
        """Keep what happened to these tickets, and let their deadlines follow.

        :param str event: key of ``EVENTS``
        :param dict moments: when, as ``{ticket: naive UTC}``; now when missing
        """
        now = fields.Datetime.now()
        # safe: called by the actions of the ticket, which check what the user may do
        self.env['fulfilment.ticket.event'].sudo().create([{
            'ticket_id': ticket.id, 'event': event, 'date': (moments or {}).get(ticket) or now, 'note': note, 'by_customer': by_customer,
            'user_id': self.env.uid,
        } for ticket in self])
        self.env['fulfilment.event']._note(self, event, dict.fromkeys(self, {'note': note, 'by_customer': by_customer}), moments)
