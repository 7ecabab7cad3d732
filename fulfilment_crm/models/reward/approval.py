from odoo import models


class FulfilmentRewardGrant(models.Model):
    """What whoever approves a reward reads: why, and what it takes of the budget."""
    _inherit = 'fulfilment.reward.grant'

    def _approval_effects(self):
        effects = super()._approval_effects()
        for grant in self.filtered(lambda one: one.budget_id and not one.budget_id.is_unlimited):
            budget = grant.budget_id
            # What waits for approval is taken off the budget already.
            effects[grant].append((
                self.env._("Left of the budget"), budget.currency_id.format(budget.left + grant.cost),
                budget.currency_id.format(budget.left),
            ))
        return effects

    def _approval_facts(self):
        facts = super()._approval_facts()
        for grant in self:
            facts[grant].append((self.env._("Rests on"), grant.reason_told or grant.rule_id.name or '–'))
        return facts
