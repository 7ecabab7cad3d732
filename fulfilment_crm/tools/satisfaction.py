"""What the marks of one answer say: arithmetic in fractions, so that a mean on the edge of a level is on its right side."""
from fractions import Fraction

Number = float | Fraction
DIMENSIONS = ('quality', 'response', 'cooperation', 'value')


def judge(marks: list[tuple[str, float]], very: float, fairly: float) -> tuple[dict[str, float | None], float | None, str | None]:
    """Return the means and the level of an answer.

    :param list marks: ``(dimension, mark)``; of several marks of a dimension the mean counts, what was skipped is not among them
    :param float very: from this mean on, very satisfied
    :param float fairly: from this mean on, fairly satisfied
    :return: ``({dimension: mean or None}, mean of the dimensions answered or None, level or None)``
    """
    of: dict[str, list[Fraction]] = {dimension: [] for dimension in DIMENSIONS}
    for dimension, mark in marks:
        of[dimension].append(Fraction(mark))
    means = {dimension: sum(found) / len(found) if found else None for dimension, found in of.items()}
    answered = [mean for mean in means.values() if mean is not None]
    if not answered:
        return dict.fromkeys(DIMENSIONS), None, None
    average = sum(answered) / len(answered)
    level = 'very' if reaches(average, very) else 'fairly' if reaches(average, fairly) else 'dissatisfied'
    return {dimension: None if mean is None else float(mean) for dimension, mean in means.items()}, float(average), level


def reaches(mark: Number, limit: Number) -> bool:
    """Whether a mark is at least ``limit``, as both are written: 2.3 + 0.2 reaches 2.5."""
    return exact(mark) >= exact(limit)


def exact(number: Number) -> Fraction:
    """Return a number as people write it: the binary neighbour of 4.45 is 4.45."""
    return number if isinstance(number, Fraction) else Fraction(str(round(number, 9)))
