from odoo import fields, models

from ..base.readers import READERS


class CalendarEvent(models.Model):
    """Meetings that a plan asked for: of care, or of communication about a contract."""
    _inherit = 'calendar.event'

    fulfilment_meeting_ids = fields.One2many('fulfilment.communication.meeting', 'event_id', string="Planned meetings", groups=READERS)
    fulfilment_care_task_ids = fields.One2many('fulfilment.care.task', 'event_id', string="Care tasks", groups=READERS)

    def _fulfilment_contract(self):
        return self.fulfilment_meeting_ids[:1].plan_id.contract_id or super()._fulfilment_contract()

    def _fulfilment_contact_kind(self):
        return self.fulfilment_care_task_ids[:1].kind or super()._fulfilment_contact_kind()


class MailActivity(models.Model):
    """Calls and follow-ups that a care plan asked for."""
    _inherit = 'mail.activity'

    fulfilment_care_task_ids = fields.One2many('fulfilment.care.task', 'activity_id', string="Care tasks", groups=READERS)

    def _fulfilment_contact_kind(self):
        return self.fulfilment_care_task_ids[:1].kind or super()._fulfilment_contact_kind()

    def _fulfilment_company(self):
        return self.fulfilment_care_task_ids[:1].company_id or super()._fulfilment_company()
