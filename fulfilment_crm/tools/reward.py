"""Budgets and shares of rewards: arithmetic without a database."""
from .care import period_of as _period_of

PERIODS = {'half': 'half_year'}  # what the periods of care are called where the names differ


def period_of(day, period):
    """The calendar period a day lies in: ``(first day, last day)``.

    :param str period: ``month``, ``quarter``, ``half`` or ``year``
    """
    return _period_of(day, PERIODS.get(period, period))


def period_name(first, period):
    """What a period is called, by its first day: ``2026``, ``2026-H1``, ``2026-Q1`` or ``2026-03``."""
    if period == 'year':
        return f'{first:%Y}'
    if period == 'month':
        return f'{first:%Y-%m}'
    months = 6 if period == 'half' else 3
    return f'{first:%Y}-{"H" if months == 6 else "Q"}{(first.month - 1) // months + 1}'


def fitting(budget, spent, cost, rounding):
    """How many grants of one cost what is left of a budget pays for; it is never exceeded, not even by the smallest coin.

    :param float rounding: the smallest coin of the currency
    """
    left, each = (round(amount / rounding) for amount in (budget - spent, cost))
    if left < 0:
        return 0
    return left // each if each else None


def used_days(given_on, day, days):
    """How many of the days something was given for are over on a day, that day not counted."""
    return min(max((day - given_on).days, 0), days)
