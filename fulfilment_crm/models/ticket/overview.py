from odoo import fields, models
from odoo.fields import Domain

from ..profile.overview import LATE, OWED


class FulfilmentProfile(models.Model):
    """The picture of what the customer complained of and asked for."""
    _inherit = 'fulfilment.profile'

    ticket_picture = fields.Html(string="Tickets received, by month", compute='_compute_month_pictures', sanitize=False)

    def _monthly(self, first):
        own = Domain(self._own()) & Domain([('received_day', '>=', first), ('kind', '!=', 'cancelled')])
        tickets = self.env['fulfilment.ticket'].with_context(active_test=False)
        return {
            **super()._monthly(first), 'tickets': (tickets, own, 'received_day', None),
            'tickets_missed': (tickets, own & Domain('is_missed', '=', True), 'received_day', None),
        }

    def _months_drawn(self, months):
        return {**super()._months_drawn(months), 'ticket_picture': self._columns_drawn(self.env._("Tickets received, by month"), [
            [(OWED, self.env._("Received"), sums.get('tickets', (0, 0))[1], str),
             (LATE, self.env._("With a deadline missed"), sums.get('tickets_missed', (0, 0))[1], str)] for sums in months.values()
        ], list(months))}
