"""What a relationship is worth: the discounted contributions still to be expected."""


def factor(retention: float, discount: float, years: int = 0) -> float:
    """Return what a contribution of 1 a year is worth: Σ rᵗ ÷ (1 + d)ᵗ, t counted from 1.

    :param float retention: r, the share of customers kept from one year to the next, 0 to 1
    :param float discount: d, a year, at least 0
    :param int years: how many years to count; 0 for without end
    :return: float
    :raise ValueError: when an endless sum would have no end
    """
    ratio = retention / (1 + discount)
    if years:
        return sum(ratio ** year for year in range(1, years + 1))
    if ratio >= 1:
        raise ValueError('without end and without discount or loss the value is infinite')
    return retention / (1 + discount - retention)
