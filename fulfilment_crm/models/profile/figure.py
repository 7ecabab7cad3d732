"""Fields for figures: no data is not zero.

Odoo's numbers read NULL as 0 and find it with ``< 80``. A figure keeps it apart: it reads as None, exports as nothing, and no
comparison finds it; ``= False`` finds what is missing.
"""
from odoo import fields


class _Figure:
    """What a figure says about itself, beside being a field."""
    facts = None  # which SELECT of the profile writes it; the name is that of the file
    needs = ()  # of a derived figure: the SELECTs whose columns it is made from
    total = False  # a sum or count: 0 where there are facts of any kind, while a rate or an average without a base stays NULL
    past = True  # can be told for a day in the past; else it is NULL in what is filled in for months before the installation
    falsy_value = None

    def convert_to_column(self, value, record, values=None, validate=True):
        return None if _missing(value) else super().convert_to_column(value, record, values, validate)

    def convert_to_cache(self, value, record, validate=True):
        return None if _missing(value) else super().convert_to_cache(value, record, validate)

    def convert_to_record(self, value, record):
        return None if _missing(value) else super().convert_to_record(value, record)

    def convert_to_read(self, value, record, use_display_name=True):
        return False if _missing(value) else super().convert_to_read(value, record, use_display_name)

    def convert_to_export(self, value, record):
        return '' if _missing(value) else super().convert_to_export(value, record)

    def filter_function(self, records, field_expr, operator, value):
        if operator != 'in' or field_expr != self.name:
            return super().filter_function(records, field_expr, operator, value)
        # Odoo takes 0 among the values for "missing", since 0 == False in Python.
        with_missing = any(_missing(one) for one in value)
        numbers = {one for one in value if not _missing(one)}

        def check(record):
            found = record[self.name]
            return with_missing if _missing(found) else found in numbers
        return check


def _missing(value):
    return value is None or value is False


class FigureFloat(_Figure, fields.Float):
    """A rate, an index or an average, kept with two decimals."""
    aggregator = 'avg'

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{'digits': (16, 2), **kwargs})


class FigureInteger(_Figure, fields.Integer):
    """A count or a number of days."""


class FigureMonetary(_Figure, fields.Monetary):
    """An amount in the currency of the company."""

    def convert_to_column_insert(self, value, record, values=None, validate=True):
        return None if _missing(value) else super().convert_to_column_insert(value, record, values, validate)


class FigureDate(_Figure, fields.Date):
    """A day something happened first or last."""

    def convert_to_record(self, value, record):
        return fields.Date.convert_to_record(self, value, record)


class FigureSelection(_Figure, fields.Selection):
    """A class a customer falls into."""

    def convert_to_record(self, value, record):
        return fields.Selection.convert_to_record(self, value, record)


class FigureAge(FigureMonetary):
    """What has been overdue for so long: a bucket between the limits that the company sets, which it is named by."""
    bucket = 1  # the first, second, third; 4 is what is beyond them

    def _description_string(self, env):
        limits = env.company._fulfilment_age_limits()
        if self.bucket > len(limits):
            return env._("Over %s days", limits[-1])
        first = limits[self.bucket - 2] + 1 if self.bucket > 1 else 1
        return env._("%(first)s–%(last)s days", first=first, last=limits[self.bucket - 1])
