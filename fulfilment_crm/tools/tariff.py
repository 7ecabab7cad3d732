"""Fees by bands of an amount, such as those of courts: arithmetic without a database."""
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

CENT = Decimal('0.01')


class Band(NamedTuple):
    """Up to a limit, above the band before it: a fixed fee, or percent of what lies within the band. The last has no limit."""
    limit: Decimal | None
    percent: Decimal
    fixed: Decimal = Decimal(0)


def fee(amount: Decimal, bands: Iterable[tuple], unit: Decimal = CENT) -> Decimal:
    """Return the fee of an amount: of each band what lies within it.

    :param amount: what is claimed
    :param bands: ``(limit or None, percent, fixed)`` in the order of limits; the fixed fee of a band is owed once anything lies in it
    :param unit: the smallest amount of the currency
    :raise ValueError: when the limits do not ascend
    """
    total, below = Decimal(0), Decimal(0)
    for band in (Band(*one) for one in bands):
        if band.limit is not None and band.limit <= below:
            raise ValueError(f"{band.limit} does not lie above {below}")
        within = (amount if band.limit is None else min(amount, band.limit)) - below
        if within <= 0:
            break
        total += band.fixed + within * band.percent / 100
        below = amount if band.limit is None else band.limit
    return total.quantize(unit, ROUND_HALF_UP)
