from odoo import fields, models


class FulfilmentTicketCategory(models.Model):
    """What a ticket is about. Agents have categories as their skills."""
    _name = 'fulfilment.ticket.category'
    _description = 'Ticket category'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.part.mixin']
    _order = 'sequence, name, id'

    team_id = fields.Many2one(
        'fulfilment.service.team', ondelete='set null', index='btree_not_null', tracking=True,
        help="New tickets of this category go to this team.",
    )
    on_portal = fields.Boolean(string="On the portal", default=True, tracking=True, help="Customers can choose it.")
