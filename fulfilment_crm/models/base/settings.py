from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_approval = fields.Boolean(related='company_id.fulfilment_approval', readonly=False)
    fulfilment_escalation_days = fields.Integer(related='company_id.fulfilment_escalation_days', readonly=False)
    fulfilment_manager_id = fields.Many2one(related='company_id.fulfilment_manager_id', readonly=False)
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
