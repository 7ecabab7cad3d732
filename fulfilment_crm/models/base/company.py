from collections import defaultdict
from datetime import datetime

import pytz

from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    # Approval
    fulfilment_approval = fields.Boolean(
        string="Contracts need approval", default=True,
        help="When off, a submitted contract or amendment is approved at once, and says so.",
    )
    fulfilment_escalation_days = fields.Integer(
        string="Escalate approvals after (working days)", default=3,
        help="An approval that waits longer is shown to the fulfilment manager. 0 switches it off.",
    )
    fulfilment_manager_id = fields.Many2one(
        'res.users', string="Fulfilment manager", ondelete='set null',
        help="Receives what nobody else is there for: escalations of people without a sales team leader.",
    )
    # Reminders
    fulfilment_reminders = fields.Boolean(string="Send reminders", default=True)
    fulfilment_reminder_hour = fields.Integer(
        string="Reminders from (hour of the day)", default=8,
        help="0 to 23, in the time zone of the company's working hours. Reminders go out with the first run after it.",
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
        string="Without an SMS account", default='email', required=True,
        help="What becomes of an SMS reminder while no SMS account with credit is set up.",
    )

    _fulfilment_reminder_hour_check = models.Constraint(
        'CHECK(fulfilment_reminder_hour BETWEEN 0 AND 23)', "The hour of the reminders lies between 0 and 23.",
    )

    def write(self, vals):
        """Note changed settings in the chatter of the company's contact: a company has none of its own."""
        names = [name for name in vals if name.startswith('fulfilment_')]
        before = {company: {name: company[name] for name in names} for company in self}
        result = super().write(vals)
        if names:
            info = self.fields_get(names)
            changes = {company: [values for *_command, values in company._mail_track(info, before[company])[1]] for company in self}
            self.env['fulfilment.audit.mixin']._audit([(company.partner_id, '', changes[company]) for company in self if changes[company]])
        return result

    def _fulfilment_today(self, as_of=None):
        """The date in each company's own time zone, which is that of its working hours (a company has none of its own).

        :param as_of: a date (taken as it is), a naive UTC datetime (converted), or None for now. The context key ``as_of``
            stands in when the argument is None, so that searches honour it too.
        :return: ``{company: date}``
        """
        as_of = as_of or self.env.context.get('as_of')
        if isinstance(as_of, str):
            as_of = fields.Datetime.to_datetime(as_of) if len(as_of) > 10 else fields.Date.to_date(as_of)
        if as_of and not isinstance(as_of, datetime):
            return dict.fromkeys(self, as_of)
        moment = pytz.utc.localize(as_of or fields.Datetime.now())
        # safe: only the time zone of the working hours is read
        return {
            company: moment.astimezone(pytz.timezone(company.sudo().resource_calendar_id.tz or 'UTC')).date() for company in self
        }

    @api.model
    def _fulfilment_companies_by_day(self, as_of=None):
        """All companies grouped by their date: at most three groups, so rules on dates stay few.

        :return: ``{date: companies}``
        """
        groups = defaultdict(self.browse)
        # safe: ids of companies for a domain; the search using it applies the reader's own rules
        for company, day in self.sudo().search([])._fulfilment_today(as_of).items():
            groups[day] |= company
        return groups

    def _fulfilment_escalation_deadline(self, start):
        """When an approval asked at ``start`` (naive UTC) is escalated, or False where escalation is off."""
        self.ensure_one()
        # safe: reads the working hours only
        calendar = self.sudo().resource_calendar_id
        if not calendar or self.fulfilment_escalation_days <= 0:
            return False
        return self.env['fulfilment.workday']._deadline(calendar, start, self.fulfilment_escalation_days, 'working_day')
