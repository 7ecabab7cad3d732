from odoo import fields, models


class FulfilmentClauseCategory(models.Model):
    _name = 'fulfilment.clause.category'
    _description = 'Clause category'
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, help="Short name for imports.")
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True)

    _code_unique = models.UniqueIndex('(code)', "Another clause category has this code already.")
