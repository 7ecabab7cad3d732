"""Moments of a day where somebody is, as naive UTC: arithmetic without a database."""
from datetime import date, datetime, time, timedelta

import pytz


def at(day: date, clock: time, zone: str) -> datetime:
    """Return the moment it is a time of day on a day in a time zone; the time on the clock stays when the clocks change.

    :param date day: the day there
    :param clock: ``time``, or hours since midnight as a number
    :param str zone: name of the time zone
    :return: naive UTC datetime
    """
    clock = clock if isinstance(clock, time) else (datetime.min + timedelta(hours=clock)).time()
    return pytz.timezone(zone).localize(datetime.combine(day, clock)).astimezone(pytz.utc).replace(tzinfo=None)


def begin_of(day: date, zone: str) -> datetime:
    """Return the moment a day begins."""
    return at(day, time.min, zone)


def end_of(day: date, zone: str) -> datetime:
    """Return the moment a day is over, which is when the next one begins."""
    return begin_of(day + timedelta(days=1), zone)


def noon_of(day: date, zone: str) -> datetime:
    """Noon of a day."""
    return at(day, time(12), zone)


def clock(moment: datetime, zone: str) -> datetime:
    """Return what the clocks of a zone show at a moment (naive UTC): a datetime with that zone."""
    return pytz.utc.localize(moment).astimezone(pytz.timezone(zone))
