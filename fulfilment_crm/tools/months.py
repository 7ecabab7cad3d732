from datetime import date
from typing import Any

from babel.dates import format_skeleton
from dateutil.relativedelta import relativedelta

from odoo.tools import babel_locale_parse


def last_day(start: date, months: int) -> date:
    """Return the last day of so many months that begin on a day: 28 February 2025 of the twelve from 29 February 2024, which has no match.

    :param date start: the first day
    :param int months: one or more
    :rtype: date
    """
    end = start + relativedelta(months=months)
    return end - relativedelta(days=1) if end.day == start.day else end


def month_name(env: Any, day: date, wide: bool = False) -> str:
    """Write a month with its year as the reader's language does: "Nov 2025", "2025年11月".

    :param bool wide: with the name in full
    """
    return format_skeleton('yMMMM' if wide else 'yMMM', day, locale=babel_locale_parse(env.lang or 'en_US'))


def short_day(env: Any, day: date) -> str:
    """Write a day without its year as the reader's language does: "Nov 30", "11月30日"."""
    return format_skeleton('MMMd', day, locale=babel_locale_parse(env.lang or 'en_US'))
