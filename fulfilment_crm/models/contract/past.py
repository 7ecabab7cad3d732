

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.local_time import end_of

# What amendments change of the contract itself.
DATED = ('amount_untaxed', 'amount_total', 'date_end', 'deemed_acceptance_days')

# Events after which nothing is owed any more.
ENDS = ('done', 'waived', 'cancelled')


class FulfilmentContract(models.Model):
    """Questions about the past are answered with what was in force then."""
    _inherit = 'fulfilment.contract'

    state_history = fields.Json(
        readonly=True, copy=False, groups='base.group_user', help="Which state it came into when (UTC), from the first on.",
        guarded=True,
    )

    def _note_state(self, state):
        now = fields.Datetime.to_string(fields.Datetime.now())
        for contract in self:
            contract.state_history = [*(contract.state_history or []), [state, now]]

    def _dated_terms(self):
        """Return the terms of the contract that amendments change, as they are now, to be kept as JSON."""
        self.ensure_one()
        return {name: fields.Date.to_string(value) if name == 'date_end' else value for name in DATED for value in (self[name],)}

    def _value_at(self, field, day):
        """Return the value a term of the contract had on a day: that of the version in force then.

        :param str field: one of ``DATED``
        :param date day: the day asked about; an amendment counts from its effective date on
        """
        self.ensure_one()
        # safe: the history of a term is part of the contract its reader may read
        later = self.sudo().amendment_ids.filtered(
            lambda one: one.state == 'applied' and one.date_effective > day and one.before_terms,
        ).sorted(lambda one: (one.date_effective, one.applied_on, one.id))
        value = later[0].before_terms.get(field) if later else self[field]
        return fields.Date.to_date(value) or False if field == 'date_end' else value

    def _state_at(self, day):
        """Return the state at the end of a day in the company's time zone; None before there was a contract, and where nobody noted it."""
        self.ensure_one()
        end = end_of(day, self.company_id._fulfilment_zone())
        if self.create_date >= end:
            return None
        history = self.state_history or []
        if not history:
            return self.state if self.state == 'draft' else None
        return next((state for state, moment in reversed(history) if fields.Datetime.to_datetime(moment) < end), 'draft')

    @api.readonly
    def get_past(self, date):
        """Tell what was agreed and how it stood at the end of a day: for statements, disputes and figures about the past.

        :param date: a date or its text
        :return: one dict a contract: ``id``, ``name``, ``date``, ``state`` (None where it is not known), ``currency`` (code),
            ``amount_untaxed``, ``amount_total``, ``date_start``, ``date_end``, ``date_signed``, ``deemed_acceptance_days`` and
            ``milestones``: dicts of ``id``, ``name``, ``kind``, ``obligor``, ``date_planned``, ``amount``, ``paid``, ``state``,
            ``date_done``, ``is_late``; dates are texts or False
        :raise AccessError: for contracts the user may not read
        :raise UserError: without a date
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Questions about the past are answered to colleagues only."))
        self.check_access('read')
        day = _day(self.env, date)
        # safe: what is told is of contracts that the user may read
        contracts = self.sudo()
        paid, standing = contracts._paid_at(day), contracts.milestone_ids._at(day)
        return [{
            'id': contract.id, 'name': contract.name, 'date': _text(day), 'state': contract._state_at(day),
            'currency': contract.currency_id.name, 'date_start': _text(contract.date_start),
            'date_signed': _text(contract.date_signed if contract.date_signed and contract.date_signed <= day else False),
            **{name: _text(value) if name == 'date_end' else value for name in DATED for value in (contract._value_at(name, day),)},
            'milestones': [{
                'id': one.id, 'name': one.name, 'kind': one.kind, 'obligor': one.obligor, 'paid': paid.get(one.id, 0.0),
                **{name: _text(value) if name.startswith('date') else value for name, value in standing[one].items()},
            } for one in contract.milestone_ids if one in standing],
        } for contract in contracts]


class FulfilmentMilestone(models.Model):
    _inherit = 'fulfilment.milestone'

    def _at(self, day):
        """Return the milestones as they were at the end of a day.

        :param date day: the day asked about
        :return: ``{milestone: {'date_planned', 'amount', 'state', 'date_done', 'is_late'}}``, without those that an amendment added later
        """
        # safe: the history of a milestone is part of the contract its reader may read
        events = self.sudo().event_ids
        later = events.filtered(lambda event: event.effective_on and event.effective_on > day).sorted('id', reverse=True)
        by_milestone = later.grouped('milestone_id')
        ends = events.filtered(lambda event: event.kind in ENDS).sorted('id', reverse=True).grouped('milestone_id')
        answers = {}
        for milestone in self:
            planned, amount, state, done = milestone.date_planned, milestone.amount, milestone.state, milestone.date_done
            added = False
            for event in by_milestone.get(milestone, ()):
                if event.kind == 'moved' or (event.kind == 'amended' and event.date_from):
                    planned = event.date_from
                if event.kind == 'amended' and event.amount_from != event.amount_to:
                    amount = event.amount_from
                if event.kind == 'amended' and not event.date_from and event.date_to:
                    added = True
                if event.kind == 'reopened':
                    before = next((one.kind for one in ends.get(milestone, ()) if one.id < event.id), 'done')
                    state, done = before if event.date_from or before != 'done' else 'pending', event.date_from
                elif event.kind in ('waived', 'cancelled'):
                    state, done = 'pending', False
            if added:
                continue
            if state == 'done' and not (done and done <= day):
                state, done = 'pending', False
            answers[milestone] = {
                'date_planned': planned, 'amount': amount, 'state': state, 'date_done': done if state == 'done' else False,
                'is_late': bool(planned and planned < day and state == 'pending'),
            }
        return answers


def _day(env, date):
    """Return the day asked about as a date."""
    try:
        day = fields.Date.to_date(date or None)
    except (ValueError, TypeError):
        day = None
    if not day:
        raise UserError(env._("“%s” is no day: ask for one as year-month-day.", date or ''))
    return day


def _text(value):
    return fields.Date.to_string(value) or False
