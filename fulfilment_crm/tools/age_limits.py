"""The limits of age buckets: after how many days overdue the next bucket begins."""

LIMITS = (30, 60, 90)


def parse(text: str | None) -> tuple[int, ...] | None:
    """Read three limits, such as ``30, 60, 90``.

    :rtype: tuple of int, or None where they are no three whole numbers of days, each greater than the one before
    """
    parts = [part.strip() for part in (text or '').replace('，', ',').split(',')]
    if len(parts) != len(LIMITS) or not all(part.isdecimal() for part in parts):
        return None
    limits = tuple(map(int, parts))
    return limits if 0 < limits[0] < limits[1] < limits[2] <= 3650 else None
