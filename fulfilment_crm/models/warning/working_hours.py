from odoo import fields, models

from ...tools.working_time import moved


class ResourceCalendar(models.Model):
    _inherit = 'resource.calendar'

    def _recount_deadlines(self):
        result = super()._recount_deadlines()
        now = fields.Datetime.now()
        self.env['fulfilment.alert'].search([
            ('state', '=', 'open'), ('escalate_on', '>', now), ('company_id.resource_calendar_id', 'in', self.ids),
        ])._recount_escalation()
        return result


class FulfilmentAlert(models.Model):
    _inherit = 'fulfilment.alert'

    def _recount_escalation(self):
        """Working hours changed: the alerts are escalated when they say now, with the day of their to-dos, and none at once."""
        now, activity_type = fields.Datetime.now(), self.env.ref('fulfilment_crm.activity_type_alert')
        for (rule, company, raised), alerts in self.grouped(lambda one: (one.rule_id, one.company_id, one.create_date)).items():
            new = rule._escalation(company, raised)
            for alert in alerts:
                due = moved(alert.escalate_on, new or None, now)
                if due and due != alert.escalate_on:
                    alert.escalate_on = due
                    to_dos = alert.activity_ids.filtered(lambda one: one.activity_type_id == activity_type)
                    to_dos.date_deadline = company._fulfilment_today(due)[company]
