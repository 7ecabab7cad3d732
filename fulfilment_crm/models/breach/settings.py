from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_damages_product_id = fields.Many2one(
        'product.product', string="Product of damages", domain="[('sale_ok', '=', True)]",
        help="Gives account and taxes of what is claimed. Without it: the account of the journal, without tax.",
    )
    fulfilment_damages_excess = fields.Float(
        string="Claim above the loss warns from (%)", default=30.0, digits=(5, 2),
        help="A claim above the loss stated by more than this share warns, for a court may reduce it.",
    )
    fulfilment_objection_days = fields.Integer(
        string="Days for objections to damages", default=15, help="From the claim on, customers object on the portal within these days.",
    )

    _fulfilment_damages_check = models.Constraint(
        'CHECK(fulfilment_damages_excess >= 0 AND fulfilment_objection_days BETWEEN 0 AND 3650)',
        "Shares are not negative; days to object are ten years at most.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_damages_product_id = fields.Many2one(related='company_id.fulfilment_damages_product_id', readonly=False)
    fulfilment_damages_excess = fields.Float(related='company_id.fulfilment_damages_excess', readonly=False)
    fulfilment_objection_days = fields.Integer(related='company_id.fulfilment_objection_days', readonly=False)
