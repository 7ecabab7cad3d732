from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_approval = fields.Boolean(related='company_id.fulfilment_approval', readonly=False)
    fulfilment_escalation_days = fields.Integer(related='company_id.fulfilment_escalation_days', readonly=False)
    fulfilment_manager_id = fields.Many2one(related='company_id.fulfilment_manager_id', readonly=False)
    fulfilment_reminder_hour = fields.Integer(related='company_id.fulfilment_reminder_hour', readonly=False)
    fulfilment_reminder_from = fields.Char(related='company_id.fulfilment_reminder_from', readonly=False)
    fulfilment_catch_up_days = fields.Integer(related='company_id.fulfilment_catch_up_days', readonly=False)
    fulfilment_sms_fallback = fields.Selection(related='company_id.fulfilment_sms_fallback', readonly=False)
    fulfilment_window_months = fields.Integer(related='company_id.fulfilment_window_months', readonly=False)
    fulfilment_index_months = fields.Integer(related='company_id.fulfilment_index_months', readonly=False)
    fulfilment_index_payments = fields.Integer(related='company_id.fulfilment_index_payments', readonly=False)
    fulfilment_silence_factor = fields.Float(related='company_id.fulfilment_silence_factor', readonly=False)
    fulfilment_retention = fields.Float(related='company_id.fulfilment_retention', readonly=False)
    fulfilment_discount = fields.Float(related='company_id.fulfilment_discount', readonly=False)
    fulfilment_value_years = fields.Integer(related='company_id.fulfilment_value_years', readonly=False)
    fulfilment_credit_user_id = fields.Many2one(related='company_id.fulfilment_credit_user_id', readonly=False)
    fulfilment_downgrade_at_once = fields.Boolean(related='company_id.fulfilment_downgrade_at_once', readonly=False)
    fulfilment_score_fall = fields.Float(related='company_id.fulfilment_score_fall', readonly=False)
    fulfilment_tier_automatic = fields.Boolean(related='company_id.fulfilment_tier_automatic', readonly=False)
    fulfilment_cost_to_win = fields.Monetary(
        related='company_id.fulfilment_cost_to_win', readonly=False, currency_field='fulfilment_currency_id',
    )
    fulfilment_cost_to_keep = fields.Monetary(
        related='company_id.fulfilment_cost_to_keep', readonly=False, currency_field='fulfilment_currency_id',
    )
    fulfilment_currency_id = fields.Many2one(related='company_id.currency_id', string="Currency of the company")
    fulfilment_workday_notice = fields.Char(compute='_compute_fulfilment_workday_notice')

    def _compute_fulfilment_workday_notice(self):
        for settings in self:
            calendar = settings.company_id.resource_calendar_id
            year = fields.Date.context_today(self).year
            years = self.env['fulfilment.workday']._years_without_data(calendar, year, year + 1) if calendar else []
            settings.fulfilment_workday_notice = self.env._(
                "No extra working days are known for %(years)s. Deadlines in them may be off by a day: add them once they are announced.",
                years=', '.join(map(str, years)),
            ) if years else False
