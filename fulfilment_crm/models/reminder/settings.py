from odoo import fields, models

from ...tools.local_time import clock


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_reminder_hour = fields.Integer(
        string="Reminders from (hour of the day)", default=8,
        help="0 to 23, in the time zone of the company's working hours. Reminders go out with the first run after it; an e-mail "
             "waits for that hour where its receiver is, if the receiver's time zone is known.",
    )
    fulfilment_reminder_from = fields.Char(
        string="Reminder sender", help="E-mail address reminders come from. Empty: the address of the person responsible.",
    )
    fulfilment_catch_up_days = fields.Integer(
        string="Catch up missed reminders for (days)", default=14,
        help="A reminder whose day has passed, for example because the server was down, is still sent within this many days.",
    )
    fulfilment_sms_fallback = fields.Selection(
        [('email', "E-mail instead"), ('activity', "Activity for the person responsible"), ('none', "Only list it")],
        string="Without an SMS account", default='email',
        help="What becomes of an SMS reminder while no SMS account with credit is set up.",
    )

    _fulfilment_reminder_hour_check = models.Constraint(
        'CHECK(fulfilment_reminder_hour BETWEEN 0 AND 23)', "The hour of the reminders lies between 0 and 23.",
    )

    def _fulfilment_hour_has_come(self):
        """Whether it is the hour of reminders, or later, where the company works."""
        self.ensure_one()
        return clock(fields.Datetime.now(), self._fulfilment_zone()).hour >= self.fulfilment_reminder_hour

    def _fulfilment_preset_sender(self):
        return self.fulfilment_reminder_from or super()._fulfilment_preset_sender()


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_reminder_hour = fields.Integer(related='company_id.fulfilment_reminder_hour', readonly=False)
    fulfilment_reminder_from = fields.Char(related='company_id.fulfilment_reminder_from', readonly=False)
    fulfilment_catch_up_days = fields.Integer(related='company_id.fulfilment_catch_up_days', readonly=False)
    fulfilment_sms_fallback = fields.Selection(related='company_id.fulfilment_sms_fallback', readonly=False)
