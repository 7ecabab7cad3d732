from odoo import fields, models


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

    def _recount_deadlines(self):
        result = super()._recount_deadlines()
        self.env['fulfilment.response.step'].search([
            ('state', '=', 'running'), ('is_late', '=', False), ('unit', '=', 'working_day'), ('deadline', '>', fields.Datetime.now()),
            ('company_id.resource_calendar_id', 'in', self.ids),
        ])._recount_deadline()
        return result
