from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_long_term_years = fields.Integer(
        string="Long-term relation from (years)", default=2, help="Of customers who have been with us for at least so long.",
    )

    fulfilment_tier_automatic = fields.Boolean(
        string="Tiers change by themselves", default=True,
        help="Off: a change of tier is proposed, and somebody decides. A first tier is always given.",
    )

    _fulfilment_long_term_check = models.Constraint(
        'CHECK(fulfilment_long_term_years BETWEEN 1 AND 100)', "A long-term relation lasts between 1 and 100 years.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_long_term_years = fields.Integer(related='company_id.fulfilment_long_term_years', readonly=False)
    fulfilment_tier_automatic = fields.Boolean(related='company_id.fulfilment_tier_automatic', readonly=False)
