"""Days that a call from outside names."""
from odoo import fields
from odoo.exceptions import UserError


def day_of_call(env, day):
    """Return the date a call names, as a date or its text.

    :raise UserError: for what is no date
    """
    try:
        return fields.Date.to_date(day)
    except (ValueError, TypeError) as error:
        raise UserError(env._("“%s” is no date: give it as 2026-12-31.", day)) from error
