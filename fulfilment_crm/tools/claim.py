"""What is owed on claims after receipts were split as the law or an agreement says: arithmetic without a database, in Decimal.

In the order of the law a receipt pays costs, then damages or interest, then principal (Civil Code of the People's Republic of China, 561);
over several debts those due first, then the least secured, the heaviest, the oldest (560). Damages and interest run on open principal by a
rate for each day; money of a day counts from the day after.
"""
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

CENT = Decimal('0.01')
LAW, PRINCIPAL = 'law', 'principal'
ORDERS = {LAW: ('costs', 'interest', 'principal'), PRINCIPAL: ('principal', 'interest', 'costs')}
PARTS = ('principal', 'interest', 'costs')


class Split(NamedTuple):
    """What a receipt paid of a debt, by number in the order they were given."""
    day: date
    debt: int
    principal: Decimal
    interest: Decimal
    costs: Decimal


@dataclass(frozen=True)
class Account:
    """The splits of each receipt, what is left of each debt on a day, and what was received beyond all of it."""
    splits: list[list[Split]]
    left: list[dict[str, Decimal]]
    excess: Decimal = Decimal(0)
    accrued: list[Decimal] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        return sum((sum(one.values(), Decimal(0)) for one in self.left), Decimal(0))


@dataclass
class _Debt:
    number: int
    due: date
    rate: Decimal
    secured: Decimal
    open: dict[str, Decimal]
    run_until: date
    dated: list[tuple[date, str, Decimal]] = field(default_factory=list)
    accrued: Decimal = Decimal(0)
    exact: Decimal = Decimal(0)

    def run(self, day: date, unit: Decimal) -> None:
        """Let interest run on open principal until a day, which counts, and what arises by it."""
        while self.dated and self.dated[0][0] <= day:
            _day, part, amount = self.dated.pop(0)
            self.open[part] += amount
        if day > self.run_until:
            days = (day - self.run_until).days
            self.run_until = day
            self.exact += self.open['principal'] * self.rate / 100 * days
            grown = self.exact.quantize(unit, ROUND_HALF_UP) - self.accrued
            self.open['interest'] += grown
            self.accrued += grown


def appropriate(
    debts: Sequence[dict[str, Any]], receipts: Iterable[tuple[date, Decimal]], order: str, until: date, unit: Decimal = CENT,
) -> Account:
    """Split receipts among debts, and tell what is left.

    :param debts: dicts of ``due`` (date), ``principal``, ``interest``, ``costs`` (what stands beside it from the beginning), ``rate``
        (percent a day on open principal from the day after ``due``, or 0), ``secured`` (amount that is secured, none when missing), and
        ``dated``: ``(day, 'interest' or 'costs', amount)`` of what arises later, on its day
    :param receipts: ``(day, amount)`` in any order; an amount below zero takes a receipt back
    :param order: ``law`` or ``principal``
    :param until: the last day that counts
    :param unit: the smallest amount of the currency
    :raise ValueError: for an order that is not known, or a negative part of a debt
    """
    if order not in ORDERS:
        raise ValueError(f"{order} is no order of appropriation")
    owed = []
    for number, told in enumerate(debts):
        parts = {name: Decimal(told.get(name) or 0) for name in PARTS}
        rate = Decimal(told.get('rate') or 0)
        dated = sorted((day, part, Decimal(amount)) for day, part, amount in told.get('dated') or ())
        if min(*parts.values(), rate, *(amount for _day, _part, amount in dated)) < 0:
            raise ValueError(f"debt {number + 1} has a part below zero")
        owed.append(_Debt(number, told['due'], rate, Decimal(told.get('secured') or 0), parts, told['due'], dated))
    splits, excess = [], Decimal(0)
    for day, amount in sorted(_kept(receipts, until), key=lambda one: one[0]):
        for debt in owed:
            debt.run(day, unit)
        left, own = amount, []
        for debt in sorted(owed, key=lambda one: _rank(one, day)):
            paid = {}
            for name in ORDERS[order]:
                paid[name] = min(left, debt.open[name])
                debt.open[name] -= paid[name]
                left -= paid[name]
            if any(paid.values()):
                own.append(Split(day, debt.number, *(paid[name] for name in PARTS)))
        splits.append(own)
        excess += left
    for debt in owed:
        debt.run(until, unit)
    return Account(splits, [dict(one.open) for one in owed], excess, [one.accrued for one in owed])


def _kept(receipts: Iterable[tuple[date, Decimal]], until: date) -> list[tuple[date, Decimal]]:
    """Return the receipts up to a day that were not taken back: what takes back goes off the newest before it."""
    kept: list[list[Any]] = []
    for day, amount in sorted(receipts, key=lambda one: (one[0], -one[1])):
        if day > until:
            continue
        if amount >= 0:
            kept.append([day, Decimal(amount)])
            continue
        back = -Decimal(amount)
        for one in reversed(kept):
            part = min(back, one[1])
            one[1] -= part
            back -= part
    return [(day, amount) for day, amount in kept if amount > 0]


def _rank(debt: _Debt, day: date) -> tuple:
    """Say in which order debts are paid: those due first, then the least secured, the heaviest, the oldest."""
    open_amount = sum(debt.open.values(), Decimal(0))
    covered = min(debt.secured / open_amount, Decimal(1)) if open_amount else Decimal(1)
    return (debt.due > day, covered, -debt.rate, debt.due, debt.number)
