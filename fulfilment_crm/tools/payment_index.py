"""The payment behaviour index: how early or late money came, as a number from 20 to 100."""

# (days after the due date, index); linear between the points, constant beyond them.
Points = tuple[tuple[int, int], ...]
POINTS: Points = ((-30, 100), (-20, 90), (0, 80), (15, 70), (22, 60), (30, 50), (60, 40), (90, 30), (120, 20))


def parse(text: str | None) -> Points | None:
    """Read points such as ``-30: 100, 0: 80, 120: 20``: days after the due date, and the index they are worth.

    :return: tuple of ``(days, index)``, or None where these are not at least two points in order of their days, each worth no more
        than the one before, from 100 to 0
    """
    points = []
    for part in (text or '').replace('，', ',').replace('：', ':').split(','):
        days, _colon, index = (one.strip() for one in part.partition(':'))
        if not days.removeprefix('-').isdecimal() or not index.isdecimal():
            return None
        points.append((int(days), int(index)))
    falls = all(left[0] < right[0] and left[1] >= right[1] for left, right in zip(points, points[1:], strict=False))
    fits = all(-3650 <= days <= 3650 and 0 <= index <= 100 for days, index in points)
    return tuple(points) if len(points) > 1 and falls and fits else None


def written(points: Points) -> str:
    """Points as ``parse`` reads them."""
    return ', '.join(f'{days}: {index}' for days, index in points)


def segments(points: Points = POINTS) -> list[tuple[int, int, float]]:
    """Return the straight lines between the points: ``[(up to day, index at its end, slope), …]``, in order."""
    return [
        (right, high, (high - low) / (right - left)) for (left, low), (right, high) in zip(points, points[1:], strict=False)
    ]


def index_of(days: int, points: Points = POINTS) -> float:
    """Return the index of one payment.

    :param int days: after the due date; negative when it came early
    :return: float from 20 to 100, with the points as shipped
    """
    if days <= points[0][0]:
        return float(points[0][1])
    for right, high, slope in segments(points):
        if days <= right:
            return high + (days - right) * slope
    return float(points[-1][1])
