from collections import defaultdict
from datetime import datetime

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import ormcache

from ...tools.as_of import AsOf

REVERSED = {'<': '>', '<=': '>=', '>': '<', '>=': '<='}


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

    # Profile
    fulfilment_window_months = fields.Integer(
        string="Figures of the last (months)", default=12, help="The window of turnover, orders, delays and on-time rates, up to today.",
    )
    fulfilment_index_months = fields.Integer(string="Payment index over (months)", default=24)
    fulfilment_index_payments = fields.Integer(string="Payment index from (payments)", default=3)
    fulfilment_silence_factor = fields.Float(
        string="Silence factor", default=2.0,
        help="A customer is silent beyond mean + this × standard deviation of the days between orders.",
    )
    fulfilment_retention = fields.Float(
        string="Retention a year (%)", default=80.0,
        help="Share of customers kept from one year to the next, for the value of a relationship.",
    )
    fulfilment_discount = fields.Float(string="Discount a year (%)", default=10.0, help="What money is worth less a year later.")
    fulfilment_value_years = fields.Integer(string="Years counted", default=0, help="0: without end.")
    fulfilment_cost_to_win = fields.Monetary(string="Cost to win a customer", currency_field='currency_id')
    fulfilment_cost_to_keep = fields.Monetary(string="Cost to keep a customer", currency_field='currency_id')

    # Credit
    fulfilment_credit_user_id = fields.Many2one(
        'res.users', string="Credit controller", ondelete='set null',
        help="Is told of every order that is held. Empty: the first of the credit controllers.",
    )
    fulfilment_downgrade_at_once = fields.Boolean(
        string="A lower grade holds at once", default=True, help="Until its approval ends, a lower grade proposed counts for new orders.",
    )
    fulfilment_score_fall = fields.Float(
        string="Outside score: fall that warns (points)", default=10.0,
        help="A fall by this or more warns the responsible the same day and leads to a new assessment.",
    )

    fulfilment_tier_automatic = fields.Boolean(
        string="Tiers change by themselves", default=True,
        help="Off: a change of tier is proposed, and somebody decides. A first tier is always given.",
    )

    _fulfilment_windows_check = models.Constraint(
        'CHECK(fulfilment_window_months BETWEEN 1 AND 120 AND fulfilment_index_months BETWEEN 1 AND 120'
        ' AND fulfilment_index_payments >= 1)',
        "Windows of figures lie between 1 and 120 months, and a payment index rests on at least one payment.",
    )
    _fulfilment_value_check = models.Constraint(
        'CHECK(fulfilment_retention BETWEEN 0 AND 100 AND fulfilment_discount >= 0 AND fulfilment_value_years BETWEEN 0 AND 100'
        ' AND (fulfilment_value_years > 0 OR fulfilment_retention < 100 + fulfilment_discount))',
        "Retention lies between 0 and 100 %, discount is not negative, and without end one of them must make later years worth less.",
    )
    _fulfilment_reminder_hour_check = models.Constraint(
        'CHECK(fulfilment_reminder_hour BETWEEN 0 AND 23)', "The hour of the reminders lies between 0 and 23.",
    )

    def _has_field_access(self, field, operation):
        # Settings of ours are for colleagues: customers read companies, too.
        if field.name.startswith('fulfilment_') and not self.env.su and not self.env.user._is_internal():
            return False
        return super()._has_field_access(field, operation)

    def write(self, vals):
        """Note changed settings in the chatter of the company's contact: a company has none of its own."""
        names = [name for name in vals if name.startswith('fulfilment_')]
        before = {company: {name: company[name] for name in names} for company in self}
        result = super().write(vals)
        if 'resource_calendar_id' in vals:
            # The time zones of companies are kept in memory.
            self.env.registry.clear_cache()
        if names:
            info = self.fields_get(names)
            changes = {company: [values for *_command, values in company._mail_track(info, before[company])[1]] for company in self}
            self.env['fulfilment.audit.mixin']._audit([(company.partner_id, '', changes[company]) for company in self if changes[company]])
        return result

    def _fulfilment_letterhead(self):
        """Sender and author of mails that the company sends, whoever's action they follow: values for ``mail.mail``."""
        self.ensure_one()
        # safe: the company's own address
        company = self.sudo()
        sender = company.fulfilment_reminder_from or company.email_formatted or company.fulfilment_manager_id.email_formatted
        return {'author_id': company.partner_id.id, **({'email_from': sender} if sender else {})}

    def _fulfilment_today(self, as_of=None, reading=False):
        """The date in each company's own time zone, which is that of its working hours (a company has none of its own).

        :param as_of: a date (taken as it is), a naive UTC datetime (converted), or None for now. The context key ``as_of``
            stands in when the argument is None, if it holds an ``AsOf`` or the day is only read by.
        :param bool reading: nothing is decided by it, so anybody may ask about another day
        :return: ``{company: date}``
        """
        asked = self.env.context.get('as_of')
        if isinstance(asked, AsOf):
            as_of = as_of or asked.moment
        elif reading:
            as_of = as_of or asked
        if isinstance(as_of, str):
            try:
                as_of = fields.Datetime.to_datetime(as_of) if len(as_of) > 10 else fields.Date.to_date(as_of)
            except ValueError as error:
                raise UserError(self.env._("“%s” is no date: give it as 2026-12-31.", as_of)) from error
        if as_of and not isinstance(as_of, datetime):
            return dict.fromkeys(self, as_of)
        moment = pytz.utc.localize(as_of or fields.Datetime.now())
        return {company: moment.astimezone(pytz.timezone(company._fulfilment_zone())).date() for company in self}

    @ormcache('self.id')
    def _fulfilment_zone(self):
        """The name of the time zone of a company's working hours."""
        self.ensure_one()
        # safe: only the time zone of the working hours is read
        return self.sudo().resource_calendar_id.tz or 'UTC'

    @api.model
    def _fulfilment_companies_by_day(self, as_of=None):
        """All companies grouped by their date: at most three groups, so rules on dates stay few.

        :return: ``{date: companies}``
        """
        groups = defaultdict(self.browse)
        # safe: ids of companies for a domain; the search using it applies the reader's own rules
        for company, day in self.sudo().search([])._fulfilment_today(as_of, reading=True).items():
            groups[day] |= company
        return groups

    @api.model
    def _fulfilment_days_domain(self, date_field, operator, value, since=False):
        """The condition on a date that a condition on days comes to, as a search method gets it.

        :param str date_field: of a model with ``company_id``
        :param str operator: ``in`` or a comparison
        :param value: days, or a collection of them; False among them stands for records without the date
        :param bool since: the days count from the date to today; else from today to the date
        :return: Domain, or NotImplemented for other operators
        """
        if operator == 'in':
            days, comparison = value, 'in'
        elif operator in REVERSED:
            days, comparison = [value], REVERSED[operator] if since else operator
        else:
            return NotImplemented

        def dated(today):
            dates = [
                fields.Date.subtract(today, days=number) if since else fields.Date.add(today, days=number)
                for number in days if number is not False
            ]
            return Domain(date_field, comparison, dates if comparison == 'in' else dates[0])

        domain = Domain.OR(
            Domain('company_id', 'in', companies.ids) & dated(today) for today, companies in self._fulfilment_companies_by_day().items()
        )
        return domain | Domain(date_field, '=', False) if operator == 'in' and False in value else domain

    def _fulfilment_credit_controller(self):
        """Who is told of held orders: the credit controller set, else the first of the group, else the fulfilment manager."""
        self.ensure_one()
        # safe: finds whom to tell
        company = self.sudo()
        if company.fulfilment_credit_user_id.active:
            return company.fulfilment_credit_user_id
        group = self.env.ref('fulfilment_crm.group_credit').sudo()
        people = group.user_ids.filtered(lambda user: user.active and company in user.company_ids).sorted('id')
        return people[:1] or company.fulfilment_manager_id

    def _fulfilment_escalation_deadline(self, start):
        """When an approval asked at ``start`` (naive UTC) is escalated, or False where escalation is off."""
        self.ensure_one()
        # safe: reads the working hours only
        calendar = self.sudo().resource_calendar_id
        if not calendar or self.fulfilment_escalation_days <= 0:
            return False
        return self.env['fulfilment.workday']._deadline(calendar, start, self.fulfilment_escalation_days, 'working_day', self)
