"""What a strategy of collection does on a day: arithmetic without a database, for the run and for what it is tried by alike."""
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

SOON, LATER = timedelta(days=1), timedelta(days=7)  # when to look again at what rests, and at what is too little to write about


@dataclass(frozen=True)
class Step:
    """A step of a strategy: ``offset`` days from the due date, what it asks for at least, how long nobody has written before, and whether
    it writes itself: a call to be made does not.
    """
    key: Any
    offset: int
    minimum: float = 0.0
    quiet: int = 0
    writes: bool = True


@dataclass
class Instalment:
    """What is owed on a day, and how far asking for it has come.

    :param amount: what may be asked for, in the currency of the company: open, less what is disputed or stopped
    :param taken: days from the due date of the last step taken; None before the first
    :param taken_on: the day of that step
    :param rests: what of the amount rests, and until which day, as promises do: (last day, amount)
    """
    key: Any
    customer: Any
    due: date
    amount: float
    taken: int | None = None
    taken_on: date | None = None
    rests: tuple = ()

    def asked(self, day: date) -> float:
        """Return what may be asked for on a day."""
        return max(self.amount - sum(amount for until, amount in self.rests if until >= day), 0.0)


@dataclass(frozen=True)
class Letter:
    """One letter or call: to whom, by which step, about which instalments."""
    customer: Any
    step: Step
    keys: tuple
    amount: float


def following(instalment: Instalment, steps: list[Step], day: date) -> tuple[Step, date] | None:
    """Return the step that comes next for an instalment, and the day it is due; None when all were taken.

    A step comes back where it stood: after a rest the next one follows, as many days after the last as the two lie apart. Steps ahead of
    the due date are past once that has passed.

    :param steps: in the order of their offsets
    """
    for step in steps:
        if instalment.taken is not None and step.offset <= instalment.taken or step.offset < 0 and day > instalment.due:
            continue
        when = instalment.due + timedelta(days=step.offset)
        if instalment.taken is not None and instalment.taken_on is not None:
            when = max(when, instalment.taken_on + timedelta(days=step.offset - instalment.taken))
        return step, when
    return None


def uncovered(instalments: Iterable[Instalment], credit: float, day: date) -> dict:
    """Return what is left to be asked for of one customer's instalments once unmatched credits are set off, those due first first."""
    left = {}
    for one in sorted(instalments, key=lambda item: (item.due, str(item.key))):
        covered = min(max(credit, 0.0), one.asked(day))
        credit -= covered
        left[one.key] = one.asked(day) - covered
    return left


def plan(
    instalments: Iterable[Instalment], steps: list[Step], day: date, contacts: dict, credits: dict | None = None, unit: float = 0.01,
) -> tuple[list[Letter], dict]:
    """Tell what is done on a day about the instalments of customers who share a strategy.

    :param instalments: those to be looked at
    :param steps: of the strategy, in the order of their offsets
    :param contacts: ``{customer: the day somebody last wrote to them}``; those written to now are added
    :param credits: ``{customer: unmatched credit}``
    :param unit: amounts below half of it are nothing
    :return: the letters, and when to look again at each instalment: ``{key: date or None}``
    """
    letters: list[Letter] = []
    again: dict = {}
    by_customer = defaultdict(list)
    for one in instalments:
        by_customer[one.customer].append(one)
    for customer, own in by_customer.items():
        amounts = uncovered(own, (credits or {}).get(customer, 0.0), day)
        due: dict = defaultdict(list)
        for one in own:
            coming = following(one, steps, day)
            if coming is None:
                again[one.key] = None
            elif coming[1] > day:
                again[one.key] = coming[1]
            elif amounts[one.key] < unit / 2:
                again[one.key] = min([until for until, _amount in one.rests if until >= day], default=day) + SOON
            else:
                due[coming[0]].append(one)
        for step in sorted(due, key=lambda item: -item.offset):
            total = sum(amounts[one.key] for one in due[step])
            last = contacts.get(customer)
            if total < step.minimum - unit / 2:
                again.update({one.key: day + LATER for one in due[step]})
            elif last is not None and (day - last).days < step.quiet:
                again.update({one.key: last + timedelta(days=step.quiet) for one in due[step]})
            else:
                letters.append(Letter(customer, step, tuple(one.key for one in due[step]), total))
                if step.writes:
                    contacts[customer] = day
                for one in due[step]:
                    one.taken, one.taken_on = step.offset, day
                    coming = following(one, steps, day)
                    again[one.key] = coming and max(coming[1], day + SOON)
    return letters, again
