"""Which debts the money on an account covers, in the currencies it came in: plain arithmetic, no database."""
from typing import Any


def cover(debts: list[tuple[Any, float, float]], money: dict[Any, tuple[float, float]]) -> list[float]:
    """Share money among debts in their order.

    A debt takes what there is in its own currency first, amount for amount, so that no exchange rate comes between; what is left of it is
    covered by money of other currencies, by its worth.

    :param list debts: ``(currency, amount, worth)``: a key, the amount in that currency, and what it is worth in the company's
    :param dict money: ``{currency: (amount, worth)}``
    :return: what is covered of each debt, in its own currency: list of amounts, not rounded
    """
    left = {currency: list(pair) for currency, pair in money.items()}
    covered = []
    for currency, amount, worth in debts:
        part = _take(left.get(currency), 0, amount)
        missing = (amount - part) * worth / amount if amount else 0.0
        for other in sorted(left, key=str):
            if other != currency and missing > 0:
                got = _take(left[other], 1, missing)
                part += got * amount / worth if worth else 0.0
                missing -= got
        covered.append(part)
    return covered


def _take(purse: list[float] | None, side: int, wanted: float) -> float:
    """Take at most ``wanted`` of a purse, counted by its amount (side 0) or its worth (side 1)."""
    if not purse or purse[side] <= 0:
        return 0.0
    part = min(purse[side], wanted)
    share = part / purse[side]
    purse[:] = [one * (1 - share) for one in purse]
    return part
