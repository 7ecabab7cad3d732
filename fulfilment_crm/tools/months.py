from babel.dates import format_skeleton

from odoo.tools import babel_locale_parse


def month_name(env, day, wide=False):
    """A month with its year as the reader's language writes it: "Nov 2025", "2025年11月".

    :param bool wide: with the name in full
    """
    return format_skeleton('yMMMM' if wide else 'yMMM', day, locale=babel_locale_parse(env.lang or 'en_US'))
