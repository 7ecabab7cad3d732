"""The payment behaviour index: how early or late money came, as a number from 20 to 100."""

# (days after the due date, index); linear between the points, constant beyond them.
POINTS = ((-30, 100), (-20, 90), (0, 80), (15, 70), (22, 60), (30, 50), (60, 40), (90, 30), (120, 20))


def segments():
    """The straight lines between the points: ``[(up to day, index at its end, slope), …]``, in order."""
    return [
        (right, high, (high - low) / (right - left)) for (left, low), (right, high) in zip(POINTS, POINTS[1:], strict=False)
    ]


def index_of(days):
    """The index of one payment.

    :param int days: after the due date; negative when it came early
    :return: float from 20 to 100
    """
    if days <= POINTS[0][0]:
        return float(POINTS[0][1])
    for right, high, slope in segments():
        if days <= right:
            return high + (days - right) * slope
    return float(POINTS[-1][1])
