from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.told import _lt, told
from .contract_duration import check_day
from .terms import day_of_month


class FulfilmentMilestone(models.Model):
    """Planned dates that are counted from something else, and their moves."""
    _inherit = 'fulfilment.milestone'

    @api.constrains('date_planned')
    def _check_planned(self):
        for milestone in self:
            check_day(milestone, milestone.date_planned)

    def _reschedule(self):
        """Set the planned dates of pending milestones from what they are counted from, predecessors first.

        A milestone counted from another waits for it: it moves with the day the other was really done, so a delay of one side is
        never counted against the other. The due dates of invoices hold it back further (see ``_sync_payments``).
        """
        # safe: dates follow from other dates; no figure of anybody else is shown
        level = self.sudo().filtered(lambda milestone: milestone.state == 'pending' and milestone.anchor != 'fixed')
        while level:
            level._move_date({milestone: date for milestone in level if (date := milestone._anchored_date())})
            level = level.successor_ids.filtered(
                lambda milestone: milestone.state == 'pending' and milestone.anchor in ('predecessor', 'invoice'),
            )

    def _reschedule_successors(self):
        """Move what is counted from these milestones."""
        self.successor_ids._reschedule()

    def _anchored_date(self):
        """Return the date the anchor gives, or None while it is unknown.

        :raise ValidationError: when that lies beyond what can be counted
        """
        try:
            return self._counted_from_anchor()
        except (OverflowError, ValueError):
            raise ValidationError(self.env._(
                "Milestone “%(name)s” of %(contract)s would be due beyond all calendars: check the days it is counted by.", name=self.name,
                contract=self.contract_id.name,
            )) from None

    def _counted_from_anchor(self):
        self.ensure_one()
        contract = self.contract_id
        if self.anchor == 'month':
            return contract.date_start and day_of_month(contract.date_start, self.offset_months, self.offset_days)
        begin = {
            'signature': contract.date_signed or contract.date_start, 'start': contract.date_start, 'end': contract.date_end,
            'predecessor': self.predecessor_id.date_done or self.predecessor_id.date_planned,
        }
        if self.anchor == 'invoice':
            # Until there is an invoice, as if it were issued when its ground is there.
            invoiced = min(filter(None, self.allocation_ids.mapped('date_invoice')), default=None)
            begin['invoice'] = invoiced or begin['predecessor'] or begin['signature']
        begin = begin[self.anchor]
        date = begin and self._counted_from(begin)
        held = max(filter(None, self.allocation_ids.mapped('date_due')), default=None) if self.kind == 'payment' else None
        return max(date, held) if date and held else date or held

    def _counted_from(self, begin):
        """Count a date from another as Odoo counts payment terms."""
        if self.delay_type == 'days_after':
            return fields.Date.add(begin, days=self.offset_days)
        return self.env['account.payment.term.line'].new({
            'delay_type': self.delay_type, 'nb_days': self.offset_days, 'days_next_month': self.days_next_month,
        })._get_due_date(begin)

    def _move_date(self, dates, reason=None, fix=False, effective=None):
        """Give milestones new planned dates and keep the old ones once the contract is in force.

        :param dict dates: ``{milestone: date}``; those that stay where they are, are left alone
        :param reason: why, one text or ``{milestone: text}``; by default the anchor
        :param bool fix: the date was set by somebody and no longer follows its anchor
        :param dict effective: ``{milestone: date}`` from which the move counts; today when missing
        """
        moved = self.filtered(lambda milestone: milestone in dates and milestone.date_planned != dates[milestone])
        old_dates = {milestone: milestone.date_planned for milestone in moved}
        binding = moved.filtered('date_first_planned')
        for day, milestones in moved.grouped(lambda milestone: dates[milestone]).items():
            milestones.date_planned = day
        if fix:
            (self & moved).anchor = 'fixed'
        if binding:
            reasons = reason or {milestone: milestone._anchor_reason() for milestone in binding}
            moves = {milestone: (old_dates[milestone], dates[milestone]) for milestone in binding}
            binding._log_event('moved', reasons, moves, effective, agreed=fix or bool(effective))
            binding._on_moved(old_dates)
        if fix:
            moved._reschedule_successors()
        return moved

    def _anchor_reason(self):
        """Explain in words why an anchored date moved."""
        self.ensure_one()
        if self.anchor == 'predecessor':
            done = self.predecessor_id.date_done
            return told(self.env, _lt(
                "Follows “%(name)s”, done on %(date)s", name=self.predecessor_id.name, date=done
            )) if done \
                else told(self.env, _lt("Follows “%(name)s”", name=self.predecessor_id.name))
        return told(self.env, _lt("Follows the dates of the contract"))
