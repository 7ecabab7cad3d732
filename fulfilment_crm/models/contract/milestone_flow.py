from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.shown_date import shown_date
from ..base.event import as_noted
from ..base.told import _lt, told


class FulfilmentMilestone(models.Model):
    """How milestones end, begin again and move. Everything leaves its trace in the history."""
    _inherit = 'fulfilment.milestone'

    # === ACTION METHODS === #

    def action_done(self, date=None, note=None):
        """Report milestones as done by hand. Payments with an amount follow the ledger and are not reported.

        :param date: the day it was done, a date or its text; today in the company's time zone when missing
        :param str note: what to keep with it
        """
        self.check_access('write')
        today = self.company_id._fulfilment_today()
        day = fields.Date.to_date(date) if date else None
        self._check_in_force()
        for milestone in self:
            if milestone.kind == 'payment' and milestone.amount and milestone.obligor == 'customer':
                raise UserError(self.env._(
                    "Payment “%(name)s” is done when its invoices are paid. Register the payment on the invoice.", name=milestone.name,
                ))
            if milestone.evidence and not milestone.evidence_ids:
                raise UserError(self.env._(
                    "“%(name)s” requires evidence: %(evidence)s. Attach it first.", name=milestone.name, evidence=milestone.evidence,
                ))
            if day and day > today[milestone.company_id]:
                raise UserError(
                    self.env._("“%(name)s” cannot be done on %(date)s, which is still to come.",
                        name=milestone.name, date=shown_date(self.env, day))
                )
        # safe: state and dates are guarded; the right to write was checked above
        self.sudo().filtered(lambda one: one._follows_quantities()).follows_orders = False  # whoever reports by hand, decides by hand
        self.sudo()._complete({milestone: day or today[milestone.company_id] for milestone in self}, note)
        return True

    def action_undo(self, reason=None):
        """Take back milestones reported as done by mistake; what happened stays in the history.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        if not (reason or '').strip():
            return self._ask_reason('action_undo', self.env._("Undo"))
        self._check_in_force()
        for milestone in self:
            if milestone.state == 'cancelled':
                raise UserError(self.env._("“%(name)s” was dropped by an amendment: another one adds it again.", name=milestone.name))
            if milestone.state == 'done' and milestone.kind == 'payment' and milestone.amount and milestone.obligor == 'customer':
                raise UserError(self.env._("Payment “%(name)s” is taken back by undoing the payment of its invoice.", name=milestone.name))
            if milestone.state == 'pending':
                raise UserError(self.env._("“%(name)s” is still pending.", name=milestone.name))
        # safe: as in action_done
        self.sudo().filtered(lambda one: one.kind == 'delivery').follows_orders = True
        self.sudo()._reopen(reason.strip())
        return True

    def action_waive(self, reason=None):
        """Give up what is owed, with a reason.

        :param str reason: why; asked for in a dialog when missing
        """
        self.check_access('write')
        if not (reason or '').strip():
            return self._ask_reason('action_waive', self.env._("Waive"))
        self._check_in_force()
        # safe: as in action_done
        self.sudo()._end('waived', reason.strip())
        return True

    def action_move(self, date=None, reason=None):
        """Move the planned date of milestones, keeping where it was. Of a contract in force only with a reason.

        :param date: the new date; asked for in a dialog together with the reason when missing
        :param str reason: why
        """
        self.check_access('write')
        if not date:
            return {
                'type': 'ir.actions.act_window', 'name': self.env._("Move the date"), 'res_model': 'fulfilment.milestone.move',
                'view_mode': 'form', 'target': 'new', 'context': {'default_milestone_ids': [fields.Command.set(self.ids)]},
            }
        if not (reason or '').strip():
            raise UserError(
                self.env._("A planned date moves with a reason only: say why %(names)s moves.", names=', '.join(self.mapped('name')))
            )
        for milestone in self:
            unsigned = milestone.contract_state == 'approved' and not milestone.contract_id.date_signed
            if milestone.state != 'pending' or milestone.contract_state not in ('approved', 'active', 'settlement') or unsigned:
                raise UserError(self.env._("“%(name)s” is not open in a contract in force; its date does not move.", name=milestone.name))
        # safe: the planned date of a contract in force is frozen but for moves that leave a trace, as this one does
        self.sudo()._move_date(dict.fromkeys(self.sudo(), fields.Date.to_date(date)), reason.strip(), fix=True)
        return True

    # === BUSINESS METHODS === #

    def _check_in_force(self):
        for milestone in self:
            if milestone.contract_state not in ('active', 'settlement'):
                raise UserError(self.env._(
                    "“%(name)s” belongs to %(contract)s, which is not in force.", name=milestone.name,
                    contract=milestone.contract_id.display_name,
                ))

    def _complete(self, days, note=None):
        """Mark milestones as done on the given days, and move what follows from them.

        :param dict days: ``{milestone: date}``
        :param str note: what to keep with the event
        """
        done = self.union().filtered(lambda milestone: milestone.state == 'pending')
        for day, milestones in done.grouped(lambda milestone: days[milestone]).items():
            milestones._move_to('done', date_done=day)
        done.filtered(lambda milestone: milestone.kind != 'payment').progress = 100.0
        done._log_event('done', note, {milestone: (milestone.date_planned, days[milestone]) for milestone in done})
        done._on_settled(dict.fromkeys(done, told(self.env, _lt("Done"))))
        done._reschedule_successors()
        return done

    def _reopen(self, reason):
        """Make milestones pending again; the earlier done date stays in the events."""
        again = self.filtered(lambda milestone: milestone.state != 'pending')
        again._log_event('reopened', reason, {milestone: (milestone.date_done, False) for milestone in again})
        again._move_to('pending', date_done=False, end_reason=False)
        again.filtered(lambda milestone: milestone.kind != 'payment').progress = 0.0
        again._on_reopened()
        again._reschedule_successors()
        return again

    def _end(self, state, reason):
        """Waive or cancel pending milestones.

        :param reason: why, one text for all or ``{milestone: text}``
        """
        self._move_to(state)
        reasons = reason if isinstance(reason, dict) else dict.fromkeys(self, reason)
        for text, milestones in self.grouped(reasons.get).items():
            milestones.end_reason = text
        self._log_event(state, reason, {milestone: (milestone.date_planned, False) for milestone in self})
        self._on_settled(reasons)

    def _cancel(self, reason):
        self._end('cancelled', reason)

    def _on_settled(self, reasons):
        """React to milestones that are no longer pending; other rooms extend it.

        :param dict reasons: ``{milestone: text}``
        """

    def _on_reopened(self):
        """React to milestones that are pending again; other rooms extend it."""
        self.told_late_for = False

    def _on_moved(self, old_dates):
        """React to planned dates that moved; other rooms extend it.

        :param dict old_dates: ``{milestone: date before}``
        """
        self.told_late_for = False

    def _event_words(self):
        return self.env['fulfilment.milestone.event'], 'kind'

    def _log_event(self, kind, reason, dates, effective=None, amounts=None, agreed=False, shares=None):
        """Keep what happened for good.

        :param reason: why, one text for all or ``{milestone: text}``
        :param dict dates: ``{milestone: (date_from, date_to)}``
        :param dict effective: ``{milestone: date}`` from which it counts; today when missing
        :param dict amounts: ``{milestone: (amount_from, amount_to)}``
        :param bool agreed: it was agreed, and counts from its day on
        :param dict shares: ``{milestone: (percent performed before, after)}``
        """
        today = self.company_id._fulfilment_today()
        reasons = reason if isinstance(reason, dict) else dict.fromkeys(self, reason)
        events = self.env['fulfilment.milestone.event'].create([{
            'milestone_id': milestone.id, 'kind': kind, 'reason': reasons[milestone] or '',
            'date_from': dates[milestone][0], 'date_to': dates[milestone][1],
            **dict(zip(('amount_from', 'amount_to'), amounts[milestone], strict=True) if amounts else ()),
            **dict(zip(('share_from', 'share_to'), shares[milestone], strict=True) if shares else ()),
            'is_agreed': agreed or kind == 'amended',
            'effective_on': effective[milestone] if effective else today[milestone.company_id],
        } for milestone in self])
        told = (('amount_from', 'amount_to') if amounts else ()) + (('share_from', 'share_to') if shares else ())
        names = ('date_from', 'date_to', *told, 'effective_on', 'reason')
        self.env['fulfilment.event']._note(self, kind, {event.milestone_id: as_noted(event, names) for event in events})
        self._on_event(kind)
        return events

    def _on_event(self, kind):
        """React to what happened to milestones; other rooms extend it.

        :param str kind: of ``fulfilment.milestone.event``
        """
