from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_satisfied_rule_id = fields.Many2one(
        'fulfilment.reward.rule', string="Reward for satisfied customers", ondelete='set null',
        help="What a granted proposal for a very satisfied customer gives, if it is of the kind proposed. Empty: it is given by hand.",
    )
    fulfilment_points_program_id = fields.Many2one(
        'loyalty.program', string="Program of points", ondelete='set null', domain=[('program_type', '=', 'loyalty')],
        help="Where points in compensation of a ticket go. Empty: the program this app comes with.",
    )
    fulfilment_point_cost = fields.Float(
        string="Cost of a point", default=0.01, digits=(16, 4), help="In the company's currency, for points in compensation of a ticket.",
    )
    fulfilment_priority_days = fields.Integer(
        string="Priority: reminders later by (days)", default=3,
        help="Reminders to priority customers about dates that have passed wait this much longer, at most as long as missed reminders are"
             " caught up.",
    )

    _fulfilment_rewards_check = models.Constraint(
        'CHECK(fulfilment_point_cost >= 0 AND fulfilment_priority_days >= 0)',
        "The cost of a point and the days reminders wait are not negative.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_satisfied_rule_id = fields.Many2one(related='company_id.fulfilment_satisfied_rule_id', readonly=False)
    fulfilment_points_program_id = fields.Many2one(related='company_id.fulfilment_points_program_id', readonly=False)
    fulfilment_point_cost = fields.Float(related='company_id.fulfilment_point_cost', readonly=False)
    fulfilment_priority_days = fields.Integer(related='company_id.fulfilment_priority_days', readonly=False)
