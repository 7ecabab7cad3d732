import logging
from functools import partial

import psycopg2

from odoo import fields

_logger = logging.getLogger(__name__)
QUEUE = 'fulfilment_crm.later'


def do_later(records, work, action):
    """Do something with records before the transaction ends, once however often it is asked for. It is done as superuser.

    What cannot be done is set aside and shown, and left to the scheduled action: no delivery or payment fails because of us.

    :param records: of one model
    :param str work: name of the method that does it
    :param str action: the scheduled action it belongs to, a key of ``fulfilment.run._actions``
    """
    if not records:
        return
    queues = records.env.cr.precommit.data.setdefault(QUEUE, {})
    key = (records._name, work)
    if key not in queues:
        queues[key] = set()
        records.env.cr.precommit.add(partial(_do_queued, records.browse(), work, action))
    queues[key].update(records.ids)


def _do_queued(model, work, action):
    ids = model.env.cr.precommit.data.get(QUEUE, {}).pop((model._name, work), ())
    # safe: what is done follows from facts the user was allowed to change
    records = model.sudo().browse(sorted(ids)).exists()
    try:
        with model.env.cr.savepoint():
            getattr(records, work)()
            model.env.flush_all()
    except psycopg2.OperationalError:
        raise  # a clash with another transaction: the request or job is done again as a whole
    except Exception as error:  # noqa: BLE001 - whatever went wrong is shown below, and the user's own work stands
        _logger.warning("%s of %s %s could not be done", work, records._name, records.ids, exc_info=True)
        run = records.env['fulfilment.run'].create({'action': action, 'finished_on': fields.Datetime.now()})
        for record in records:
            records.env['fulfilment.problem']._set_aside(run, record, str(error))
