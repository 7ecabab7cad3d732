from odoo import fields, models


class FulfilmentClauseCategory(models.Model):
    _name = 'fulfilment.clause.category'
    _description = 'Clause category'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(required=True, help="Short name for imports.", tracking=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True)

    _code_unique = models.UniqueIndex('(code)', "Another clause category has this code already.")
