from odoo import fields, models

LOYALTY_KINDS = [('training', "Free training"), ('priority', "Priority in service"), ('points', "Loyalty points")]


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_satisfaction_very = fields.Float(
        string="Very satisfied from", default=4.5, help="Mean of the dimensions answered, not rounded.",
    )
    fulfilment_satisfaction_fairly = fields.Float(
        string="Fairly satisfied from", default=3.5, help="Below it a customer is dissatisfied.",
    )
    fulfilment_weak_mark = fields.Float(
        string="Weak dimension below", default=3.5, help="A mark below it in a single answer opens an improvement action.",
    )
    fulfilment_improvement_rise = fields.Float(
        string="Improvement: rise wanted", default=0.5, help="An improvement action closes when a later mark is higher by at least this.",
    )
    fulfilment_improvement_days = fields.Integer(string="Improvement: due after (days)", default=30)
    fulfilment_loyalty_kind = fields.Selection(
        LOYALTY_KINDS, string="For very satisfied customers", default='training', help="What is proposed. Empty: nothing.",
    )

    _fulfilment_satisfaction_check = models.Constraint(
        'CHECK(fulfilment_satisfaction_fairly BETWEEN 1 AND 5 AND fulfilment_satisfaction_very BETWEEN fulfilment_satisfaction_fairly AND 5'
        ' AND fulfilment_weak_mark BETWEEN 1 AND 5 AND fulfilment_improvement_rise > 0 AND fulfilment_improvement_days >= 0)',
        "Marks lie between 1 and 5, “very satisfied” begins at or above “fairly satisfied”, and an improvement is a rise.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_satisfaction_very = fields.Float(related='company_id.fulfilment_satisfaction_very', readonly=False)
    fulfilment_satisfaction_fairly = fields.Float(related='company_id.fulfilment_satisfaction_fairly', readonly=False)
    fulfilment_weak_mark = fields.Float(related='company_id.fulfilment_weak_mark', readonly=False)
    fulfilment_improvement_rise = fields.Float(related='company_id.fulfilment_improvement_rise', readonly=False)
    fulfilment_improvement_days = fields.Integer(related='company_id.fulfilment_improvement_days', readonly=False)
    fulfilment_loyalty_kind = fields.Selection(related='company_id.fulfilment_loyalty_kind', readonly=False)
