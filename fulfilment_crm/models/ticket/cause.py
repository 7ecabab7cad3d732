from odoo import fields, models


class FulfilmentTicketCause(models.Model):
    """Why it came to a complaint: the base of the monthly analysis."""
    _name = 'fulfilment.ticket.cause'
    _description = 'Cause of complaints'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, name, id'

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one('res.company', index=True, ondelete='cascade', help="Empty: for all companies.", tracking=True)
