"""Text the machine writes into a record once, and everybody reads in their own language.

``told(env, _lt("Done on %(date)s", date=day))`` reads like any text, in the language of ``env``; a ``ToldChar`` or ``ToldText`` keeps
the source and the values of it, and tells it again to each reader. What people type stays as they typed it.
"""
import json
from datetime import date

from odoo import fields
from odoo.tools.translate import LazyGettext, LazyTranslate, get_translation

from ...tools.shown_date import shown_date

_lt = LazyTranslate(__name__)
MARK = '\u2063'  # an invisible separator that nobody types


class Told(str):
    """A text with what is needed to tell it in another language."""
    kept = ''


def told(env, text):
    """Tell the text in the language of ``env``, for fields that tell it again.

    :param LazyGettext text: its values are texts, numbers, dates, told texts or other lazy ones
    :rtype: Told
    """
    parts = _keep(env, text)
    result = Told(_tell(env, parts))
    result.kept = MARK + json.dumps(parts, ensure_ascii=False)
    return result


def told_names(records, name):
    """Return what a translated field says of each record now, for fields that tell it in each of its languages.

    :param str name: of a field with translations
    :return: list of told texts in the order of the records, in the language of their environment; empty texts where it says nothing
    """
    said = {lang: records.with_context(lang=lang).mapped(name) for lang, _label in records.env['res.lang'].get_installed()}
    texts = []
    for position in range(len(records)):
        parts = {'in': {lang: values[position] for lang, values in said.items() if values[position]}}
        text = Told(_tell(records.env, parts))
        text.kept = MARK + json.dumps(parts, ensure_ascii=False)
        texts.append(text if parts['in'] else '')
    return texts


def tell(env, kept):
    """Tell again, in the language of ``env``, what was told.

    :param str kept: the ``kept`` of a told text, or anything else that was kept of it
    :return: the text; empty when nothing of the kind was kept
    """
    return str(_tell(env, json.loads(kept.removeprefix(MARK)))) if kept and kept.startswith(MARK) else ''


def _keep(env, value):
    if isinstance(value, LazyGettext):
        values = value._args
        return {
            'text': value._source,
            'values': {name: _keep(env, one) for name, one in values.items()} if isinstance(values, dict)
            else [_keep(env, one) for one in values],
        }
    if isinstance(value, Told):
        return json.loads(value.kept.removeprefix(MARK))
    if isinstance(value, date):
        return {'date': value.isoformat()}
    return value if isinstance(value, int | float) else str(value)


def _tell(env, parts):
    if not isinstance(parts, dict):
        return parts
    if 'date' in parts:
        return shown_date(env, parts['date'])
    if 'in' in parts:
        return parts['in'].get(env.lang or 'en_US') or parts['in'].get('en_US') or next(iter(parts['in'].values()), '')
    values = parts['values']
    if isinstance(values, dict):
        values = {name: _tell(env, one) for name, one in values.items()}
    else:
        values = tuple(_tell(env, one) for one in values)
    return get_translation('fulfilment_crm', env.lang or 'en_US', parts['text'], values)


class _Told:
    """A text field that keeps what was told in no language, and reads in the reader's. Groups of it would have no name to show."""

    def convert_to_cache(self, value, record, validate=True):
        """Keep only what was told, to tell it again: the mark is taken out of what people type."""
        if isinstance(value, Told):
            return value.kept
        return super().convert_to_cache(value.replace(MARK, '') if isinstance(value, str) else value, record, validate)

    def get_column_update(self, record):
        return record.env.transaction.field_data[self][record.id]

    def convert_to_record(self, value, record):
        if not value or not value.startswith(MARK):
            return super().convert_to_record(value, record)
        try:
            result = Told(_tell(record.env, json.loads(value.removeprefix(MARK))))
        except (ValueError, TypeError, KeyError, AttributeError, AssertionError, RecursionError, OverflowError):
            return super().convert_to_record(value, record)  # nothing the machine has told
        result.kept = value
        return result

    def _description_groupable(self, env):
        return False


class ToldChar(_Told, fields.Char):
    pass


class ToldText(_Told, fields.Text):
    pass
