"""Budgets and shares of rewards: arithmetic without a database."""
from datetime import date


def fitting(budget: float, spent: float, cost: float, rounding: float) -> int | None:
    """How many grants of one cost what is left of a budget pays for; it is never exceeded, not even by the smallest coin.

    :param float rounding: the smallest coin of the currency
    """
    left, each = (round(amount / rounding) for amount in (budget - spent, cost))
    if left < 0:
        return 0
    return left // each if each else None


def used_days(given_on: date, day: date, days: int) -> int:
    """How many of the days something was given for are over on a day, that day not counted."""
    return min(max((day - given_on).days, 0), days)
