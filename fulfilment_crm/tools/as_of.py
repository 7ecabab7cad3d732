from dataclasses import dataclass


@dataclass(frozen=True)
class AsOf:
    """A day, or a naive UTC moment, that stands in for the clock, under the context key ``as_of``.

    A class of its own, so that no call from outside can set the clock back: calls bring texts, numbers and dates. A plain value under
    the key counts for what is only read, such as which milestones were late on a day.
    """
    moment: object
