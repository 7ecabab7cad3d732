from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools.intervals import Intervals

from ...tools import china_days
from ...tools.working_time import NoWorkingTimeError, WorkingTime

SATURDAY = 5


class FulfilmentWorkday(models.Model):
    """A day that is worked although the calendar says it is not, such as the make-up Saturdays of Chinese holidays (调休)."""
    _name = 'fulfilment.workday'
    _description = 'Extra working day'
    _inherit = ['fulfilment.audit.part.mixin', 'fulfilment.worktime.mixin']
    _order = 'date desc, id desc'

    name = fields.Char(required=True, translate=True, tracking=True)
    date = fields.Date(required=True, index=True, tracking=True)
    calendar_id = fields.Many2one(
        'resource.calendar', string="Working hours", index=True, ondelete='cascade', help="Empty: for all.", tracking=True,
    )
    company_id = fields.Many2one(
        'res.company', index=True, ondelete='cascade', default=lambda self: self.env.company, help="Empty: for all companies.",
        tracking=True,
    )
    dayofweek = fields.Selection(
        [('0', "Monday"), ('1', "Tuesday"), ('2', "Wednesday"), ('3', "Thursday"), ('4', "Friday")],
        string="Hours of", default='0', required=True, help="The extra day is worked with the hours of this weekday.",
        tracking=True,
    )

    _once_a_day = models.UniqueIndex(
        '(date, COALESCE(calendar_id, 0), COALESCE(company_id, 0))', "This day is an extra working day already.",
    )

    @api.model
    def action_load_china(self, calendar=None):
        """Add the public holidays of mainland China and the make-up days to the company's working hours, for all years known.

        What is there already, stays as it is.

        :param calendar: id of the ``resource.calendar``; the company's own when missing
        """
        self.check_access('create')
        calendar = self.env['resource.calendar'].browse(calendar) if calendar else self.env.company.resource_calendar_id
        zone = pytz.timezone(calendar.tz or 'UTC')
        present = set(self.search([('calendar_id', '=', calendar.id)]).mapped('date'))
        self.create([
            {'name': '调休', 'date': day, 'calendar_id': calendar.id, 'company_id': calendar.company_id.id, 'dayofweek': '0'}
            for days in china_days.MAKE_UP_DAYS.values() for day in days if fields.Date.to_date(day) not in present
        ])
        # safe: the user was allowed to say which days are worked; public holidays are the same matter
        Leave = self.env['resource.calendar.leaves'].sudo()
        known = Leave.search([('calendar_id', '=', calendar.id), ('resource_id', '=', False)])
        vals_list = []
        for holidays in china_days.HOLIDAYS.values():
            for name, first, last in holidays:
                begin = _to_utc(zone.localize(datetime.combine(fields.Date.to_date(first), time.min)))
                end = _to_utc(zone.localize(datetime.combine(fields.Date.to_date(last), time.max.replace(microsecond=0))))
                if not known.filtered(lambda leave, begin=begin, end=end: leave.date_from < end and leave.date_to > begin):
                    vals_list.append({
                        'name': name, 'calendar_id': calendar.id, 'company_id': calendar.company_id.id, 'resource_id': False,
                        'date_from': begin, 'date_to': end,
                    })
        Leave.create(vals_list)
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}

    @api.model
    def _deadline(self, calendar, start, amount, unit, company=None):
        """Return when a period that begins at ``start`` is over.

        Working days do not count the day of ``start``; the period ends with the working hours of the last day. Clock hours and
        calendar days run through nights and holidays.

        :param calendar: ``resource.calendar``
        :param datetime start: naive, UTC
        :param float amount: how many units; at least 0
        :param str unit: ``hour``, ``day``, ``working_hour`` or ``working_day``
        :param company: whose matter it is; as in ``_working_time``
        :return: naive UTC datetime
        :raise UserError: when the calendar has no working time within ten years
        """
        return self._within(self._working_time(calendar, company), calendar, start, amount, unit)

    @api.model
    def _within(self, working_time, calendar, start, amount, unit, pauses=()):
        """Call ``WorkingTime.deadline``, with a sentence for the administrator when the calendar has no working time."""
        try:
            return working_time.deadline(start, amount, unit, pauses)
        except NoWorkingTimeError as error:
            raise UserError(self.env._(
                "The working hours “%(calendar)s” contain no working time for ten years. Add working hours to it.", calendar=calendar.name,
            )) from error

    @api.model
    def _working_time(self, calendar, company=None):
        """Return the working time of a company in a calendar, the same for everybody who asks.

        :param company: whose holidays and extra days count, with those of the companies it is a branch of; where the calendar is one
            company's, that one when missing
        :rtype: WorkingTime
        """
        def load(first, before):
            return [
                (day, [(_to_utc(opening), _whole(_to_utc(closing))) for opening, closing in intervals])
                for day, intervals in self._working_days(calendar, first, before, company)
            ]
        return WorkingTime(calendar.tz or 'UTC', load)

    @api.model
    def _working_days(self, calendar, first, before, company=None):
        """Return the days worked in ``calendar`` from ``first`` up to, not including, ``before``.

        They are its attendances, less holidays, plus extra working days.

        :param company: as in ``_working_time``
        :return: ``[(date, [(opening, closing), …]), …]`` in order, times aware in the zone of the calendar
        """
        # safe: which days are worked is no secret, and deadlines must not depend on who asks
        self, calendar = self.sudo(), calendar.sudo()
        company = (company or calendar.company_id or self.env.company).sudo()
        zone = pytz.timezone(calendar.tz or 'UTC')
        days = {}
        holidays = calendar._leave_intervals_batch(*_bounds(zone, first, before), domain=[
            ('time_type', '=', 'leave'), ('company_id', 'in', [False, *company.parent_ids.ids]),
        ])[False]
        for opening, closing, _records in _attendances(calendar, zone, first, before) - holidays:
            days.setdefault(opening.astimezone(zone).date(), []).append((opening.astimezone(zone), closing.astimezone(zone)))
        extra = self.search([
            ('date', '>=', first), ('date', '<', before), ('calendar_id', 'in', [False, calendar.id]),
            ('company_id', 'in', [False, *company.parent_ids.ids]),
        ])
        for workday in extra:
            like = workday.date + timedelta(days=int(workday.dayofweek) - workday.date.weekday())
            shift = workday.date - like
            days[workday.date] = [
                tuple(zone.localize(moment.astimezone(zone).replace(tzinfo=None) + shift) for moment in (opening, closing))
                for opening, closing, _records in _attendances(calendar, zone, like, like + timedelta(days=1))
            ]
        return [(day, sorted(intervals)) for day, intervals in sorted(days.items()) if intervals]

    @api.model
    def _years_without_data(self, calendar, first_year, last_year):
        """Return the years for which extra working days are missing although the calendar has them for other years.

        :return: sorted list of years; empty where the calendar never had any
        """
        company = calendar.company_id or self.env.company
        domain = [('calendar_id', 'in', [False, calendar.id]), ('company_id', 'in', [False, *company.parent_ids.ids])]
        # safe: as in _working_days
        known = {day.year for [day] in self.sudo()._read_group(domain, ['date:year'])}
        return [year for year in range(first_year, last_year + 1) if known and year not in known]


def _to_utc(moment):
    return moment.astimezone(pytz.utc).replace(tzinfo=None)


def _whole(moment):
    """Let a day that is worked to its end close at midnight: Odoo closes it a microsecond before."""
    return moment + timedelta(microseconds=1) if moment.microsecond == 999999 else moment


def _bounds(zone, first, before):
    return [zone.localize(datetime.combine(day, time.min)) for day in (first, before)]


def _attendances(calendar, zone, first, before):
    """Return the working hours of a calendar, holidays not taken off.

    Flexible hours are the same from Monday to Friday, around noon: Odoo counts their week from whatever day it is asked about.
    """
    if not calendar.flexible_hours:
        return calendar._attendance_intervals_batch(*_bounds(zone, first, before))[False]
    half, noon = timedelta(hours=calendar.hours_per_day / 2), time(12)
    days = [first + timedelta(days=number) for number in range((before - first).days)]
    middles = [zone.localize(datetime.combine(day, noon)) for day in days if day.weekday() < SATURDAY]
    return Intervals([(middle - half, middle + half, calendar.attendance_ids[:0]) for middle in middles])
