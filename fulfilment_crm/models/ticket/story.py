from odoo import models


class FulfilmentProfile(models.Model):
    """Tickets in the line of time of a customer."""
    _inherit = 'fulfilment.profile'

    def _happened(self):
        tickets = self._kept('fulfilment.ticket', 'received_on', [('kind', '!=', 'cancelled')])
        types = dict(tickets._fields['ticket_type']._description_selection(self.env))
        return [*super()._happened(), *self._told_of(
            tickets, 'received_on', 'fa-life-ring', self.env._("Ticket"), lambda one: (one.title or one.name, types[one.ticket_type]),
        )]
