"""Marks from 1 to 5 and what they come to: arithmetic without a database."""
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

BEST, WORST = 5, 1
# From which share (percent, the more the better) or up to which number (the fewer the better) a mark is given.
SHARES = ((95, 5), (85, 4), (70, 3), (50, 2))
COUNTS = ((0, 5), (1, 4), (2, 3), (3, 2))
COSTS = ((0, 5), (Decimal('0.5'), 4), (2, 3), (5, 2))


class Score(NamedTuple):
    """What marks come to, from 0 to 100; None where there is none."""
    value: Decimal | None
    left_out: int  # questions without a mark


def score(marks: Iterable[tuple[float, int | None]]) -> Score:
    """Return the weighted score of marks: all best is 100, all worst 0. What has no mark is left out with its weight.

    :param marks: ``(weight, mark or None)``; weights are not negative
    :raise ValueError: for a mark outside 1 to 5, or a negative weight
    """
    total, weights, left_out = Decimal(0), Decimal(0), 0
    for weight, mark in marks:
        if weight < 0:
            raise ValueError(f"A weight of {weight} is negative")
        if mark is None:
            left_out += 1
            continue
        if not WORST <= mark <= BEST:
            raise ValueError(f"{mark} is no mark")
        own = Decimal(repr(float(weight)))
        total += own * (mark - WORST) * 100 / (BEST - WORST)
        weights += own
    return Score((total / weights).quantize(Decimal('0.01'), ROUND_HALF_UP) if weights else None, left_out)


def mark_of_share(percent: float | None) -> int | None:
    """Return the mark of a share in percent, the more the better; None of nothing."""
    return None if percent is None else next((mark for least, mark in SHARES if percent >= least), WORST)


def mark_of_count(number: int | None) -> int | None:
    """Return the mark of how often something happened, the fewer the better; None of nothing."""
    return None if number is None else next((mark for most, mark in COUNTS if number <= most), WORST)


def mark_of_cost(percent: float | None) -> int | None:
    """Return the mark of a cost in percent of the whole, the less the better; None of nothing."""
    return None if percent is None else next((mark for most, mark in COSTS if percent <= most), WORST)
