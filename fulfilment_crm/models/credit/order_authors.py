from odoo import fields, models
from odoo.fields import NO_ACCESS, Command

from .gate_marks import RELEASING, Marks


class SaleOrder(models.Model):
    """Who has worked on what is ordered, where orders are held against rules: they release none of it."""
    _inherit = 'sale.order'

    fulfilment_author_ids = fields.Many2many(
        'res.users', 'fulfilment_order_author_rel', string="Worked on by", copy=False, readonly=True, groups=NO_ACCESS,
        help="Who has added, changed or deleted what is ordered, and so does not release it.",
    )

    def _fulfilment_note_author(self):
        """Note the user as one who has changed what these orders are about; where nothing is held against rules, nothing is noted."""
        user = self.env.user
        if user._is_superuser() or Marks(self.env.cr).marked(RELEASING):
            return
        # safe: notes who did what they were allowed to do
        gated = self.sudo().filtered(lambda order: order._fulfilment_is_gated())
        if unknown := gated.filtered(lambda order: user not in order.fulfilment_author_ids):
            unknown.write({'fulfilment_author_ids': [Command.link(user.id)]})
