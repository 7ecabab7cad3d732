from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_log_hours = fields.Float(
        string="Log interactions within (hours)", default=24.0,
        help="What is logged later counts as logged late; exactly so late is in time.",
    )
    fulfilment_meeting_days = fields.Integer(
        string="Make planned meetings ahead (days)", default=35, help="Of the communication plans of contracts.",
    )
    fulfilment_care_days = fields.Integer(
        string="Plan care ahead (days)", default=7, help="The visits and calls of a period are planned so many days before it begins.",
    )
    fulfilment_care_hour = fields.Float(
        string="Visits begin at", default=10.0, help="Hour of the day, in the time zone of the company's working hours.",
    )
    fulfilment_occasion_days = fields.Integer(
        string="Tell of yearly occasions ahead (days)", default=7,
        help="So many days before a birthday or anniversary there is an activity.",
    )

    _fulfilment_care_check = models.Constraint(
        'CHECK(fulfilment_log_hours >= 0 AND fulfilment_meeting_days BETWEEN 0 AND 400 AND fulfilment_care_days BETWEEN 0 AND 90'
        ' AND fulfilment_care_hour >= 0 AND fulfilment_care_hour < 24 AND fulfilment_occasion_days BETWEEN 0 AND 90)',
        "Hours to log are not negative; meetings up to 400 days ahead, care and occasions up to 90; visits begin between 0 and 24.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_log_hours = fields.Float(related='company_id.fulfilment_log_hours', readonly=False)
    fulfilment_meeting_days = fields.Integer(related='company_id.fulfilment_meeting_days', readonly=False)
    fulfilment_care_days = fields.Integer(related='company_id.fulfilment_care_days', readonly=False)
    fulfilment_care_hour = fields.Float(related='company_id.fulfilment_care_hour', readonly=False)
    fulfilment_occasion_days = fields.Integer(related='company_id.fulfilment_occasion_days', readonly=False)
