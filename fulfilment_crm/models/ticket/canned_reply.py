from odoo import fields, models


class FulfilmentTicketReply(models.Model):
    """A solution written once for what is asked again and again."""
    _name = 'fulfilment.ticket.reply'
    _description = 'Canned solution'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.part.mixin']
    _order = 'sequence, name, id'

    category_id = fields.Many2one('fulfilment.ticket.category', ondelete='set null', index='btree_not_null', tracking=True)
    solution = fields.Text(required=True, translate=True, tracking=True)
