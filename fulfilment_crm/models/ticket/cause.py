from odoo import models


class FulfilmentTicketCause(models.Model):
    """Why it came to a complaint: the base of the monthly analysis."""
    _name = 'fulfilment.ticket.cause'
    _description = 'Cause of complaints'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.part.mixin']
    _order = 'sequence, name, id'

