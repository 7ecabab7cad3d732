

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


    def _terms_course(self):
        """Return what the contract's clauses have said of each role, version by version.

        :return: ``{role: [(day from which it counted, or None for the first, number)]}``
        """
        self.ensure_one()
        # safe: the history of a term is part of the contract its reader may read
        contract, course = self.sudo(), {}
        changes = contract.amendment_ids.filtered(lambda one: one.state == 'applied').line_ids.filtered(
            lambda line: line.kind == 'clause_value',
        ).sorted(lambda line: (line.amendment_id.applied_on, line.id), reverse=True).grouped('parameter_id')
        for role, parameter in contract._terms().items():
            value, found = parameter.value_number, []
            for line in changes.get(parameter, ()):
                found.append((line.amendment_id.date_effective, value))
                value = line.before_value
            course[role] = _in_force([(None, value), *reversed(found)])
        return course


class FulfilmentMilestone(models.Model):
    _inherit = 'fulfilment.milestone'

    def _course(self):
        """Return what was agreed of milestones, version by version.

        An agreement counts from its day on. A date that moved because of something else, such as a delivery that was late, counts from the
        beginning: that is when it was really due.

        :return: ``{milestone: [(day from which it counted, or None for the first, date, amount)]}``
        """
        # safe: as in _at
        agreed = self.sudo().event_ids.filtered('is_agreed').sorted('id', reverse=True).grouped('milestone_id')
        course = {}
        for milestone in self:
            due, amount, found = milestone.date_planned, milestone.amount, []
            for event in agreed.get(milestone, ()):
                if event.kind == 'amended' and not event.date_from and event.date_to:
                    continue  # an amendment added it
                found.append((event.effective_on, due, amount))
                due = event.date_from or due
                amount = event.amount_from if event.amount_from != event.amount_to else amount
            course[milestone] = _in_force([(None, due, amount), *reversed(found)])
        return course

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


def _in_force(versions):
    """Return versions in the order of their days; what is agreed later takes the place of what would begin after it."""
    kept = versions[:1]
    for version in versions[1:]:
        kept = [one for one in kept if not one[0] or one[0] < version[0]] + [version]
    return kept


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
