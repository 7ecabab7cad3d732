from odoo import api, fields, models


class FulfilmentContractLine(models.Model):
    """What is sold or done under the contract, as it was agreed. Later changes of the order do not reach it."""
    _name = 'fulfilment.contract.line'
    _description = 'Contract line'
    _inherit = ['fulfilment.contract.part.mixin']
    _order = 'sequence, id'

    sequence = fields.Integer(default=10)
    name = fields.Text(string="Description", required=True, agreed=True)
    product_id = fields.Many2one('product.product', index='btree_not_null', ondelete='restrict', agreed=True)
    quantity = fields.Float(default=1.0, digits='Product Unit', agreed=True)
    uom_id = fields.Many2one('uom.uom', string="Unit", ondelete='restrict', agreed=True)
    price_unit = fields.Float(string="Unit price", digits='Product Price', agreed=True)
    discount = fields.Float(string="Disc.%", digits='Discount', agreed=True)
    currency_id = fields.Many2one(related='contract_id.currency_id')
    amount_untaxed = fields.Monetary(string="Untaxed", compute='_compute_amounts', store=True, readonly=False, precompute=True, agreed=True)
    amount_total = fields.Monetary(string="Total", compute='_compute_amounts', store=True, readonly=False, precompute=True, agreed=True)
    sale_line_id = fields.Many2one('sale.order.line', readonly=True, index='btree_not_null', ondelete='set null', copy=False)

    def _amend(self, **values):
        """Change what was agreed of a line; its tax stays in proportion."""
        self.ensure_one()
        rate = self.amount_total / self.amount_untaxed if self.amount_untaxed else 1.0
        self.write(values)
        untaxed = self.currency_id.round(self.quantity * self.price_unit * (1 - self.discount / 100))
        self.write({'amount_untaxed': untaxed, 'amount_total': self.currency_id.round(untaxed * rate)})

    @api.depends('quantity', 'price_unit', 'discount')
    def _compute_amounts(self):
        for line in self:
            amount = line.quantity * line.price_unit * (1 - line.discount / 100)
            line.amount_untaxed = line.amount_total = line.currency_id.round(amount) if line.currency_id else amount
