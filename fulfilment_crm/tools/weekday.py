"""Names of the days of the week."""
from datetime import date, timedelta
from typing import Any

from babel.dates import format_date

from odoo.tools import babel_locale_parse

MONDAY = date(2024, 1, 1)


def weekday_name(env: Any, number: int) -> str:
    """Return the name of a day of the week in the language of ``env``: 0 is Monday."""
    return format_date(MONDAY + timedelta(days=number), 'EEEE', locale=babel_locale_parse(env.lang or 'en_US'))
