from odoo import models
from odoo.exceptions import UserError

from .event import as_noted


class FulfilmentFlowMixin(models.AbstractModel):
    """Where a record may go from where it is.

    A model says so once, beside its field of states, from → to::

        _moves = {'draft': {'active', 'cancelled'}, 'active': {'closed'}, 'closed': set(), 'cancelled': {'draft'}}

    Its actions check rights and what else they ask for, and pass ``_move_to``.
    """
    _name = 'fulfilment.flow.mixin'
    _description = 'States and moves'

    _flow = 'state'  # the field that says where a record is
    _moves = {}
    _keeps_own_events = False  # a table of the model's own says what happened, and feeds the events

    def _event_words(self):
        """Return where what is noted of these records is named: a model, and its field that says what happened."""
        return self, self._flow

    def _check_move(self, state):
        """Prevent a move that the model does not know, or for which something is missing.

        :return: True when it may be
        :raise UserError: naming the record, and what to do
        """
        return self._check_known_move(state)

    def _check_known_move(self, state):
        """Prevent a move that the model does not know.

        :return: True when it does
        :raise UserError: naming the record, where it is, and where it can go instead
        """
        names = dict(self._fields[self._flow]._description_selection(self.env))
        for record in self:
            before = record[self._flow]
            if state in self._moves[before]:
                continue
            possible = ', '.join(f'“{name}”' for key, name in names.items() if key in self._moves[before])
            raise UserError(self.env._(
                "“%(record)s” is “%(before)s” and cannot become “%(after)s” from there. It can become %(possible)s.",
                record=record.display_name, before=names[before], after=names[state], possible=possible,
            ) if possible else self.env._(
                "“%(record)s” is “%(before)s” and stays so: it cannot become “%(after)s”.",
                record=record.display_name, before=names[before], after=names[state],
            ))
        return True

    def _move_to(self, state, **values):
        """Move records to a state, all or none, and note it as an event. Whoever calls has checked the right to.

        :param str state: the state to reach
        :param values: further fields to set with it
        :return: True once they are there
        :raise UserError: for a move that is not possible
        """
        self = self.union()  # a call may name a record twice
        self._check_move(state)
        # safe: states are guarded; the callers have checked the right to write, or act for a scheduled action or a signing customer
        records, names = self.sudo(), [self._flow, *values]
        before = {} if self._keeps_own_events else {record: as_noted(record, names) for record in records}
        moved = records.write({self._flow: state, **values})
        if before:
            self.env['fulfilment.event']._note(self, state, {
                record: {'before': earlier, 'after': as_noted(record, names)} for record, earlier in before.items()
            })
        return moved
