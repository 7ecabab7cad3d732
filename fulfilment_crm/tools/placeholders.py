"""Placeholders of clauses: a key in braces, such as {payment_days}. Nothing but a look-up; never evaluated."""
import re

PLACEHOLDER = re.compile(r'\{([a-z_]+)\}')
BLANK = re.compile(r'_{3,}|＿{2,}')


def keys(body: str | None) -> list[str]:
    """Return the placeholder keys in ``body``, in order, each once."""
    return list(dict.fromkeys(PLACEHOLDER.findall(body or '')))


def fill(body: str | None, values: dict[str, str]) -> str:
    """``body`` with every placeholder replaced that has a value; the others stay, so that they can be pointed out.

    :param dict values: ``{key: text}``; an empty text counts as no value
    """
    return PLACEHOLDER.sub(lambda match: values.get(match[1]) or match[0], body or '')


def unfilled(text: str | None) -> list[str]:
    """Return what is still to be filled in: placeholder keys and blanks of underscores."""
    return keys(text) + BLANK.findall(text or '')
