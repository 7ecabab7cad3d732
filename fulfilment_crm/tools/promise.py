"""Promises to pay, filled with the money that came: arithmetic without a database."""
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass
class Promise:
    """What was promised, and what of it has come.

    :param key: what the caller knows it by
    :param made_on: first day on which money counts
    :param until: last day on which money keeps it: its date and the days of grace
    :param cured_until: last day on which money still makes it good; the same where nothing is cured
    :param amount: in the unit of its currency
    :param instalments: the instalments it is about; None for any of the customer's
    """
    key: Any
    made_on: date
    until: date
    cured_until: date
    amount: float
    instalments: frozenset | None = None
    in_time: float = 0.0
    received: float = 0.0
    days: list = field(default_factory=list)  # (day, amount) it was filled with


@dataclass(frozen=True)
class Receipt:
    """Money that came on a day.

    :param instalment: what it was set against; None while it is not
    :param promises: keys of the promises it came after; None for all that were made by its day
    """
    day: date
    amount: float
    instalment: Any = None
    promises: frozenset | None = None


def fill(promises: list[Promise], receipts: list[Receipt], unit: float = 0.01) -> None:
    """Fill promises with receipts, in the order the money came, each by the oldest promise that still waits for it.

    Money set against an instalment fills promises about that instalment, or about any; money that is not, fills each. What came after
    the last day of a promise fills the next one.

    :param promises: oldest first; ``in_time``, ``received`` and ``days`` are set
    :param receipts: in any order
    :param unit: amounts below half of it are nothing
    """
    for promise in promises:
        promise.in_time = promise.received = 0.0
        promise.days = []
    for receipt in sorted(receipts, key=lambda one: one.day):
        left = receipt.amount
        for promise in promises:
            if left < unit / 2:
                break
            if not promise.made_on <= receipt.day <= promise.cured_until:
                continue
            if receipt.promises is not None and promise.key not in receipt.promises:
                continue
            if receipt.instalment is not None and promise.instalments is not None and receipt.instalment not in promise.instalments:
                continue
            part = min(left, promise.amount - promise.received)
            if part < unit / 2:
                continue
            left -= part
            promise.received += part
            promise.days.append((receipt.day, part))
            if receipt.day <= promise.until:
                promise.in_time += part


def state(promise: Promise, day: date, threshold: float, credited: float = 0.0, unit: float = 0.01) -> str:
    """Tell where a filled promise stands at the end of a day.

    :param threshold: percent of the amount from which it counts as kept
    :param credited: what of the amount is not owed any more, for another reason than money
    :return: ``open``, ``kept``, ``partly`` or ``broken``
    """
    left = max(promise.amount - credited, 0.0)
    needed = max(round(left * threshold / 100 / unit), 1 if left >= unit / 2 else 0) * unit
    if promise.in_time >= needed - unit / 2:
        return 'kept'
    if day <= promise.until:
        return 'open'
    return 'partly' if promise.in_time >= unit / 2 else 'broken'
