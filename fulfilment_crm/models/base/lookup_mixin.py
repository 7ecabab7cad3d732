from odoo import fields, models


class FulfilmentLookupMixin(models.AbstractModel):
    """What people keep lists of and choose from: named, in an order, archived when it is not used any more, of one company or of all."""
    _name = 'fulfilment.lookup.mixin'
    _description = 'List to choose from'
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True, tracking=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one('res.company', index=True, ondelete='cascade', tracking=True, help="Empty: for all companies.")
