from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_pareto_a = fields.Float(
        string="Class A below (% of turnover)", default=80.0, help="While the customers before make less than this of all turnover.",
    )
    fulfilment_pareto_b = fields.Float(string="Class B below (% of turnover)", default=95.0, help="While they make less than this; else C.")

    _fulfilment_pareto_check = models.Constraint(
        'CHECK(fulfilment_pareto_a BETWEEN 0 AND fulfilment_pareto_b AND fulfilment_pareto_b <= 100)',
        "Class B ends above class A, and at 100 % at most.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_pareto_a = fields.Float(related='company_id.fulfilment_pareto_a', readonly=False)
    fulfilment_pareto_b = fields.Float(related='company_id.fulfilment_pareto_b', readonly=False)
