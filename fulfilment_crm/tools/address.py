"""Addresses as text."""


def one_line(address: str | None) -> str:
    """Put on one line what is written on several: the lines that say something, parted by commas ('' for nothing).

    `address`: as `res.partner._display_address` gives it (str, or False).
    """
    return ', '.join(line.strip() for line in (address or '').splitlines() if line.strip())
