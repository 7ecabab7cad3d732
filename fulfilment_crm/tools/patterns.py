"""Whether a group is late more often than the others, and whether it could be chance: arithmetic without a database."""
from collections.abc import Iterable, Sequence
from math import exp, lgamma

LEVEL = 0.01  # how likely it is that anything is told of where nothing is
NEGLIGIBLE = 1e-15


def more_often(late: int, number: int, all_late: int, all_number: int) -> float:
    """Return how likely a group is late so often, or more, by chance alone: Fisher's exact test, one-sided.

    :param late: how many of the group were late
    :param number: how many there are in the group
    :param all_late: how many of all were late, the group among them
    :param all_number: how many there are of all
    :raise ValueError: for numbers that do not fit into each other
    """
    if not (0 <= late <= number <= all_number and late <= all_late and all_late - late <= all_number - number):
        raise ValueError(f"{late} of {number} do not fit into {all_late} of {all_number}")
    if late * all_number <= all_late * number:
        return 1.0  # not more often than the others
    whole = _choose(all_number, number)
    chance = 0.0
    for count in range(late, min(number, all_late) + 1):
        part = exp(_choose(all_late, count) + _choose(all_number - all_late, number - count) - whole)
        chance += part
        if part < chance * NEGLIGIBLE:
            break  # beyond the mean the parts only become smaller
    return min(chance, 1.0)


def told(chances: Sequence[float], level: float = LEVEL, asked: int | None = None) -> list[bool]:
    """Return which of some chances are small enough to be told of, so that all of them together err no more often than the level.

    :param chances: of all questions, or the smallest of them
    :param asked: how many questions were asked in all, where only the smallest chances are given
    :return: in the order of the chances; by Holm
    """
    questions = len(chances) if asked is None else asked
    order, result, holds = sorted(range(len(chances)), key=lambda one: chances[one]), [False] * len(chances), True
    for rank, position in enumerate(order):
        holds = holds and chances[position] <= level / max(questions - rank, 1)
        result[position] = holds
    return result


def share(late: int, number: int) -> float | None:
    """Return how many percent were late; None of nothing."""
    return 100 * late / number if number else None


def total(counts: Iterable[tuple[int, int]]) -> tuple[int, int]:
    """Return the sums of (late, number)."""
    pairs = list(counts)
    return sum(late for late, _number in pairs), sum(number for _late, number in pairs)


def _choose(number: int, count: int) -> float:
    """Return the logarithm of how many ways there are to choose."""
    return lgamma(number + 1) - lgamma(count + 1) - lgamma(number - count + 1)
