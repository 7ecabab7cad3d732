"""Counts and first records of many domains, over many models, in one statement."""
from dataclasses import dataclass, field
from typing import Any

from odoo.tools import SQL

LINES = 5


@dataclass
class Card:
    """One number that a page shows: what it counts, and what of its first records is shown.

    :param model: the model as the user, or as superuser where what is counted is the user's own
    :param domain: what is counted; the action opens the same
    :param lines: fields for the lines, under ``text`` (what the record is called when missing), ``sub``, ``date``, ``model`` and
        ``record``; a many2one stands for its stored name
    :param total: a field to sum
    :param unit: how ``sub`` is written where it is a number, such as ``%s days``
    """
    key: str
    title: str
    model: Any
    domain: list
    order: str = 'id'
    empty: str = ''
    lines: dict = field(default_factory=dict)
    total: str = None
    tone: str = ''
    help: str = ''
    unit: str = ''
    views: list = None
    context: dict = None
    first: int = LINES  # how many records are shown


def count(env, cards):
    """Ask for all cards at once. What the user may not read is not counted: every part is a search of Odoo with its rules.

    :param list cards: of ``Card``
    :return: ``{key: (count, sum or None, [line])}``; a line is a dict with ``id`` and what the card asks for
    """
    if not cards:
        return {}
    parts = []
    for card in cards:
        everything = card.model._search(card.domain)
        amount = card.model._field_to_sql(everything.table, card.total, everything) if card.total else SQL("NULL::numeric")
        first = card.model._search(card.domain, order=card.order, limit=card.first)
        columns = [SQL("%s AS id", SQL.identifier(first.table, 'id'))]
        columns += [
            SQL("%s AS %s", _column(card.model, first, name), SQL.identifier(alias)) for alias, name in card.lines.items()
        ]
        parts.append(SQL(
            """
            SELECT %(key)s AS key, counted.number, counted.total, shown.lines
              FROM (SELECT count(*) AS number, sum(amount) AS total FROM (%(everything)s) every_one) counted,
                   (SELECT json_agg(line) AS lines FROM (%(first)s) line) shown
            """,
            key=card.key, everything=everything.select(SQL("%s AS amount", amount)), first=first.select(*columns),
        ))
    rows = env.execute_query(SQL(" UNION ALL ").join(parts))
    return {key: (number, total, lines or []) for key, number, total, lines in rows}


def _column(model, query, name):
    """Return a stored field in SQL; of a contact, user or other record its stored name; ``@to_do`` is the name of the record that one's own
    to-do is about, where the table has but model and id.
    """
    if name == '@to_do':
        table = SQL.identifier(query.table)
        return SQL(
            "(SELECT res_name FROM mail_activity WHERE (res_model, res_id) = (%s.res_model, %s.res_id)"
            " AND res_name IS NOT NULL ORDER BY (user_id = %s) DESC, id LIMIT 1)", table, table, model.env.uid,
        )
    known = model._fields[name]
    if known.type != 'many2one':
        return model._field_to_sql(query.table, name, query)
    comodel = model.env[known.comodel_name]
    model._check_field_access(known, 'read')
    alias = query.left_join(query.table, name, comodel._table, 'id', name)
    if known.comodel_name == 'res.users':
        comodel, alias = model.env['res.partner'], query.left_join(alias, 'partner_id', 'res_partner', 'id', 'partner_id')
    shown = 'complete_name' if comodel._name == 'res.partner' else comodel._rec_name
    # What a record is called is shown with every record that names it, as Odoo does.
    return comodel.sudo()._field_to_sql(alias, shown, query)  # safe: the name only
