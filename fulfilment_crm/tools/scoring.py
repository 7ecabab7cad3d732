"""Scorecards without a database: the obvious calculation that the set-based one is held against, and what explains a grade.

A criterion is a dict with ``figure``, ``weight``, ``no_data`` (``skip``, ``neutral``, ``worst``) and ``bands``, a list of
``(lower bound or None, points, forced grade or None)`` in ascending order. A band reaches from its lower bound up to the next one.
Grades are a list of ``(code, score above which it is given)`` from best to worst, the last one without condition.
"""
import math
from collections.abc import Collection, Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

Bands = list[tuple[float | None, float, str | None]]
Criterion = dict[str, Any]
Values = dict[str, float | None]
Grades = list[tuple[str, float | None]]
NEUTRAL = 50
CENT = Decimal('0.01')


def band_of(bands: Bands, value: float) -> int:
    """Return the index of the band a value falls in; below the first bound it is the first."""
    found = 0
    for index, (lower, _points, _force) in enumerate(bands):
        if lower is not None and value >= lower:
            found = index
    return found


def points_of(criterion: Criterion, value: float | None) -> tuple[float | None, str | None]:
    """``(points or None when left out, forced grade or None)``"""
    bands = criterion['bands']
    if value is None:
        policy = criterion['no_data']
        worst = min(points for _lower, points, _force in bands)
        return {'skip': None, 'neutral': NEUTRAL, 'worst': worst}[policy], None
    _lower, points, force = bands[band_of(bands, value)]
    return points, force


def score_of(criteria: list[Criterion], values: Values, least: float = 0) -> float | None:
    """Return the weighted mean of the points, rounded to two decimals; None without any data, or with less than asked for.

    :param dict values: ``{figure: value or None}``
    :param least: share of the weight that must have data, in percent
    """
    total, weights = Decimal(0), Decimal(0)
    if data_share(criteria, values) < least:
        return None
    for criterion in criteria:
        points, _force = points_of(criterion, values.get(criterion['figure']))
        if points is not None:
            weight = Decimal(str(criterion['weight']))
            total += weight * Decimal(str(points))
            weights += weight
    return float((total / weights).quantize(CENT, ROUND_HALF_UP)) if weights else None


def data_share(criteria: list[Criterion], values: Values) -> Decimal:
    """Which share of the weight has data, in percent; what is assumed without data is none."""
    known, weights = Decimal(0), Decimal(0)
    for criterion in criteria:
        weight = Decimal(str(criterion['weight']))
        weights += weight
        known += weight if values.get(criterion['figure']) is not None else 0
    return 100 * known / weights if weights else Decimal(0)


def overdue_class(days: float | None, limit: float = 30) -> str | None:
    """Return A, B or C by the longest delay in days; None where nothing is known."""
    if days is None:
        return None
    return 'A' if days <= 0 else 'B' if days <= limit else 'C'


def grade_of(
    criteria: list[Criterion], values: Values, grades: Grades, caps: dict[str, str | None], limit: float = 30, least: float = 0,
) -> tuple[float | None, str | None, list[str]]:
    """Return the grade, the worst of what the score, the overdue class and forcing bands allow.

    :param dict caps: ``{'B': grade, 'C': grade}``, the best grade of an overdue class
    :param least: share of the weight that must have data, in percent; below it there is no grade
    :return: ``(score, grade or None, [reasons it is not better than that: 'overdue' or a figure])``
    """
    score = score_of(criteria, values, least)
    if score is None:
        return None, None, []
    order = [code for code, _above in grades]
    by_score = next((code for code, above in grades if above is None or score > above), order[-1])
    best, caps_hit = by_score, []
    limits = [('overdue', caps.get(overdue_class(values.get('overdue_days_max'), limit) or ''))]
    limits += [(criterion['figure'], points_of(criterion, values.get(criterion['figure']))[1]) for criterion in criteria]
    for reason, cap in limits:
        # A grade that is out of use limits nothing.
        if cap in order and order.index(cap) > order.index(by_score):
            caps_hit.append(reason)
            if order.index(cap) > order.index(best):
                best = cap
    return score, best, caps_hit


def smallest_change(
    criteria: list[Criterion], values: Values, grades: Grades, caps: dict[str, str | None], limit: float = 30,
    whole: Collection[str] = frozenset(), least: float = 0,
) -> tuple[str, float, str, int] | None:
    """Find the change of one figure that raises the grade over the fewest bands, or None when no single one does.

    :param set whole: figures counted in whole numbers
    :return: ``(figure, new value, new grade, bands crossed)``
    """
    order = [code for code, _above in grades]
    _score, grade, _caps = grade_of(criteria, values, grades, caps, limit, least)
    if grade is None:
        return None
    options = []
    bounds: dict[str, set[float]] = {}
    for criterion in criteria:
        bounds.setdefault(criterion['figure'], set()).update(lower for lower, _p, _f in criterion['bands'] if lower is not None)
    if any(cap for cap in caps.values()):
        # The classes end at 0 and at the limit: the first value beyond each begins the next class.
        bounds.setdefault('overdue_days_max', set()).update({1, limit + 1})
    for figure, edges in bounds.items():
        now = values.get(figure)
        if figure in whole:
            edges = {math.ceil(edge) for edge in edges}
        # The first value of each band and the last one below it; where there is one band only, any value is known at least.
        candidates = edges | {edge - 1 if figure in whole else round(edge - 0.01, 2) for edge in edges} or {0}
        place = _place(edges, now)
        for value in candidates:
            crossed = abs(_place(edges, value) - place) if now is not None else _place(edges, value) + 1
            if not crossed:
                continue
            _new_score, new_grade, _c = grade_of(criteria, {**values, figure: value}, grades, caps, limit, least)
            if new_grade and order.index(new_grade) < order.index(grade):
                options.append((crossed, abs(value - (now or 0)), figure, value, new_grade))
    if not options:
        return None
    crossed, _distance, figure, value, new_grade = min(options, key=lambda one: (one[0], one[1], one[2]))
    return figure, value, new_grade, crossed


def _place(edges: Iterable[float], value: float | None) -> int:
    return sum(value is not None and value >= edge for edge in edges)


def altman_z(
    working_capital: float, retained_earnings: float, ebit: float, equity: float, liabilities: float, sales: float, assets: float,
) -> float | None:
    """Altman's Z′ for private firms (1983); None where total assets or liabilities are missing."""
    if not assets or not liabilities:
        return None
    return (
        0.717 * working_capital / assets + 0.847 * retained_earnings / assets + 3.107 * ebit / assets
        + 0.420 * equity / liabilities + 0.998 * sales / assets
    )
