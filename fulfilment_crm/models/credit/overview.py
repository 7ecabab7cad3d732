from odoo import models


class FulfilmentProfile(models.Model):
    """The limit in the picture of exposure, and decisions in the line of time."""
    _inherit = 'fulfilment.profile'

    def _limit_shown(self):
        shown = super()._limit_shown()
        for profile in self:
            # safe: the limit that counts, which the profile shows
            line = profile.sudo().credit_line_id
            shown[profile] = line._effective_limit(profile.revenue_12m) if line else None
        return shown

    def _happened(self):
        assessments = self._kept('fulfilment.credit.assessment', 'date', [('state', '=', 'effective'), ('change', '!=', 'same')])
        decisions = self._kept('fulfilment.credit.decision', 'date', [('outcome', 'in', ('hold', 'released'))])
        outcomes = dict(decisions._fields['outcome']._description_selection(self.env))
        changes = dict(assessments._fields['change']._description_selection(self.env))
        return [
            *super()._happened(),
            *self._told_of(
                assessments, 'date', 'fa-balance-scale', self.env._("Credit grade"), lambda one: (one.grade_id.code, changes[one.change]),
            ),
            *self._told_of(
                # safe: the number of the order that was decided about
                decisions, 'date', 'fa-gavel', self.env._("Credit decision"), lambda one: (one.sudo().order_id.name, outcomes[one.outcome]),
            ),
        ]
