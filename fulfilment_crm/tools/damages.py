"""Damages for delay as clauses agree on them: arithmetic without a database, in Decimal.

What counts is said day by day. A day counts as late when it lies after the due date in force on it, something is open on it, and it is
not suspended; a payment counts from the day after it came. What a late day brings is what is open on it times the rate in force on it.
What is worked out here, span by span, is the same.
"""
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

CENT = Decimal('0.01')
ONE = timedelta(days=1)
FRACTIONS, GRACES, ROUNDINGS = ('drop', 'exact', 'full'), ('deductible', 'trigger'), ('end', 'daily')
# Why a segment begins.
LATE, PAID, AMENDED, RATE, RESUMED, LEVEL = 'late', 'paid', 'amended', 'rate', 'resumed', 'level'


@dataclass(frozen=True)
class Terms:
    """What a clause says of damages.

    :param rate: percent of what is late, for each ``per``: ``'day'``, a number of days, or ``'year'``
    :param fraction: what counts of a period of days that is not over: ``'drop'`` nothing, ``'exact'`` its days, ``'full'`` all of it
    :param grace: days of delay that do not count; as ``'trigger'`` all count once there are more
    :param cap: percent of the amount that damages come to at most; ``limit`` says it as an amount
    :param year_days: days of a year, 360 or 365
    :param rounding: ``'end'``, or ``'daily'`` to round what each day brings
    :param rates: ``(from date, yearly percent)``; they stand in for ``rate``
    :param levels: ``(counted day, percent)``, both ascending: from that day of delay on, so much in all; beside the rate
    """
    rate: Decimal = Decimal(0)
    per: str | int = 'day'
    fraction: str = 'exact'
    grace: int = 0
    grace_kind: str = 'deductible'
    cap: Decimal | None = None
    limit: Decimal | None = None
    year_days: int = 365
    rounding: str = 'end'
    rates: tuple[tuple[date, Decimal], ...] = ()
    levels: tuple[tuple[int, Decimal], ...] = ()

    def __post_init__(self) -> None:
        """:raise ValueError: naming the term that cannot be"""
        known = (
            ('fraction', self.fraction in FRACTIONS), ('grace_kind', self.grace_kind in GRACES), ('rounding', self.rounding in ROUNDINGS),
            ('rate', self.rate >= 0), ('grace', self.grace >= 0), ('cap', self.cap is None or self.cap >= 0),
            ('limit', self.limit is None or self.limit >= 0), ('year_days', self.year_days > 0),
            ('per', self.per in ('day', 'year') or isinstance(self.per, int) and self.per > 0),
            ('rates', all(percent >= 0 for _day, percent in self.rates)),
            ('levels', all(number > 0 for number, _percent in self.levels)
             and self.levels == tuple(sorted(self.levels)) and [one for _number, one in self.levels] == sorted(
                 one for _number, one in self.levels if one >= 0)),
        )
        wrong = [name for name, holds in known if not holds]
        if wrong:
            raise ValueError(f"{wrong[0]} cannot be {getattr(self, wrong[0])!r}")

    def yearly_on(self, day: date) -> Fraction:
        """Return the yearly percent in force on a day; before the first one known, that one."""
        place = bisect_right([since for since, _percent in self.rates], day)
        return Fraction(self.rates[max(place - 1, 0)][1])

    def most(self, amount: Fraction) -> Fraction | None:
        """Return what damages on an amount come to at most, or None."""
        found = [amount * Fraction(self.cap) / 100] if self.cap is not None else []
        found += [Fraction(self.limit)] if self.limit is not None else []
        return min(found, default=None)


class Version(NamedTuple):
    """What was agreed from a day on: until when how much is owed, and by which terms. The first has None as its day."""
    start: date | None
    due: date
    amount: Decimal
    terms: Terms


class Segment(NamedTuple):
    """Late days on which the same is open at the same rate."""
    start: date
    end: date
    days: int
    base: Decimal
    amount: Decimal
    percent: Decimal  # for each day
    reason: str


@dataclass(frozen=True)
class Piece:
    """A span of days that count: what each brings, and what comes on the first and on the last."""
    start: date
    end: date
    days: int
    base: Fraction
    daily: Fraction
    most: Fraction | None
    reason: str
    first: Fraction = Fraction(0)
    last: Fraction = Fraction(0)

    @property
    def sum(self) -> Fraction:
        return self.daily * ((self.end - self.start).days + 1) + self.first + self.last


@dataclass(frozen=True)
class Accrual:
    """What damages come to: in all, for how many days, and span by span; the segments add up to the total."""
    total: Decimal
    days: int
    segments: tuple[Segment, ...]
    pieces: tuple[tuple[int, Piece], ...] = field(default=(), repr=False)  # with the place of the segment each belongs to
    unit: Decimal = CENT


def accrue(
    amount: Decimal, due: date, until: date, payments: Iterable[tuple[date, Decimal]] = (), *,
    suspended: Iterable[tuple[date, date]] = (), unit: Decimal = CENT, **terms: object,
) -> Accrual:
    """Return the damages for an amount that is late.

    :param amount: what is owed, in any currency
    :param due: the last day on which it is in time
    :param until: the last day that counts
    :param payments: ``(day, amount)`` of what came, or was performed
    :param suspended: ``(first day, last day)`` that do not count
    :param unit: the smallest amount of the currency
    :param terms: those of ``Terms``
    :raise ValueError: for terms that cannot be
    """
    return accrue_versions([Version(None, due, amount, Terms(**terms))], until, payments, suspended, unit)  # type: ignore[arg-type]


def accrue_versions(
    versions: Sequence[Version], until: date, payments: Iterable[tuple[date, Decimal]] = (),
    suspended: Iterable[tuple[date, date]] = (), unit: Decimal = CENT,
) -> Accrual:
    """Return the damages for what was agreed in several versions: each day counts by the one in force on it.

    :param versions: in the order of their days; the others as of ``accrue``
    """
    late = _late(versions, until, _summed(payments), tuple(suspended))
    counted = _with_periods(_counted(late))
    return _accrued(_pieces(counted, unit), unit)


class _Span(NamedTuple):
    start: date
    end: date
    base: Fraction
    version: Version
    reason: str

    @property
    def length(self) -> int:
        return (self.end - self.start).days + 1


def _summed(payments: Iterable[tuple[date, Decimal]]) -> dict[date, Fraction]:
    sums: dict[date, Fraction] = {}
    for day, amount in payments:
        sums[day] = sums.get(day, Fraction(0)) + Fraction(amount)
    return sums


def _late(versions: Sequence[Version], until: date, paid: dict[date, Fraction], suspended: Sequence[tuple[date, date]]) -> list[_Span]:
    """Return the spans of late days, each with one open amount and one version."""
    begin = min(version.due for version in versions) + ONE
    reasons: dict[date, str] = {until + ONE: LATE}
    for version in versions:
        reasons |= {day: RATE for day, _percent in version.terms.rates}
        reasons[version.due + ONE] = LATE
    reasons |= {last + ONE: RESUMED for _first, last in suspended} | {first: LATE for first, _last in suspended}
    reasons |= {day + ONE: PAID for day in paid} | {version.start: AMENDED for version in versions if version.start}
    cuts = sorted({begin, *(day for day in reasons if begin < day <= until + ONE)})
    spans = []
    for start, following in zip(cuts, cuts[1:], strict=False):
        version = [one for one in versions if not one.start or one.start <= start][-1]
        base = Fraction(version.amount) - sum((amount for day, amount in paid.items() if day < start), Fraction(0))
        if start > version.due and base > 0 and not any(first <= start <= last for first, last in suspended):
            spans.append(_Span(start, following - ONE, base, version, reasons.get(start, LATE)))
    return spans


def _counted(late: Sequence[_Span]) -> list[_Span]:
    """Leave out the days of grace."""
    counted, before, delay = [], 0, sum(span.length for span in late)
    for span in late:
        terms = span.version.terms
        if terms.grace_kind == 'trigger':
            left_out = span.length if delay <= terms.grace else 0
        else:
            left_out = min(max(terms.grace - before, 0), span.length)
        before += span.length
        if left_out < span.length:
            counted.append(span._replace(start=span.start + left_out * ONE))
    return counted


def _with_periods(counted: Sequence[_Span]) -> list[tuple[_Span, int]]:
    """Return the spans with the days that are added to the last of them, where a period that has begun counts in full."""
    if not counted:
        return []
    terms, days = counted[-1].version.terms, sum(span.length for span in counted)
    if not isinstance(terms.per, int) or terms.fraction == 'exact' or terms.rates:
        return [(span, 0) for span in counted]
    if terms.fraction == 'full':
        return [*((span, 0) for span in counted[:-1]), (counted[-1], -days % terms.per)]
    kept, left = [], days - days % terms.per
    for span in counted:
        if left > 0:
            length = min(span.length, left)
            kept.append((span._replace(end=span.start + (length - 1) * ONE), 0))
            left -= length
    return kept


def _pieces(counted: Sequence[tuple[_Span, int]], unit: Decimal) -> list[Piece]:
    pieces, before = [], 0
    for span, added in counted:
        terms = span.version.terms
        daily = span.base * _share(terms, span.start)
        if terms.rounding == 'daily':
            daily = Fraction(_rounded(daily, unit))
        whole = Piece(
            span.start, span.end, span.length + added, span.base, daily, terms.most(Fraction(span.version.amount)), span.reason,
            last=daily * added,
        )
        pieces += _at_levels(whole, before, terms.levels)
        before += span.length
    return pieces


def _at_levels(piece: Piece, before: int, levels: Sequence[tuple[int, Decimal]]) -> list[Piece]:
    """Split a piece where the delay reaches a level; what the level adds comes on that day.

    :param before: days that counted before it
    """
    parts, so_far = [piece], Decimal(0)
    for number, percent in sorted(levels):
        added, place = Fraction(percent - so_far) * piece.base / 100, number - before - 1
        so_far = percent
        start = piece.start + place * ONE
        if not piece.start <= start <= piece.end:
            continue
        last = parts.pop()
        if start > last.start:
            parts.append(replace(last, end=start - ONE, days=(start - last.start).days, last=Fraction(0)))
            last = replace(last, start=start, days=last.days - (start - last.start).days, first=Fraction(0), reason=LEVEL)
        parts.append(replace(last, first=last.first + added, reason=LEVEL))
    return parts


def _share(terms: Terms, day: date) -> Fraction:
    """Return which part of what is late a day brings."""
    if terms.rates:
        return terms.yearly_on(day) / 100 / terms.year_days
    return Fraction(terms.rate) / 100 / (1 if terms.per == 'day' else terms.year_days if terms.per == 'year' else int(terms.per))


def _accrued(pieces: Sequence[Piece], unit: Decimal) -> Accrual:
    """Add pieces up, up to what is owed at most, and round: what a segment brings is what it adds to the rounded total."""
    total, rounded = Fraction(0), Decimal(0)
    segments: list[Segment] = []
    kept: list[tuple[int, Piece]] = []
    for place, piece in enumerate(pieces):
        reached = total + piece.sum
        if piece.most is not None:
            reached = max(total, min(reached, piece.most))
        kept += [(place, part) for part in _cut_to(piece, reached - total)]
        total, before, rounded = reached, rounded, _rounded(reached, unit)
        segments.append(Segment(
            piece.start, piece.end, piece.days, _decimal(piece.base), rounded - before, _decimal(piece.daily / piece.base * 100),
            piece.reason,
        ))
    return Accrual(rounded, sum(piece.days for piece in pieces), tuple(segments), tuple(kept), unit)


def _cut_to(piece: Piece, amount: Fraction) -> list[Piece]:
    """Return parts of a piece that bring this much only, day by day from its first."""
    if amount >= piece.sum:
        return [piece]
    first = min(piece.first, amount)
    full = min(int((amount - first) / piece.daily), (piece.end - piece.start).days + 1) if piece.daily else 0
    rest = amount - first - full * piece.daily
    whole = replace(piece, first=first, end=piece.start + (full - 1) * ONE, last=Fraction(0))
    day = min(piece.start + full * ONE, piece.end)
    part = replace(piece, start=day, end=day, daily=Fraction(0), first=rest if full else rest + first, last=Fraction(0))
    return [whole, part] if full else [part]


def limit_together(accruals: Sequence[Accrual], limits: Sequence[tuple[date | None, Decimal]]) -> list[Accrual]:
    """Return damages that together come to no more than a limit: what is reached first, day by day, counts; on one day in their order.

    :param limits: ``(from day, amount)`` in the order of days; the first has None
    :return: the same accruals, with less where the limit was reached
    """
    if sum((one.total for one in accruals), Decimal(0)) <= min(amount for _day, amount in limits):
        return list(accruals)
    given = [[Fraction(0)] * len(one.segments) for one in accruals]
    total = Fraction(0)
    pieces = [(number, place, piece) for number, one in enumerate(accruals) for place, piece in one.pieces]
    cuts = {piece.start for *_key, piece in pieces} | {piece.end for *_key, piece in pieces} | {piece.end + ONE for *_key, piece in pieces}
    cuts |= {piece.start + ONE for *_key, piece in pieces} | {day for day, _amount in limits if day}
    days = sorted(cuts)
    for start, following in zip(days, days[1:], strict=False):
        most = Fraction([amount for day, amount in limits if not day or day <= start][-1])
        length = (following - start).days
        running = [(number, place, piece) for number, place, piece in pieces if piece.start <= start <= piece.end]
        brought = [
            (number, place, piece.daily, (piece.first if piece.start == start else 0) + (piece.last if piece.end == start else 0))
            for number, place, piece in running
        ]
        daily = sum((one[2] for one in brought), Fraction(0))
        left = max(most - total, Fraction(0))
        if sum((one[3] for one in brought), Fraction(0)) + daily * length <= left:
            for number, place, each, once in brought:
                given[number][place] += each * length + once
                total += each * length + once
            continue
        full = min(int(left / daily), length) if daily and length > 1 else 0
        for number, place, each, _once in brought:
            given[number][place] += each * full
            total += each * full
        for number, place, each, once in brought:
            part = max(min(each * (length - full) + once if length == 1 else each, most - total), Fraction(0))
            given[number][place] += part
            total += part
    return [_given(one, parts) for one, parts in zip(accruals, given, strict=True)]


def _given(accrual: Accrual, parts: Sequence[Fraction]) -> Accrual:
    if sum(parts) == sum(piece.sum for _place, piece in accrual.pieces):
        return accrual
    total, rounded, segments = Fraction(0), Decimal(0), []
    for segment, part in zip(accrual.segments, parts, strict=True):
        total += part
        before, rounded = rounded, _rounded(total, accrual.unit, down=True)
        segments.append(segment._replace(amount=rounded - before))
    return replace(accrual, total=rounded, segments=tuple(segments))


def _rounded(value: Fraction, unit: Decimal, down: bool = False) -> Decimal:
    """Return a value as whole units, half of one away from zero; with ``down`` never more than the value."""
    units = value / Fraction(unit)
    number = units.numerator // units.denominator if down else (2 * units.numerator + units.denominator) // (2 * units.denominator)
    return Decimal(number) * unit


def _decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
