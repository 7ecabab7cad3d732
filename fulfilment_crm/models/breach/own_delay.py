from contextlib import contextmanager
from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from .damages_accrual import accrued
from .damages_terms import RATES, MissingRate

# What says when something was done, or that it was not: a later delivery of one waits for it, and is late or not.
MOVES = ('done', 'reopened', 'refused')


class FulfilmentMilestone(models.Model):
    """Nobody erases the own delay by a date: what makes the damages less that we owe has a document, put in for it."""
    _inherit = 'fulfilment.milestone'

    def action_done(self, date=None, note=None):
        with self._own_damages_kept():
            return super().action_done(date=date, note=note)

    def action_undo(self, reason=None):
        with self._own_damages_kept():
            return super().action_undo(reason=reason)

    def action_accept(self, *args, **options):
        with self._own_damages_kept():
            return super().action_accept(*args, **options)

    @contextmanager
    def _own_damages_kept(self):
        """Refuse what a user does within where it makes the damages less that we owe, without a document for it.

        :raise UserError: naming the milestone and the amount
        """
        if self.env.su:
            yield
            return
        # safe: what damages come to, to refuse
        milestones = self.sudo()
        contracts = milestones.contract_id
        before = contracts._owed_by_us()
        newest = max(milestones.event_ids.filtered(lambda event: event.kind in MOVES).mapped('create_date'), default=None)
        with self.env.cr.savepoint():
            yield
            after = contracts._owed_by_us() if before else {}
            documents = milestones.evidence_ids | contracts.browse().milestone_ids.concat(*before).evidence_ids
            if documents.filtered(lambda one: not newest or one.create_date >= newest):
                return
            for milestone, amount in before.items():
                lost = amount - after.get(milestone, Decimal(0))
                if milestone.currency_id.compare_amounts(float(lost), 0) > 0:
                    raise UserError(self.env._(
                        "“%(milestone)s”: of the damages for our delay %(amount)s would go. Attach the document that proves it first.",
                        milestone=milestone.name, amount=milestone.currency_id.format(float(lost)),
                    ))


class FulfilmentContract(models.Model):
    _inherit = 'fulfilment.contract'

    def _owed_by_us(self):
        """Return what the damages for our delays come to now, without caps: ``{milestone: amount}``, as superuser."""
        known = self.filtered(lambda one: one._terms().keys() & set(RATES))
        if not known:
            return {}
        days = known.company_id._fulfilment_today()
        late = known.milestone_ids.filtered(lambda one: one.obligor == 'us')._that_may_be_late(days)
        try:
            return {one: accrued(facts).total for one, facts in late._damages_facts(days).items()}
        except MissingRate:
            return {}  # the round tells of it
