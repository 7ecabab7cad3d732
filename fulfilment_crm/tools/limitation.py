"""When a claim can no longer be taken to court: arithmetic without a database."""
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

# What starts the years again; a demand only where its delivery is proven.
DEMAND, ACKNOWLEDGED, PAID, SUIT = 'demand', 'acknowledged', 'paid', 'suit'
KINDS = (DEMAND, ACKNOWLEDGED, PAID, SUIT)


class Period(NamedTuple):
    """The years from one start on, and why they began then."""
    start: date
    end: date
    kind: str


def ends(due: date, events: Iterable[tuple[date, str, bool]] = (), years: int = 3) -> date:
    """Return the last day on which a claim can be taken to court.

    :param due: when it was due; the years run from the day after
    :param events: ``(day, kind, proven)`` of what starts the years again; one after their end does not
    :param years: of the law
    """
    return periods(due, events, years)[-1].end


def periods(due: date, events: Iterable[tuple[date, str, bool]] = (), years: int = 3) -> list[Period]:
    """Return each time the years began, in order; the first from the due date on. As of ``ends``.

    :raise ValueError: for a kind of event that is not known
    """
    found = [_from(due, 'due', years)]
    for day, kind, proven in sorted(events):
        if kind not in KINDS:
            raise ValueError(f"{kind} starts no limitation again")
        if proven and found[-1].start <= day <= found[-1].end:
            found.append(_from(day, kind, years))
    return found


def _from(day: date, kind: str, years: int) -> Period:
    """Begin the years with the day after: they end on the same day of the year; of February 29 on its last."""
    return Period(day + timedelta(days=1), day + relativedelta(years=years), kind)
