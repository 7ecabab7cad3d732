"""When a period is over that runs by the clock or in working time, and stands still meanwhile: arithmetic over intervals of work."""
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta

import pytz

Interval = tuple[datetime, datetime]
Day = tuple[date, list[Interval]]
Pause = tuple[datetime, datetime | None]  # begin and end; None while it lasts
BLOCK = 60  # days looked up at once
FURTHEST = 3660  # days after which there is taken to be no working time at all
UNITS = ('hour', 'day', 'working_hour', 'working_day')


class NoWorkingTimeError(Exception):
    """There is no working time within ten years."""


class WorkingTime:
    """The working days of one calendar, looked up as far as they are needed, once each.

    :param str zone: name of the calendar's time zone; it says which day a moment belongs to
    :param load: function of two dates, the second exclusive, that returns ``[(date, [(opening, closing), …]), …]``, naive UTC
    """

    def __init__(self, zone: str, load: Callable[[date, date], list[Day]]) -> None:
        self._zone, self._load = pytz.timezone(zone), load
        self._blocks: dict[int, list[Day]] = {}

    def day_of(self, moment: datetime) -> date:
        """Return the date of a naive UTC moment in the zone of the calendar."""
        return pytz.utc.localize(moment).astimezone(self._zone).date()

    def days(self, first: date) -> Iterator[Day]:
        """Yield the days worked from a date on, with their intervals.

        :raise NoWorkingTimeError: when ten years have passed without one
        """
        number = first.toordinal() // BLOCK
        last_worked = first
        while True:
            if number not in self._blocks:
                self._blocks[number] = self._load(date.fromordinal(number * BLOCK), date.fromordinal((number + 1) * BLOCK))
            for day, intervals in self._blocks[number]:
                if day >= first:
                    last_worked = day
                    yield day, intervals
            number += 1
            if number * BLOCK > last_worked.toordinal() + FURTHEST:
                raise NoWorkingTimeError

    def deadline(self, start: datetime, amount: float, unit: str, pauses: Sequence[Pause] = ()) -> datetime | None:
        """When a period that begins at ``start`` is over.

        Hours count while the clock runs; of working hours, those worked. Working days do not count the day of ``start``; a day counts
        when the clock runs at its close, and the period ends there. What ends at the very moment a pause begins has ended.

        :param datetime start: naive UTC
        :param float amount: how many units; at least 0
        :param str unit: one of ``UNITS``; days that are not working days have 24 hours
        :param pauses: ``[(begin, end), …]`` in order and apart; the last may have the end None
        :return: naive UTC, or None while the clock stands still
        :raise NoWorkingTimeError: when the calendar has none
        """
        if unit not in UNITS:
            raise ValueError(f'unknown unit {unit!r}')
        if amount <= 0:
            return start
        if unit == 'working_day':
            return self._after_days(start, amount, pauses)
        left = timedelta(hours=amount * 24 if unit == 'day' else amount)
        for begin, end in _running(start, pauses):
            if unit == 'working_hour':
                due, left = self._after_hours(begin, end, left)
            elif end is None or left <= end - begin:
                due = begin + left
            else:
                due, left = None, left - (end - begin)
            if due is not None:
                return due
        return None

    def _after_hours(self, begin: datetime, end: datetime | None, left: timedelta) -> tuple[datetime | None, timedelta]:
        """:return: the moment ``left`` has been worked since ``begin`` if that is before ``end``, or None; and what is left then"""
        for _day, intervals in self.days(self.day_of(begin)):
            for opening, closing in intervals:
                if end is not None and opening >= end:
                    return None, left
                opening, closing = max(opening, begin), closing if end is None else min(closing, end)
                if closing <= opening:
                    continue
                if left <= closing - opening:
                    return opening + left, timedelta()
                left -= closing - opening
        return None, left

    def _after_days(self, start: datetime, amount: float, pauses: Sequence[Pause]) -> datetime | None:
        left, today = amount, self.day_of(start)
        for day, intervals in self.days(today):
            if day <= today:
                continue
            close = intervals[-1][1]
            pause = next(((begin, end) for begin, end in pauses if begin < close and (end is None or close < end)), None)
            if pause is None:
                left -= 1
            elif pause[1] is None:
                return None
            if left <= 0:
                return close
        return None

    def worked(self, begin: datetime, end: datetime) -> timedelta:
        """Return the working time between two moments, as a timedelta."""
        total = timedelta()
        if end > begin:
            for _day, intervals in self.days(self.day_of(begin)):
                if intervals[0][0] >= end:
                    break
                for opening, closing in intervals:
                    total += max(min(closing, end) - max(opening, begin), timedelta())
        return total


def moved(old: datetime | None, new: datetime | None, now: datetime) -> datetime | None:
    """When a deadline falls due after working time was changed: nothing is missed in hindsight.

    :param old: when it was due, or None
    :param new: when it would be due now, or None
    :param now: the moment of the change; all naive UTC
    """
    return old if old and new and new <= now < old else new


def _running(start: datetime, pauses: Sequence[Pause]) -> Iterator[Pause]:
    """Yield the intervals between pauses from ``start`` on; the last has the end None unless a pause has none."""
    at = start
    for begin, end in pauses:
        if end is not None and end <= at:
            continue
        if begin > at:
            yield at, begin
        if end is None:
            return
        at = max(end, at)
    yield at, None
