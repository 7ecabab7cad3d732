from collections import defaultdict
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import ormcache

from ...tools.as_of import AsOf
from ...tools.local_time import clock, noon_of

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

    def _fulfilment_sender(self):
        """Return the address that mails of the company come from; empty where it has none."""
        return self._fulfilment_preset_sender() or self.email_formatted or self.fulfilment_manager_id.email_formatted

    def _fulfilment_preset_sender(self):
        """Return the address that mails of scheduled actions come from, whatever their templates say; a room extends it."""
        return False

    def _fulfilment_letterhead(self):
        """Return sender and author of mails that the company sends, whichever user's action they follow: values for ``mail.mail``."""
        self.ensure_one()
        # safe: the company's own address
        company = self.sudo()
        sender = company._fulfilment_sender()
        return {'author_id': company.partner_id.id, **({'email_from': sender} if sender else {})}

    def _fulfilment_today(self, as_of=None, reading=False):
        """Return the date in each company's time zone, which is that of its working hours (a company has no time zone of its own).

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
        moment = as_of or fields.Datetime.now()
        return {company: clock(moment, company._fulfilment_zone()).date() for company in self}

    def _fulfilment_noon(self, day):
        """Return noon of a day where the company works, naive UTC."""
        self.ensure_one()
        return noon_of(day, self._fulfilment_zone())

    def _fulfilment_moments(self, as_of=None):
        """Return the moment to work for in each company: now, or noon of another day.

        :return: ``{company: naive UTC datetime}``
        """
        now, today = fields.Datetime.now(), self._fulfilment_today()
        return {
            company: now if day == today[company] else company._fulfilment_noon(day)
            for company, day in self._fulfilment_today(as_of).items()
        }

    @ormcache('self.id')
    def _fulfilment_zone(self):
        """Return the name of the time zone of a company's working hours."""
        self.ensure_one()
        # safe: only the time zone of the working hours is read
        return self.sudo().resource_calendar_id.tz or 'UTC'

    @api.model
    def _fulfilment_companies_by_day(self, as_of=None):
        """Group all companies by their date: at most three groups, so rules on dates stay few.

        :return: ``{date: companies}``
        """
        groups = defaultdict(self.browse)
        # safe: ids of companies for a domain; the search using it applies the reader's own rules
        for company, day in self.sudo().search([])._fulfilment_today(as_of, reading=True).items():
            groups[day] |= company
        return groups

    @api.model
    def _fulfilment_days_domain(self, date_field, operator, value, since=False):
        """Turn a condition on days, as a search method gets it, into the condition on a date that it comes to.

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

    def _fulfilment_escalation_deadline(self, start):
        """Return when an approval asked at ``start`` (naive UTC) is escalated, or False where escalation is off."""
        self.ensure_one()
        # safe: reads the working hours only
        calendar = self.sudo().resource_calendar_id
        if not calendar or self.fulfilment_escalation_days <= 0:
            return False
        return self.env['fulfilment.workday']._deadline(calendar, start, self.fulfilment_escalation_days, 'working_day', self)
