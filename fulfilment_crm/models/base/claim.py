"""Records that two transactions may not decide about at once."""
from odoo.tools import SQL


def claim(records):
    """Keep other transactions from deciding about records at the same time.

    The row is updated, not locked only: under REPEATABLE READ whoever comes second would go on with what it saw before; so it is
    told to begin again.
    """
    if records:
        records.env.cr.execute(SQL(
            "UPDATE %s SET id = id WHERE id IN %s", SQL.identifier(records._table), tuple(sorted(records.ids)),
        ))
