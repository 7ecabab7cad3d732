from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_promise_grace = fields.Integer(
        string="Days of grace of promises", default=3, help="Money that comes this many days after the date still keeps a promise.",
    )
    fulfilment_promise_threshold = fields.Float(
        string="Promises are kept from (%)", default=95.0, digits=(5, 2), help="Share of the amount that has to come in time.",
    )
    fulfilment_plan_cure_days = fields.Integer(
        string="Days of cure of plans", default=7, help="After the days of grace; within them a missed instalment can be made good.",
    )

    _fulfilment_promise_check = models.Constraint(
        'CHECK(fulfilment_promise_grace >= 0 AND fulfilment_plan_cure_days >= 0 AND fulfilment_promise_threshold > 0 '
        'AND fulfilment_promise_threshold <= 100)',
        "Days of grace and cure are not negative, and promises are kept from a share above 0 and up to 100 %.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_promise_grace = fields.Integer(related='company_id.fulfilment_promise_grace', readonly=False)
    fulfilment_promise_threshold = fields.Float(related='company_id.fulfilment_promise_threshold', readonly=False)
    fulfilment_plan_cure_days = fields.Integer(related='company_id.fulfilment_plan_cure_days', readonly=False)
