"""When open instalments will be paid, from how their customers have paid before: arithmetic without a database.

Days are ordinals (``date.toordinal()``): a company has many instalments, and dates are slow to reckon with.
"""
from bisect import bisect_left, bisect_right
from calendar import monthrange
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import accumulate, chain
from math import comb
from typing import NamedTuple

HALF_LIFE = 180  # days after which a payment counts half
LIKE = (0, 7, 15, 30, 60)  # limits in days between kinds of customers
FILLED = 2.0  # payments that like customers stand for beside the customer's own
TAIL = 0.15  # payments that stand for whatever has not happened yet
TAIL_HALF = 30  # days after which half of that tail has come, then twice as many more, and so on
LIKE_POINTS = 20  # by how many equally likely delays like customers are told
LOW, HIGH = 0.1, 0.9  # a span holds four of five
BEYOND = 730  # days ahead that are told at most
UNSEEN = 0.05  # payments that stand for a delay never seen, where days off leave open which one was meant
RUN_DAYS = 4  # payment days a run shows in, at least
RUN_SHARE = 0.6  # of the payments, at least
RUN_CHANCE = 0.002  # that days at random would show such a run, at most
RUNS = 2 * 31 + 2 * 7  # how many there are to look for

TAIL_POINTS = tuple(
    (round(TAIL_HALF * (2 ** (step / 2 + 0.25) - 1)), TAIL * (2 ** (-step / 2) - 2 ** (-(step + 1) / 2))) for step in range(16)
)


class Run(NamedTuple):
    """The days on which a customer pays what is due: a day of the month or of the week, else the working day next to it.

    ``kind`` is ``month`` (``day`` 1–31, beyond the month's end its last) or ``week`` (``day`` 0 Monday – 6); ``ahead`` tells that the
    working day before is taken where the day is none, instead of the one after.
    """
    kind: str
    day: int
    ahead: bool


class Days:
    """Which days are worked from one day to another, and the days of runs among them."""

    def __init__(self, first: int, last: int, working: Iterable[int]):
        """:param working: ordinals of the days worked; where none is, every day counts as worked"""
        known = sorted({day for day in working if first <= day <= last}) or range(first, last + 1)
        self.first, self.last = first, last
        worked = set(known)
        self._after, self._before = [last] * (last - first + 1), [first] * (last - first + 1)
        following = last
        for day in range(last, first - 1, -1):
            following = day if day in worked else following
            self._after[day - first] = following
        previous = first
        for day in range(first, last + 1):
            previous = day if day in worked else previous
            self._before[day - first] = previous
        self._runs: dict[Run, list[int]] = defaultdict(list)
        self._runs_on: dict[int, list[Run]] = defaultdict(list)
        self._shares: dict[Run, float] = {}
        self._set_runs()

    def after(self, day: int) -> int:
        """Return the day itself where it is worked, else the next one that is; a day outside as it is."""
        return self._after[day - self.first] if self.first <= day <= self.last else day

    def before(self, day: int) -> int:
        """Return the day itself where it is worked, else the last one before that is; a day outside as it is."""
        return self._before[day - self.first] if self.first <= day <= self.last else day

    def off_before(self, day: int) -> int:
        """Return how many days off come to a day worked, which follows them."""
        return day - 1 - self.before(day - 1) if self.after(day) == day else 0

    def _set_runs(self) -> None:
        start, end = date.fromordinal(self.first), date.fromordinal(self.last)
        for month in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
            year, number = divmod(month, 12)
            length = monthrange(year, number + 1)[1]
            for day in range(1, 32):
                self._set_run('month', day, date(year, number + 1, min(day, length)).toordinal())
        for day in range(self.first, self.last + 1):
            self._set_run('week', (day - 1) % 7, day)

    def _set_run(self, kind: str, number: int, day: int) -> None:
        if self.first <= day <= self.last:
            for ahead, moved in ((False, self.after(day)), (True, self.before(day))):
                run = Run(kind, number, ahead)
                if not self._runs[run] or self._runs[run][-1] < moved:
                    self._runs[run].append(moved)
                    self._runs_on[moved].append(run)

    def of_run(self, run: Run) -> list[int]:
        """Return all days of a run, in order."""
        return self._runs[run]

    def find_run(self, paid: Mapping[int, int]) -> Run | None:
        """Return the run that most of the payments fall on, or None where chance may have brought them there.

        :param paid: ``{day: payments}``
        """
        if len(paid) < RUN_DAYS:
            return None
        hits = Counter(chain.from_iterable(self._runs_on.get(day, ()) for day in paid))
        needed, most = RUN_SHARE * sum(paid.values()), max(hits.values(), default=0)
        found: list[tuple[float, int, Run]] = []
        for run, number in hits.items():
            # What falls on fewer days than this is not the run with most payments, if there is one.
            if number >= RUN_DAYS and number * 2 >= most:
                payments = sum(count for day, count in paid.items() if run in self._runs_on.get(day, ()))
                if payments >= needed:
                    found.append((RUNS * _by_chance(len(paid), number, self._share_of(run)), -payments, run))
        chance, _payments, run = min(found, default=(1.0, 0, Run('', 0, False)))
        return run if chance <= RUN_CHANCE else None

    def _share_of(self, run: Run) -> float:
        """Return which share of all days, those off moved to the next one worked, falls on a run: a Monday has those of the weekend."""
        if run not in self._shares:
            on = set(self._runs[run])
            moved = sum(1 for day in range(self.first, self.last + 1) if self.after(day) in on)
            self._shares[run] = round(moved / (self.last - self.first + 1), 3)
        return self._shares[run]


@lru_cache(maxsize=4096)
def _by_chance(number: int, hits: int, share: float) -> float:
    """Return the chance that so many of some days taken at random are among those that a share of all days is."""
    return sum(comb(number, k) * share ** k * (1 - share) ** (number - k) for k in range(hits, number + 1))


class Paid(NamedTuple):
    """A payment of an instalment: when it was due and came, and what it weighs: its share of the instalment, less the older it is."""
    due: int
    day: int
    weight: float


class Counted(NamedTuple):
    """Payments that came as many days after they were due, and after as many days off."""
    delay: int
    off: int
    weight: float
    number: int


def weight(share: float, day: int, today: int) -> float:
    """Return what a payment weighs that settled a share of an instalment on a day."""
    return share * 0.5 ** ((today - day) / HALF_LIFE)


class Outlook:
    """The days an open instalment may be paid on, and how likely it is paid by each of them; it is paid on one of them."""

    def __init__(
        self, days: Sequence[int], sums: Sequence[float], place: int = 0, due: int = 0, calendar: Days | None = None,
        end: int | None = None,
    ):
        """
        :param days: in order; days after ``due``, where ``calendar`` moves what falls on a day off
        :param sums: how much weighs what comes up to each
        :param place: the first that counts
        :param end: what comes later is told as coming then
        """
        self._days, self._sums, self._place, self._due, self._calendar, self._end = days, sums, place, due, calendar, end
        self._gone = sums[place - 1] if place else 0.0
        self._left = sums[-1] - self._gone

    def _day(self, place: int) -> int:
        day = self._days[place] + self._due
        if self._calendar:
            day = self._calendar.after(day)
        return min(day, self._end) if self._end else day

    def quantile(self, share: float) -> int:
        """Return the first day by which the instalment is paid with this likelihood."""
        place = bisect_left(self._sums, self._gone + share * self._left - 1e-12, self._place)
        return self._day(min(place, len(self._days) - 1))

    def by(self, day: int) -> float:
        """Return how likely it is paid by the end of a day, 0–1."""
        if self._end and day >= self._end:
            return 1.0
        place = bisect_right(self._days, (self._calendar.before(day) if self._calendar else day) - self._due, self._place)
        return (self._sums[place - 1] - self._gone) / self._left if place > self._place else 0.0

    def points(self) -> Iterator[tuple[int, float]]:
        """Yield the days with the likelihood of each."""
        before = self._gone
        for place in range(self._place, len(self._days)):
            yield self._day(place), (self._sums[place] - before) / self._left
            before = self._sums[place]


class Payer:
    """How a customer pays that does not pay in runs, as known on the evening of a day."""

    def __init__(
        self, days: Days, today: int, counted: Iterable[Counted], open_dues: Iterable[int] = (), like: Sequence[tuple[int, float]] = (),
    ):
        """
        :param counted: payments up to ``today``; later ones must not be among them
        :param open_dues: due dates of what is open on that evening: it has not been paid within so many days, which tells as well
        :param like: how like customers pay, ``(delay in days, share)``; the shares add up to 1
        """
        self.days, self.today = days, today
        own = spread((one.delay, one.off, one.weight) for one in counted)
        told = told_by_those_open(own, _waiting(today, open_dues), _fill(like))
        self._delays = [delay for _number, delay, _weight in told]
        self._sums = list(accumulate(weight for _number, _delay, weight in told))

    def outlook(self, due: int, not_before: int = 0) -> Outlook:
        """Return when an instalment that is open today will be paid.

        :param due: its due date
        :param not_before: the last day it will certainly not be paid on, where that is later than today
        """
        # What falls on a day off comes on the next day worked; so nothing of it has come while the day is one.
        place = bisect_right(self._delays, self.days.before(max(self.today, not_before)) - due)
        end = self.today + BEYOND
        if place >= len(self._delays) or self._sums[-1] - (self._sums[place - 1] if place else 0.0) < 1e-12:
            return certain(end)
        return Outlook(self._delays, self._sums, place, due, self.days, end)


class RunPayer:
    """How a customer pays that pays in runs: on which of them after the due date."""

    def __init__(
        self, days: Days, today: int, run: Run, paid: Sequence[Paid], open_dues: Iterable[int] = (),
        like: Sequence[tuple[int, float]] = (),
    ):
        """As of ``Payer``, with each payment for itself."""
        self.today, self._runs = today, days.of_run(run)
        own = [(one.day - one.due, one.weight) for one in paid]
        self._later, self._fill = [], []
        for number, delay, told in told_by_those_open(own, _waiting(today, open_dues), _fill(like)):
            if number is None:
                self._fill.append((delay, told))
            else:
                self._later.append((bisect_left(self._runs, paid[number].day) - bisect_left(self._runs, paid[number].due), told))

    def outlook(self, due: int, not_before: int = 0) -> Outlook:
        """As of ``Payer``."""
        runs, end = self._runs, self.today + BEYOND
        start, place = bisect_left(runs, due), bisect_right(runs, max(self.today, not_before))
        weights: dict[int, float] = defaultdict(float)
        for later, told in self._later:
            if start + later >= place:
                weights[start + later] += told
        for delay, told in self._fill:
            number = bisect_left(runs, due + delay)
            if number >= place:
                weights[number] += told
        if not weights:
            return certain(runs[place] if place < len(runs) else end)
        numbers = sorted(weights)
        return Outlook(
            [runs[number] if number < len(runs) else end for number in numbers],
            list(accumulate(weights[number] for number in numbers)), end=end,
        )


def _waiting(today: int, open_dues: Iterable[int]) -> list[tuple[int, float]]:
    return [(today - due, 1.0) for due in open_dues]


def _fill(like: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    return [(delay, FILLED * share) for delay, share in like] + list(TAIL_POINTS)


def mixed(parts: Iterable[tuple[float, Outlook]]) -> Outlook:
    """Return the outlook of an instalment whose shares have one each; the shares add up to 1."""
    weights: dict[int, float] = defaultdict(float)
    for share, outlook in parts:
        for day, likelihood in outlook.points():
            weights[day] += share * likelihood
    found = sorted(weights)
    return Outlook(found, list(accumulate(weights[day] for day in found)))


def certain(day: int) -> Outlook:
    """Return the outlook of what comes on a day."""
    return Outlook((day,), (1.0,))


def spread(paid: Iterable[tuple[int, int, float]]) -> list[tuple[int, float]]:
    """Return the delays that payments were meant to have, without the wait for the next day worked.

    What came after days off was meant for one of them or for the day itself: for each as likely as the delay is seen on other days.

    :param paid: ``(delay, days off just before it came, weight)``
    :return: ``(delay, weight)``
    """
    seen: dict[int, float] = defaultdict(float)
    told, after_days_off = [], []
    for delay, off, weight in paid:
        if off:
            after_days_off.append((range(delay - off, delay + 1), weight))
        else:
            seen[delay] += weight
            told.append((delay, weight))
    for delays, weight in after_days_off:
        shares = [seen.get(delay, 0.0) + UNSEEN for delay in delays]
        whole = sum(shares)
        told += [(delay, weight * share / whole) for delay, share in zip(delays, shares, strict=True)]
    return told


def told_by_those_open(
    own: Sequence[tuple[int, float]], waiting: Iterable[tuple[int, float]], fill: Sequence[tuple[int, float]] = (),
) -> list[tuple[int | None, int, float]]:
    """Give the weight of what is still open to the delays that are longer: it will not be paid sooner than it has waited.

    After Efron, The two sample problem with censored data (1967).

    :param own: ``(delay, weight)`` of what was paid
    :param waiting: ``(days since it was due, weight)`` of what is open
    :param fill: delays and weights that stand beside the own ones
    :return: list of ``(number of the own one or None, delay, weight)`` in the order of delays
    """
    events: list[tuple[int, int, int | None, float]] = [(delay, 0, number, weight) for number, (delay, weight) in enumerate(own)]
    events += [(delay, 0, None, weight) for delay, weight in fill]
    events += [(age, 1, None, weight) for age, weight in waiting]
    events.sort(key=lambda one: one[:2])
    left, factor, told = sum(one[3] for one in events), 1.0, []
    for delay, is_waiting, number, weight in events:
        if not is_waiting:
            told.append((number, delay, weight * factor))
        elif left - weight > 1e-9:
            factor *= left / (left - weight)
        left -= weight
    return told


def kind_of(counted: Sequence[Counted]) -> int:
    """Return which kind of customers one is like, by its median delay: a place among ``LIKE``, -1 where it has paid nothing."""
    every = sum(one.number for one in counted)
    if not every:
        return -1
    return next((
        number for number, limit in enumerate(LIKE) if sum(one.number for one in counted if one.delay <= limit) * 2 >= every
    ), len(LIKE))


def like_points(counts: Iterable[tuple[int, int, float]], waiting: Iterable[tuple[int, float]] = ()) -> list[tuple[int, float]]:
    """Return how customers pay as some equally likely delays.

    :param counts: ``(delay in days, days off just before, how many)`` of what was paid
    :param waiting: ``(days since it was due, how many)`` of what is open
    :return: ``(delay, share)``, for the ``like`` of a payer; on the due date where nothing is known
    """
    told = told_by_those_open(spread(counts), waiting)
    sums = list(accumulate(weight for _key, _delay, weight in told))
    if not sums or sums[-1] <= 0:
        return [(0, 1.0)]
    return [
        (told[bisect_left(sums, (number + 0.5) / LIKE_POINTS * sums[-1])][1], 1 / LIKE_POINTS) for number in range(LIKE_POINTS)
    ]
