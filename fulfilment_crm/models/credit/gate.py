"""The gate that orders pass before they are confirmed, in plain classes: cases are held against rules, and what comes of it is a verdict.

It is handed orders and hands out verdicts; which call led to it, it does not know (see ``sale_order.py``).
"""
from dataclasses import dataclass, field

# The figures the rules ask for, read live for every decision.
DECISIVE = ('exposure', 'order_for_others', 'receivable_overdue', 'overdue_days_open')


@dataclass(frozen=True)
class Hit:
    """A rule that an order breaks."""
    rule: int | str  # id of the rule, or what else stands for one
    name: str
    kind: str
    outcome: str  # 'warn' or 'hold'
    text: str  # why, in the language of whoever asks
    told: str  # the same, to be told again in others
    value: float
    threshold: float
    group: int  # id of those who may release what it holds
    whose: tuple  # whose figures it tells: model and id


@dataclass
class Case:
    """An order and what is known of one of its customers, as the rules see it. Amounts are in the company's currency."""
    order: object
    by_rules: bool  # off where the credit rules are switched off: then only ceilings count
    amount: float  # with taxes
    day: object
    currency: object
    line: object  # the customer's credit line
    facts: dict  # the decisive figures as of now
    grade: object  # what the grade in force means, or None
    limit: float | None  # None for no limit
    exposure: float  # before the order
    exposure_after: float
    rules: tuple | None = None  # what it is held against; the rules of its company when None
    draws: dict = field(default_factory=dict)  # what the order takes of ceilings: {contract: amount in its currency}
    taken: dict = field(default_factory=dict)  # what orders decided on just before have taken of them; shared by the cases of one call


@dataclass(frozen=True)
class Verdict:
    """What was decided about an order."""
    order: object
    case: Case  # that of the customer who is invoiced
    hits: tuple
    outcome: str  # 'pass', 'warn', 'hold' or 'released'


def outcome_of(hits):
    """Return what broken rules come to: the gravest of them."""
    return 'hold' if any(hit.outcome == 'hold' for hit in hits) else 'warn' if hits else 'pass'


class Gate:
    """Holds the cases of orders against rules."""

    def __init__(self, rules):
        """:param rules: function of a ``Case`` that returns its hits"""
        self._rules = rules

    def look(self, cases, by_rules=False):
        """Tell what each order would break if it were confirmed now, alone.

        :param dict cases: ``{order: [Case]}``
        :param bool by_rules: as if the credit rules were switched on
        :return: ``{order: [Hit]}``
        """
        found = {}
        for order, own in cases.items():
            found[order] = []
            for case in own:
                case.by_rules = case.by_rules or by_rules
                case.exposure_after = case.exposure + max(case.amount, 0.0)
                found[order] += self._rules(case)
        return found

    def judge(self, cases, releases):
        """Judge orders one after the other: what passes counts for the next of the same customer.

        :param dict cases: ``{order: [Case]}`` in the order of judging, first who is invoiced
        :param dict releases: ``{order: release}``; a release says whether it lifts what holds the order (``_lifts``)
        :return: list of ``Verdict``
        """
        exposures, verdicts = {}, []
        for order, own in cases.items():
            hits = {}
            for case in own:
                case.exposure = exposures.get(case.line, case.exposure)
                case.exposure_after = case.exposure + max(case.amount, 0.0)  # a negative order makes no room for others
                for hit in self._rules(case):
                    hits.setdefault(hit.rule, hit)
            case, hits = own[0], tuple(hits.values())
            release = releases.get(order)
            lifted = release is not None and outcome_of(hits) == 'hold' and release._lifts(_holding(hits), case.amount)
            verdict = Verdict(order, case, hits, 'released' if lifted else outcome_of(hits))
            if verdict.outcome != 'hold':
                exposures.update((one.line, one.exposure_after) for one in own)
                for ceiling, amount in case.draws.items():
                    case.taken[ceiling] = case.taken.get(ceiling, 0.0) + amount
            verdicts.append(verdict)
        return verdicts

    def refused(self, cases, releases):
        """Find the changes of confirmed orders that rules forbid: their amounts are in the exposure already.

        :return: ``{order: [Hit]}`` of those that hold and no release lifts
        """
        refused = {}
        for order, own in cases.items():
            held = _holding([hit for case in own for hit in self._rules(case)])
            if held and not (order in releases and releases[order]._lifts(held, own[0].amount)):
                refused[order] = held
        return refused


def _holding(hits):
    return [hit for hit in hits if hit.outcome == 'hold']
