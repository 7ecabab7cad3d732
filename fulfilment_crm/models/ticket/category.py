from odoo import fields, models


class FulfilmentTicketCategory(models.Model):
    """What a ticket is about. Agents have categories as their skills."""
    _name = 'fulfilment.ticket.category'
    _description = 'Ticket category'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, name, id'

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one('res.company', index=True, ondelete='cascade', help="Empty: for all companies.", tracking=True)
    team_id = fields.Many2one(
        'fulfilment.service.team', ondelete='set null', index='btree_not_null', tracking=True,
        help="New tickets of this category go to this team.",
    )
    on_portal = fields.Boolean(string="On the portal", default=True, tracking=True, help="Customers can choose it.")
