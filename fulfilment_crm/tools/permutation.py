"""Whether two groups differ: by shuffling them, without assuming how their values are spread."""
import random
from collections.abc import Sequence
from math import sqrt
from typing import NamedTuple

SHUFFLES = 2000
FEWEST = 10  # of each group, below which nothing is said
POWER = 1.96 + 0.84  # a difference this many standard errors wide is found in four of five trials, at five percent


class Comparison(NamedTuple):
    """What two groups of values say.

    ``mean_a`` and ``mean_b`` are None for an empty group, ``p_value`` and ``smallest`` where there are too few.
    """
    number_a: int
    number_b: int
    mean_a: float | None
    mean_b: float | None
    p_value: float | None
    smallest: float | None  # the smallest difference that would most likely have been found

    @property
    def is_found(self) -> bool:
        """Whether a difference was found that chance would bring in one of twenty trials at most."""
        return self.p_value is not None and self.p_value <= 0.05


def compare(group_a: Sequence[float], group_b: Sequence[float], seed: int = 0, shuffles: int = SHUFFLES) -> Comparison:
    """Compare the means of two groups by a permutation test.

    :param seed: of the shuffling; the same values say the same with the same seed
    """
    number_a, number_b = len(group_a), len(group_b)
    mean_a, mean_b = (sum(group) / len(group) if group else None for group in (group_a, group_b))
    if mean_a is None or mean_b is None or min(number_a, number_b) < FEWEST:
        return Comparison(number_a, number_b, mean_a, mean_b, None, None)
    dice, pool, found = random.Random(seed), [*group_a, *group_b], abs(mean_a - mean_b)
    total, beyond = sum(pool), 0
    for _shuffle in range(shuffles):
        dice.shuffle(pool)
        part = sum(pool[:number_a])
        if abs(part / number_a - (total - part) / number_b) >= found - 1e-12:
            beyond += 1
    smallest = POWER * sqrt(_variance(group_a, mean_a) / number_a + _variance(group_b, mean_b) / number_b)
    return Comparison(number_a, number_b, mean_a, mean_b, (beyond + 1) / (shuffles + 1), smallest)


def _variance(values: Sequence[float], mean: float) -> float:
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)
