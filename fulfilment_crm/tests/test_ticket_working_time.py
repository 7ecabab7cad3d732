"""Deadlines against minutes counted one by one."""
import random
from datetime import date, datetime, timedelta

import pytz

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from ..tools.working_time import NoWorkingTimeError, WorkingTime
from .common import FulfilmentCommon

FIRST, DAYS = date(2026, 1, 19), 190  # across the Chinese new year, Easter and the changes of the clock in Europe
HOLIDAYS = {date(2026, 2, 16) + timedelta(days=n) for n in range(8)} | {date(2026, 4, 6), date(2026, 5, 1)}
MAKE_UP = {date(2026, 2, 14), date(2026, 2, 28)}
HOURS = ((9, 12), (13, 18))


class Minutes:
    """A calendar as a list of minutes, each worked or not: slow and obvious."""

    def __init__(self, zone):
        self.zone = pytz.timezone(zone)
        self.begin = self.utc(datetime.combine(FIRST, datetime.min.time()))
        self.worked = []
        moment = self.begin
        while moment < self.begin + timedelta(days=DAYS):
            local = pytz.utc.localize(moment).astimezone(self.zone)
            day = local.date()
            works = day in MAKE_UP or (day.weekday() < 5 and day not in HOLIDAYS)
            self.worked.append(works and any(first <= local.hour < last for first, last in HOURS))
            moment += timedelta(minutes=1)

    def utc(self, local):
        return self.zone.localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    def moment(self, minute):
        return self.begin + timedelta(minutes=minute)

    def day_of(self, minute):
        return pytz.utc.localize(self.moment(minute)).astimezone(self.zone).date()

    def deadline(self, start, amount, unit, pauses):
        """Minute numbers in and out; None while the clock stands still."""
        def paused(minute):
            return any(begin <= minute and (end is None or minute < end) for begin, end in pauses)
        if unit == 'working_day':
            left, today = amount, self.day_of(start)
            for minute in range(start, len(self.worked) - 1):
                day = self.day_of(minute) if self.worked[minute] and not self.worked[minute + 1] else None
                closes = day is not None and not any(
                    self.worked[later] and self.day_of(later) == day for later in range(minute + 1, min(minute + 600, len(self.worked)))
                )
                if closes and day > today:
                    close = minute + 1
                    stands = [(begin, end) for begin, end in pauses if begin < close and (end is None or close < end)]
                    if stands and stands[0][1] is None:
                        return None
                    left -= not stands
                    if left <= 0:
                        return close
            raise AssertionError('beyond the year of the test')
        left = amount * 60
        for minute in range(start, len(self.worked)):
            if not paused(minute) and (unit == 'hour' or self.worked[minute]):
                left -= 1
                if left <= 0:
                    return minute + 1
            elif paused(minute) and any(end is None and begin <= minute for begin, end in pauses):
                return None
        raise AssertionError('beyond the year of the test')


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestWorkingTime(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env['res.company'].create({'name': 'Timekeepers'})

    def _calendar(self, zone):
        calendar = self.env['resource.calendar'].create({
            'name': zone, 'tz': zone, 'company_id': self.company.id, 'attendance_ids': [Command.clear()] + [
                Command.create({'name': 'Day', 'dayofweek': str(day), 'hour_from': first, 'hour_to': last, 'day_period': period})
                for day in range(5) for (first, last), period in zip(HOURS, ('morning', 'afternoon'), strict=True)
            ],
        })
        tz = pytz.timezone(zone)

        def utc(day, hour, minute, second):
            return tz.localize(datetime(day.year, day.month, day.day, hour, minute, second)).astimezone(pytz.utc).replace(tzinfo=None)
        self.env['resource.calendar.leaves'].create([{
            'name': 'Holiday', 'calendar_id': calendar.id, 'company_id': self.company.id, 'date_from': utc(day, 0, 0, 0),
            'date_to': utc(day, 23, 59, 59),
        } for day in sorted(HOLIDAYS)])
        self.env['fulfilment.workday'].create([{
            'name': 'Make-up day', 'date': day, 'calendar_id': calendar.id, 'company_id': self.company.id,
        } for day in sorted(MAKE_UP)])
        return calendar

    def _compare(self, zone, cases, seed):
        calendar, minutes, chance = self._calendar(zone), Minutes(zone), random.Random(seed)
        time = self.env['fulfilment.workday']._working_time(calendar)
        for case in range(cases):
            unit = chance.choice(['hour', 'working_hour', 'working_day'])
            amount = chance.choice([1, 2, 3, 5, 7]) if unit == 'working_day' else chance.choice([1, 4, 8, 24, 48])
            start = chance.randrange(60 * 24 * 110)
            at, pauses = start + chance.randrange(3000), []
            for _pause in range(chance.randrange(4)):
                end = at + chance.choice([10, 480, 1440, 4320, 14400])
                pauses.append((at, end))
                at = end + chance.randrange(1, 3000)
            if pauses and chance.random() < 0.15:
                pauses[-1] = (pauses[-1][0], None)
            expected = minutes.deadline(start, amount, unit, pauses)
            found = time.deadline(
                minutes.moment(start), amount, unit, [(minutes.moment(a), None if b is None else minutes.moment(b)) for a, b in pauses],
            )
            self.assertEqual(
                found, None if expected is None else minutes.moment(expected), (zone, case, unit, amount, minutes.moment(start), pauses),
            )

    def test_minute_by_minute_in_shanghai(self):
        self._compare('Asia/Shanghai', 1000, 1)

    def test_minute_by_minute_where_clocks_change(self):
        self._compare('Europe/Brussels', 1000, 2)

    def test_a_pause_that_begins_when_it_is_due(self):
        time = WorkingTime('UTC', lambda first, before: [])
        start = datetime(2026, 3, 2, 8)
        self.assertEqual(time.deadline(start, 2, 'hour', [(datetime(2026, 3, 2, 10), None)]), datetime(2026, 3, 2, 10))
        self.assertIsNone(time.deadline(start, 2, 'hour', [(datetime(2026, 3, 2, 9, 59), None)]))

    def test_without_working_time(self):
        time = WorkingTime('UTC', lambda first, before: [])
        with self.assertRaises(NoWorkingTimeError):
            time.deadline(datetime(2026, 3, 2), 1, 'working_hour')
        with self.assertRaises(ValueError):
            time.deadline(datetime(2026, 3, 2), 1, 'fortnight')

    def test_looked_up_once(self):
        asked = []

        def load(first, before):
            asked.append(first)
            return [(first, [(datetime.combine(first, datetime.min.time()), datetime.combine(first, datetime.max.time()))])]
        time = WorkingTime('UTC', load)
        for _go in range(50):
            time.deadline(datetime(2026, 3, 2, 8), 1, 'working_day')
        self.assertEqual(len(asked), len(set(asked)))


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestHolidaysOfAll(FulfilmentCommon):
    def test_nobody_makes_a_leave_of_their_own_a_holiday_of_all(self):
        calendar = self.company_a.resource_calendar_id
        resource = self.env['resource.resource'].create({
            'name': 'Plain', 'user_id': self.user_plain.id, 'calendar_id': calendar.id, 'company_id': self.company_a.id,
        })
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': self.company_a.id, 'partner_id': self.customer.id,
        })
        due = ticket.deadline_ids.mapped('due_on')
        leave = self.env['resource.calendar.leaves'].with_user(self.user_plain).create({
            'name': 'Away', 'resource_id': resource.id, 'calendar_id': calendar.id, 'date_from': ticket.received_on,
            'date_to': ticket.received_on + timedelta(days=365),
        })
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            leave.write({'resource_id': False})
        self.settle()
        self.assertEqual(ticket.deadline_ids.mapped('due_on'), due)

    def test_a_holiday_entered_later_excuses_nothing(self):
        ticket = self.env['fulfilment.ticket'].create({
            'title': 'Leak', 'company_id': self.company_a.id, 'partner_id': self.customer.id,
        })
        deadline = ticket.deadline_ids[:1].sudo()
        deadline.write({
            'unit': 'working_day', 'due_on': ticket.received_on - timedelta(hours=3), 'calendar_id': self.company_a.resource_calendar_id.id,
        })
        due = deadline.due_on
        self.env['resource.calendar.leaves'].create({
            'name': 'Closed', 'calendar_id': deadline.calendar_id.id, 'date_from': ticket.received_on - timedelta(days=5),
            'date_to': ticket.received_on + timedelta(days=5),
        })
        self.settle()
        self.assertEqual((deadline.missed, deadline.due_on), (True, due))
