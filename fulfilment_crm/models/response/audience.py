from odoo import api, models
from odoo.fields import Domain

from ..base.audience import Audience


class IrRule(models.Model):
    """Responses, as risks; whoever has a step of one reads it."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_response(self, reach, at):
        whole = self._audience_risk(reach, at)
        return Audience(own=whole.own, team=whole.team, asked=self._has_step(reach, f'{at}step_ids.'))

    @api.model
    def _audience_response_step(self, reach, at):
        whole = self._audience_response(reach, 'response_id.')
        return Audience(own=whole.own | self._has_step(reach, ''), team=whole.team | reach.led('user_id'), asked=whole.asked)

    @api.model
    def _has_step(self, reach, at):
        return Domain(f'{at}user_id', 'in', [reach.uid]) | Domain(f'{at}group_id', 'in', self.env.user.all_group_ids.ids)
