from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.damages import CENT, Terms, Version, accrue_versions, limit_together
from ...tools.local_time import clock
from .damages_terms import CONTRACT, PART, RATES, _decimal

IN_FORCE = ('active', 'settlement')
ALL = Decimal(10) ** 15  # more than any obligation: what was performed in full
# What damages are worked out from: whatever changes it has them worked out again.
FACTS = frozenset({
    'amount_done', 'amount_credited', 'amount_on_account', 'state', 'date_planned', 'date_done', 'amount', 'predecessor_id', 'progress',
    'anchor', 'obligor', 'kind', 'sale_line_ids',
})


class Facts(NamedTuple):
    """What the damages of a milestone are worked out from."""
    versions: list
    payments: list
    suspended: list
    until: object


class FulfilmentContract(models.Model):
    """Damages are worked out contract by contract: what one side owes in all is capped."""
    _inherit = 'fulfilment.contract'

    damages_ids = fields.One2many('fulfilment.damages', 'contract_id', for_colleagues=True)
    suspension_ids = fields.One2many('fulfilment.suspension', 'contract_id', string="Suspended days", for_colleagues=True)
    damages_until = fields.Date(
        string="Damages counted until", readonly=True, copy=False, groups='base.group_user', guarded=True,
        help="Empty where something has changed since.",
    )

    _damages_idx = models.Index("(company_id, damages_until) WHERE state IN ('active', 'settlement')")

    def write(self, vals):
        if {'state', 'amount_total'} & vals.keys() and 'damages_until' not in vals:
            # safe: what has changed is worked out again
            self.sudo()._reckon_damages_again()
        return super().write(vals)

    def _activate(self):
        """Keep what deliveries are worth as it was agreed: later prices of orders change no damages."""
        result = super()._activate()
        # safe: follows from the contract coming into force
        deliveries = self.sudo().milestone_ids.filtered(
            lambda one: one.kind == 'delivery' and one.sale_line_ids and not one.damages_worth,
        )
        deliveries.sale_line_ids.order_id.mapped('currency_id')  # read together: milestone by milestone below, each would be a query
        for milestone in deliveries:
            milestone.damages_worth = milestone._price_of_lines()
        return result

    def _amend_terms(self, parameters, reasons, effective):
        self._reckon_damages_again()
        return super()._amend_terms(parameters, reasons, effective)

    def _reckon_damages_again(self):
        """Have the next round work damages of these contracts out again."""
        self.filtered('damages_until').damages_until = False

    def _accrue_damages(self, days):
        """Work out the damages of these contracts, and write down what has changed.

        :param dict days: ``{company: the last day that counts}``
        :return: ``{effect: count}``
        """
        # safe: follows from what was signed and what happened; who sees it is decided by its own rules
        contracts = self.sudo()
        owing = contracts.milestone_ids._that_may_be_late(days)
        facts = owing._damages_facts(days)
        reckoned = owing.browse().concat(*facts).grouped(lambda one: (one.contract_id, one.obligor))
        accruals = {}
        for (contract, _obligor), milestones in reckoned.items():
            accruals.update(contract._accrue_side(milestones, facts))
        claimed = self._accrued_by_claims(reckoned, facts)
        effects = contracts.milestone_ids.browse().concat(*accruals)._write_damages(accruals, facts, claimed)
        gone = contracts.damages_ids.filtered(lambda one: one.state == 'accruing' and one.milestone_id not in facts)
        gone._drop_or_keep()
        for day, some in contracts.grouped(lambda one: days[one.company_id]).items():
            some.damages_until = day
        return effects

    def _accrued_by_claims(self, reckoned, facts):
        """Return what the damages of a side had come to by the last day of each of its claims, by what is known now.

        :return: ``{(milestone, day): Accrual}``, of milestones with closed damages
        """
        found = {}
        for (contract, _obligor), milestones in reckoned.items():
            for day in set(milestones.damages_ids.filtered(lambda one: one.state != 'accruing').mapped('date_until')) - {False}:
                by_then = {one: facts[one]._replace(until=min(facts[one].until, day)) for one in milestones}
                for milestone, (accrual, _is_capped) in contract._accrue_side(milestones, by_then).items():
                    found[milestone, day] = accrual
        return found

    def _accrue_side(self, milestones, facts):
        """Work out what one side owes for these milestones: ``{milestone: (Accrual, whether the cap was reached)}``."""
        self.ensure_one()
        milestones = milestones.sorted(lambda one: (one.date_first_planned or one.date_planned, one.id))
        unit, course = _decimal(self.currency_id.rounding), self._terms_course()
        accruals = [accrued(facts[one], unit) for one in milestones]
        agreed = {start for start, *_rest in self._agreed_days(course) if start}
        limits = self._damages_limits(course, agreed)
        shared = limit_together(accruals, limits) if limits and accruals else accruals
        return {
            milestone: (accrual, accrual.total < before.total)
            for milestone, accrual, before in zip(milestones, shared, accruals, strict=True)
        }

    def _agreed_days(self, course):
        """Return the days from which something of the contract as a whole was agreed: ``[(day,)]``."""
        self.ensure_one()
        amended = self.amendment_ids.filtered(lambda one: one.state == 'applied').mapped('date_effective')
        return [*((day,) for day in amended), *((day,) for versions in course.values() for day, _value in versions)]

    def _amount_on(self, day):
        """Return the amount of the contract in force on a day, as a Decimal; at first, where no day is said."""
        return _decimal(self._value_at('amount_total', day or date.min))

    def _newest_money(self):
        """Return when the newest money came that is set against no invoice: ``{contract: day}``, of contracts it counts for."""
        covered = self.filtered(lambda one: any(one.milestone_ids.mapped('amount_on_account')))
        if not covered:
            return {}
        found = {
            (company, customer): day for company, customer, day in self.env['account.move.line']._read_group([
                ('company_id', 'in', covered.company_id.ids), ('account_type', '=', 'asset_receivable'), ('parent_state', '=', 'posted'),
                ('partner_id', 'child_of', covered.commercial_partner_id.ids), ('reconciled', '=', False), ('amount_residual', '<', 0),
            ], ['company_id', 'partner_id'], ['date:max'])
        }
        newest = {}
        for (company, contact), day in found.items():
            key = company, contact.commercial_partner_id
            newest[key] = max(day, newest.get(key, day))
        today = covered.company_id._fulfilment_today()
        return {one: newest.get((one.company_id, one.commercial_partner_id), today[one.company_id]) for one in covered}

    def _ended_on(self):
        """Return the day a contract that is closed or terminated ended; None while it is in force."""
        self.ensure_one()
        if self.state in IN_FORCE:
            return None
        moments = [moment for state, moment in self.state_history or [] if state == self.state]
        return clock(fields.Datetime.to_datetime(moments[-1]), self.company_id._fulfilment_zone()).date() if moments else None


class FulfilmentMilestone(models.Model):
    _inherit = 'fulfilment.milestone'

    damages_ids = fields.One2many('fulfilment.damages', 'milestone_id', for_colleagues=True)
    damages_worth = fields.Monetary(
        string="Worth of the delivery", readonly=True, copy=False, guarded=True, for_colleagues=True,
        help="What damages are counted on: the price of its order lines when the contract came into force, or when they were first known.",
    )
    amount_damages = fields.Monetary(
        string="Damages for the delay", compute='_compute_amount_damages', for_colleagues=True, help="What is still to be paid of them.",
    )

    @api.depends('damages_ids.amount_due', 'damages_ids.state')
    def _compute_amount_damages(self):
        for milestone in self:
            # safe: a sum of the own milestone, for who may read it
            own = milestone.sudo().damages_ids
            milestone.amount_damages = sum(own.filtered(lambda one: one.state in ('accruing', 'claimed')).mapped('amount_due'))

    def write(self, vals):
        result = super().write(vals)
        if FACTS & vals.keys():
            # safe: what has changed is worked out again
            self.sudo().contract_id._reckon_damages_again()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        milestones = super().create(vals_list)
        milestones.sudo().contract_id._reckon_damages_again()  # safe: as above
        return milestones

    def _that_may_be_late(self, days):
        """Return the milestones that are late or were: those that wait for something else that is not done are not."""
        return self.filtered(lambda one: one.date_planned and one._has_ended() is not None and not one._waits_for_another() and (
            (one.date_first_planned or one.date_planned) < days[one.company_id] or one.date_planned < days[one.company_id]
        ))

    def _waits_for_another(self):
        """Tell whether what this is counted from is not done: then nobody can be late with this."""
        self.ensure_one()
        before = self.predecessor_id
        return bool(self.anchor in ('predecessor', 'invoice') and before and before.state == 'pending')

    def _damages_facts(self, days):
        """Return what the damages of milestones are worked out from: ``{milestone: Facts}``, without those that bring none."""
        course, settled = self._course(), self.contract_id._settled_on()
        money = self.contract_id._newest_money()
        found = {}
        for contract, milestones in self.grouped('contract_id').items():
            terms, suspensions = contract._terms_course(), contract.suspension_ids
            for milestone in milestones:
                versions, basis = milestone._damages_versions(course[milestone], terms)
                if versions:
                    found[milestone] = Facts(
                        versions, milestone._performed(versions[-1].amount, basis, settled.get(milestone, []), money.get(contract)),
                        suspensions._days_of(milestone), milestone._counted_until(days),
                    )
        return found

    def _damages_versions(self, course, terms):
        """Return what was agreed of the milestone and its damages, version by version, and what damages are counted on."""
        self.ensure_one()
        contract, basis, versions = self.contract_id, PART, []
        starts = {start for start, *_rest in course} | {day for values in terms.values() for day, _value in values}
        for start in sorted(starts, key=lambda day: (day is not None, day)):
            _start, due, amount = [one for one in course if not one[0] or start and one[0] <= start][-1]
            owed = self._worth(amount, start)
            told = contract._damages_terms(contract._values_on(start, terms), self.obligor, owed)
            own, basis = told or (Terms(), basis)
            base = contract._amount_on(start) if basis == CONTRACT else owed
            version = Version(start, due, base if told else Decimal(0), own)
            if not versions or version[1:] != versions[-1][1:]:
                versions.append(version)
        if not any(version.amount > 0 for version in versions) or not all(version.due for version in versions):
            return [], PART
        return versions, basis

    def _worth(self, amount, start):
        """Return what the obligation is worth: its amount, the price of what it delivers, or the contract where it is its only delivery."""
        self.ensure_one()
        if amount > 0 or self.kind == 'payment':
            return _decimal(amount)
        contract = self.contract_id
        if self.kind != 'delivery':
            return Decimal(0)
        if not self.damages_worth and self.sale_line_ids:
            self.damages_worth = self._price_of_lines()
        if self.damages_worth:
            return _decimal(self.damages_worth)
        others = contract.milestone_ids.filtered(lambda one: one.kind == 'delivery' and one.state != 'cancelled')
        return contract._amount_on(start) if others == self else Decimal(0)

    def _price_of_lines(self):
        """Return what the confirmed order lines cost that the milestone delivers, in the currency of the contract."""
        contract, lines = self.contract_id, self.sale_line_ids.filtered(lambda line: line.state == 'sale')
        return sum(
            own.order_id.currency_id._convert(
                sum(own.mapped('price_total')), contract.currency_id, contract.company_id, own.order_id.date_order.date(),
            ) for own in (lines.filtered(lambda line, order=order: line.order_id == order) for order in lines.order_id)
        )

    def _performed(self, amount, basis, settled, newest):
        """Return what was performed of the milestone when: ``[(day, amount)]``; what is counted on the whole only when all of it was."""
        self.ensure_one()
        done = [(self.date_done, ALL)] if self.state == 'done' and self.date_done else []
        if basis != PART:
            return done
        if self.kind == 'payment' and self.obligor == 'customer':
            parts = [(day, _decimal(part)) for day, part in settled]
            if self.amount_on_account and newest:
                parts.append((newest, _decimal(self.amount_on_account)))
            return parts + done
        events = self.event_ids.filtered(lambda one: one.kind == 'progress' and one.effective_on)
        return [(one.effective_on, amount * _decimal(one.share_to - one.share_from) / 100) for one in events] + done

    def _counted_until(self, days):
        """Return the last day that can count: the day asked for, or the one on which nothing was owed any more."""
        self.ensure_one()
        ends = [days[self.company_id], self.contract_id._ended_on()]
        ends.append(self._has_ended())
        return min(day for day in ends if day)

    def _has_ended(self):
        """Return the day the milestone was waived or dropped, False while it is to be done or was, None where it never counted."""
        self.ensure_one()
        if self.state not in ('waived', 'cancelled'):
            return False
        event = self.event_ids.filtered(lambda one: one.kind == self.state and one.effective_on).sorted('id')[-1:]
        return event.effective_on or None

    def _write_damages(self, accruals, facts, claimed):
        """Write down what the damages of milestones have come to; what is claimed stays, and what is known now is noted beside it.

        :param dict accruals: ``{milestone: (Accrual, whether the cap was reached)}``
        :param dict facts: ``{milestone: Facts}``
        :param dict claimed: of ``_accrued_by_claims``
        :return: ``{effect: count}``
        """
        effects = {'damages begun': 0, 'damages changed': 0, 'damages changed after the claim': 0}
        begun, changes, cut = [], {}, self._left_within_caps(accruals, facts, claimed)
        for milestone in self:
            accrual, is_capped = accruals[milestone]
            damages = milestone.damages_ids.sorted('id')
            closed = damages.filtered(lambda one: one.state != 'accruing').sorted('date_until')
            accruing = damages - closed
            effects['damages changed after the claim'] += closed._note_changed(claimed)
            parts, is_cut = cut[milestone]
            is_capped = is_capped or is_cut
            if not parts:
                accruing._drop_or_keep()
                continue
            segments = [_as_json(one) for one in parts]
            vals = {
                'date_from': segments[0]['start'], 'date_until': fields.Date.to_string(facts[milestone].until),
                'amount': milestone.currency_id.round(sum(one['amount'] for one in segments)),
                'days': sum(one['days'] for one in segments), 'segments': segments, 'is_capped': is_capped,
            }
            vals['amount_now'] = vals['amount']
            if accruing:
                changes[accruing] = {name: value for name, value in vals.items() if not _is_same(accruing, name, value)}
            else:
                begun.append({'milestone_id': milestone.id, 'debtor': milestone.obligor, **vals})
        for damages, vals in changes.items():
            effects['damages changed'] += 'amount' in vals
            damages.write(vals)
        # What was claimed a moment ago accrues no more: the database has to know before what comes after begins.
        self.env['fulfilment.damages'].flush_model(['state'])
        self.env['fulfilment.damages']._create_quietly(begun)
        effects['damages begun'] = len(begun)
        return effects


    def _left_within_caps(self, accruals, facts, claimed):
        """Return what is left of milestones beside what was claimed, so that with it no cap is passed.

        :return: ``{milestone: (spans, whether they were cut)}``
        """
        left = {}
        for (contract, obligor), own in self.grouped(lambda one: (one.contract_id, one.obligor)).items():
            closed = contract.damages_ids.filtered(lambda one, obligor=obligor: one.debtor == obligor and one.state != 'accruing')
            course = contract._terms_course()
            limits = contract._damages_limits(course, {day for [day, *_rest] in contract._agreed_days(course) if day}) if closed else None
            room = None
            if limits:
                until = max(facts[one].until for one in own)
                most = [amount for day, amount in limits if not day or day <= until][-1]
                room = max(most - _decimal(sum(closed.mapped('amount'))), Decimal(0))
            for milestone in own.sorted(lambda one: (one.date_first_planned or one.date_planned, one.id)):
                before = closed.filtered(lambda one, milestone=milestone: one.milestone_id == milestone).sorted('date_until')
                parts = before._left_of(accruals[milestone][0], claimed)
                limit = facts[milestone].versions[-1].terms.limit if before else None
                if limit is not None:
                    limit = max(limit - _decimal(sum(before.mapped('amount'))), Decimal(0))
                bounds = [one for one in (room, limit) if one is not None]
                kept = _at_most(parts, min(bounds)) if bounds else parts
                left[milestone] = kept, [one.amount for one in kept] != [one.amount for one in parts]
                if room is not None:
                    room -= sum((one.amount for one in kept), Decimal(0))
        return left


class FulfilmentDamages(models.Model):
    _inherit = 'fulfilment.damages'

    @api.model
    def _accrue(self, contracts=None, as_of=None):
        """Work out damages of contracts.

        :param contracts: all that something has changed of, in companies where damages are switched on, when None
        :param date as_of: the last day that counts; each company's own today when None
        :return: ``{effect: count}``
        """
        # safe: as in _accrue_damages
        companies = self.env['res.company'].sudo().search([])
        days = companies._fulfilment_today(as_of)
        if contracts is None:
            contracts = self._contracts_to_reckon(days)
        return contracts._accrue_damages(days) if contracts else {}

    @api.model
    def _contracts_to_reckon(self, days):
        """Return the contracts whose damages are to be worked out: something is late that day, or has changed since the last time.

        :param dict days: ``{company: date}``
        """
        on = self.env['fulfilment.switch']._switched_on('damages', self.env['res.company'].concat(*days))
        domain = Domain.FALSE
        for day, companies in on.grouped(days.get).items():
            late = Domain('milestone_ids', 'any', [('state', '=', 'pending'), ('date_planned', '<', day)])
            domain |= Domain('company_id', 'in', companies.ids) & (
                Domain('damages_until', '=', False) | Domain('damages_until', '<', day) & Domain('state', 'in', IN_FORCE) & late
            )
        with_terms = Domain('state', 'in', IN_FORCE) & Domain('clause_ids.parameter_ids', 'any', [
            ('role', 'in', RATES), ('value_number', '>', 0),
        ])
        # safe: as in _accrue_damages
        return self.env['fulfilment.contract'].sudo().search(domain & (with_terms | Domain('damages_ids', '!=', False)))

    def _left_of(self, accrual, claimed):
        """Return what these closed damages of one milestone leave of what it comes to, span by span.

        It is what has come since the last of them, so that no day is claimed twice, and all of them come to what is owed in all: also
        where a cap was reached, or a period was counted in part. What has turned out to be claimed wrongly is noted at the claim.

        :param Accrual accrual: what the milestone comes to
        :param dict claimed: of ``_accrued_by_claims``
        :return: list of ``Segment``; empty where nothing is left
        """
        last = self[-1:]
        if not last:
            return list(accrual.segments)
        before = claimed[last.milestone_id, last.date_until]
        left = accrual.total - before.total
        return _beyond(accrual, before, left) if left > 0 else []

    def _note_changed(self, claimed):
        """Note what closed damages of one milestone would come to by what is known now; returns of how many that has changed.

        :param dict claimed: of ``_accrued_by_claims``
        """
        changed = 0
        for place, one in enumerate(self):
            parts = self[:place]._left_of(claimed[one.milestone_id, one.date_until], claimed)
            amount = one.currency_id.round(float(sum((part.amount for part in parts), Decimal(0))))
            if one.currency_id.compare_amounts(amount, one.amount_now):
                one.amount_now = amount
                one._message_log(body=one.env._(
                    "Facts have changed: the same days come to %(now)s now. The claim of %(claimed)s stays.",
                    now=one.currency_id.format(amount), claimed=one.currency_id.format(one.amount),
                ))
                changed += 1
        return changed

    def _drop_or_keep(self):
        """Delete damages of which nothing is left; what somebody has objected to or wants to waive stays, at nothing."""
        kept = self.filtered(lambda one: one.waiver_ids or one.objected_on or one.amount_waived)
        (self - kept).unlink()
        kept.filtered('amount').write({'amount': 0.0, 'amount_now': 0.0, 'days': 0, 'segments': []})


def accrued(facts, unit=CENT):
    """Return the damages of a milestone by itself, whatever they come to together with others."""
    return accrue_versions(facts.versions, facts.until, facts.payments, facts.suspended, unit)


def _as_json(segment):
    return {
        'start': fields.Date.to_string(segment.start), 'end': fields.Date.to_string(segment.end), 'days': segment.days,
        'base': float(segment.base), 'amount': float(segment.amount), 'percent': float(segment.percent), 'reason': segment.reason,
    }


def _beyond(accrual, before, left):
    """Return the spans of an accrual beyond an earlier one of the same facts, so that they add up to what is left."""
    earlier, parts = {one.start: one for one in before.segments}, []
    for segment in accrual.segments:
        own = earlier.get(segment.start)
        if not own:
            parts.append(segment)
        elif segment.end > own.end:
            parts.append(segment._replace(
                start=own.end + timedelta(days=1), days=segment.days - own.days, amount=max(segment.amount - own.amount, Decimal(0)),
            ))
    wrong = left - sum((part.amount for part in parts), Decimal(0))
    for place, part in enumerate(parts):
        amount = max(part.amount + wrong, Decimal(0))
        parts[place] = part._replace(amount=amount)
        wrong -= amount - part.amount
    return [part for part in parts if part.amount]


def _at_most(parts, most):
    """Return spans as far as they come to no more than an amount."""
    kept = []
    for part in parts:
        amount = min(part.amount, most)
        if amount > 0:
            kept.append(part._replace(amount=amount))
        most -= amount
    return kept


def _is_same(record, name, value):
    if name in ('date_from', 'date_until'):
        return fields.Date.to_string(record[name]) == value
    if name in ('amount', 'amount_now'):
        return not record.currency_id.compare_amounts(record[name], value)
    return record[name] == value
