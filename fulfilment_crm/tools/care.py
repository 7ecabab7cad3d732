"""How contacts are spread over the working days of a period, and yearly dates: arithmetic without a database."""
from calendar import monthrange
from datetime import date, timedelta

LEAST_SHARE = 4  # a period of which less than a quarter is left asks for nothing new


def is_worth_planning(day: date, begin: date, end: date) -> bool:
    """Whether at least a quarter of a period is left on a day, that day included."""
    return ((end - max(day, begin)).days + 1) * LEAST_SHARE >= (end - begin).days + 1


def spread(days: list[date], load: dict[date, int], number: int) -> list[date]:
    """Choose a day for each of so many contacts: one of every equal part of the days, that with the least load, the first of equals.

    :param list days: the working days that are left, in order
    :param dict load: ``{day: contacts on it already}``; counted up
    :param int number: how many contacts
    :return: list of days, in order; empty where there are no days
    """
    chosen = []
    for position in range(number if days else 0):
        low = position * len(days) // number
        high = max((position + 1) * len(days) // number, low + 1)
        day = min(days[low:high], key=lambda one: load.get(one, 0))
        load[day] = load.get(day, 0) + 1
        chosen.append(day)
    return chosen


def month_days(first: date, last: date) -> dict[int, date]:
    """Return the days of the year, as month × 100 + day, on which yearly dates of a span of days fall.

    29 February is kept on the 28th in years without it.

    :return: ``{number: date}``
    """
    found: dict[int, date] = {}
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        found.setdefault(day.month * 100 + day.day, day)
        if (day.month, day.day) == (2, 28) and monthrange(day.year, 2)[1] == 28:
            found.setdefault(229, day)
    return found
