from odoo.exceptions import LockError


def lock(records):
    """Lock records until the transaction ends, so that of two who act on them at the same instant one is told to start again.

    :raise LockError: in a sentence that says what to do
    """
    try:
        records.lock_for_update()
    except LockError as error:
        raise LockError(records.env._(
            "%(names)s: somebody else is changing this at the same moment. Please try again.",
            # safe: names of what the user is about to act on
            names=', '.join(record.display_name or '' for record in records.sudo()[:5]),
        )) from error
