from odoo import api, fields, models


class FulfilmentBreachCause(models.Model):
    """Why agreements are not kept, as a tree: what is analysed is as coarse or fine as one likes."""
    _name = 'fulfilment.breach.cause'
    _description = 'Cause of breaches'
    _inherit = ['fulfilment.lookup.mixin', 'fulfilment.audit.mixin', 'mail.thread']
    _parent_store = True
    _order = 'parent_path, sequence, id'

    code = fields.Char(tracking=True, help="Short, for reports.")
    parent_id = fields.Many2one('fulfilment.breach.cause', string="Part of", index='btree_not_null', ondelete='restrict', tracking=True)
    parent_path = fields.Char(index=True)

    @api.depends('name', 'parent_id.name')
    def _compute_display_name(self):
        for cause in self:
            cause.display_name = f'{cause.parent_id.name} / {cause.name}' if cause.parent_id else cause.name or ''
