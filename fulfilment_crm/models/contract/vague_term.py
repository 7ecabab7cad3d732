from odoo import fields, models


class FulfilmentVagueTerm(models.Model):
    """Wording that promises nothing, such as 尽快 or "as soon as possible": pointed out before a contract is approved."""
    _name = 'fulfilment.vague.term'
    _description = 'Vague wording'
    _inherit = ['fulfilment.audit.part.mixin']
    _order = 'name'

    name = fields.Char(string="Wording", required=True, tracking=True)
    hint = fields.Char(translate=True, help="What to write instead.", tracking=True)
    active = fields.Boolean(default=True, tracking=True)

    _name_unique = models.UniqueIndex('(name)', "This wording is in the list already.")
