"""Dates in sentences, in the form that Odoo's web client gives dates of fields."""
from datetime import date
from typing import Any

from babel.dates import format_skeleton

from odoo import fields
from odoo.tools import babel_locale_parse


def shown_date(env: Any, day: date | str) -> str:
    """Return the day in the language of ``env`` as lists and forms show it, always with its year: Nov 30, 2026; nothing for no day."""
    value = fields.Date.to_date(day)
    return format_skeleton('yMMMd', value, locale=babel_locale_parse(env.lang or 'en_US')) if value else ''
