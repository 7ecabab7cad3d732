"""Which instalment pays which milestone: plain arithmetic, no database."""
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date


@dataclass
class Instalment:
    """A receivable line as far as it concerns one contract.

    ``events`` are ``(date, amount, is_payment)``: what settled it, by payment or else (credit note, write-off).
    """
    line_id: int
    amount: float
    date_due: date
    is_down_payment: bool = False
    events: list = field(default_factory=list)


@dataclass
class Outcome:
    """What a payment milestone comes to."""
    paid: float = 0.0
    credited: float = 0.0
    date_done: date | None = None
    date_due: date | None = None
    line_ids: list = field(default_factory=list)
    settled: list = field(default_factory=list)  # (day, amount) of what settled it, by payment or else
    received: list = field(default_factory=list)  # (day, amount) of the payments among it


def allocate(
    milestones: list[tuple[int, float]], instalments: list[Instalment], loose_credit: float = 0.0, rounding: float = 0.0,
    unit: float = 0.01,
) -> tuple[list[tuple[int, int, float]], dict[int, Outcome], float]:
    """Share the instalments of a contract among its payment milestones.

    Each instalment goes to the earliest milestone that still has room; down payments are placed first. What settles an
    instalment settles its milestones in the same order. Credit reduces what is owed, it is not a payment. A milestone is done on
    the day of the event that leaves nothing owed.

    :param list milestones: ``(id, amount)`` in the order they fall due
    :param list instalments: :class:`Instalment`
    :param float loose_credit: credit notes of the contract not yet set against an invoice
    :param float unit: the smallest amount of the currency; less than half of it is nothing
    :param float rounding: what instalments may lack of the milestones by roundings: if it is no more, nobody owes it
    :return: ``(allocations, outcomes, excess)``: ``[(milestone id, line id, amount)]``, ``{milestone id: Outcome}`` and the
        invoiced amount no milestone has room for
    """
    room, nothing = dict(milestones), unit / 2
    events = defaultdict(list)
    outcomes = {milestone_id: Outcome() for milestone_id, _amount in milestones}
    allocations, excess = [], 0.0
    for instalment in sorted(instalments, key=lambda one: (not one.is_down_payment, one.date_due, one.line_id)):
        left, shares = instalment.amount, []
        for milestone_id, _amount in milestones:
            part = min(left, room[milestone_id])
            if part > nothing:
                room[milestone_id] -= part
                left -= part
                shares.append([milestone_id, part])
                allocations.append((milestone_id, instalment.line_id, round(part, 6)))
                outcome = outcomes[milestone_id]
                outcome.line_ids.append(instalment.line_id)
                outcome.date_due = max(filter(None, (outcome.date_due, instalment.date_due)))
        excess += max(left, 0.0)
        for day, amount, is_payment in sorted(instalment.events, key=lambda event: event[0]):
            for share in shares:
                part = min(amount, share[1])
                if part > 0:
                    share[1] -= part
                    amount -= part
                    events[share[0]].append((day, part, is_payment))
    lacking = sum(max(left, 0.0) for left in room.values())
    is_rounding = bool(instalments) and lacking <= rounding + 1e-9
    last = max((event[0] for instalment in instalments for event in instalment.events), default=None)
    for milestone_id, amount in milestones:
        outcome = outcomes[milestone_id]
        settled = 0.0
        unbilled = max(room[milestone_id], 0.0) if is_rounding else 0.0
        for day, part, is_payment in sorted(events[milestone_id], key=lambda event: event[0]):
            settled += part
            outcome.settled.append((day, part))
            if is_payment:
                outcome.paid += part
                outcome.received.append((day, part))
            else:
                outcome.credited += part
            if outcome.date_done is None and settled > amount - unbilled - nothing and amount > nothing:
                outcome.date_done = day
        if amount > nothing and amount - unbilled <= nothing:
            outcome.date_done = outcome.date_done or last
        outcome.credited += unbilled
        credit = min(loose_credit, max(amount - settled - unbilled, 0.0))
        loose_credit -= credit
        outcome.credited += credit
    return allocations, outcomes, excess
