from odoo import fields, models


class FulfilmentTicketReply(models.Model):
    """A solution written once for what is asked again and again."""
    _name = 'fulfilment.ticket.reply'
    _description = 'Canned solution'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, name, id'

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one('res.company', index=True, ondelete='cascade', help="Empty: for all companies.", tracking=True)
    category_id = fields.Many2one('fulfilment.ticket.category', ondelete='set null', index='btree_not_null', tracking=True)
    solution = fields.Text(required=True, translate=True, tracking=True)
