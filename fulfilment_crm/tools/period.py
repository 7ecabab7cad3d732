"""Periods of the calendar: month, quarter, half and year. Arithmetic without a database."""
from calendar import monthrange
from datetime import date, timedelta

MONTHS = {'month': 1, 'quarter': 3, 'half': 6, 'year': 12}


def period_of(day: date, period: str) -> tuple[date, date]:
    """Return the period a day lies in: ``(first day, last day)``.

    :param str period: ``month``, ``quarter``, ``half`` or ``year``
    """
    months = MONTHS[period]
    first = date(day.year, (day.month - 1) // months * months + 1, 1)
    last_month = first.month + months - 1
    return first, date(day.year, last_month, monthrange(day.year, last_month)[1])


def period_name(day: date, period: str) -> str:
    """Return what the period a day lies in is called: ``2026``, ``2026-H1``, ``2026-Q1`` or ``2026-03``."""
    number = (day.month - 1) // MONTHS[period] + 1
    return {
        'month': f'{day:%Y}-{number:02d}', 'quarter': f'{day:%Y}-Q{number}', 'half': f'{day:%Y}-H{number}', 'year': f'{day:%Y}',
    }[period]


def periods_between(first: date, last: date, period: str) -> list[tuple[date, date]]:
    """Return the periods that begin on or before ``last`` and end on or after ``first``, in order."""
    periods, day = [], first
    while day <= last:
        begin, end = period_of(day, period)
        periods.append((begin, end))
        day = end + timedelta(days=1)
    return periods
