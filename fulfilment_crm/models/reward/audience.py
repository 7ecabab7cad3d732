from odoo import api, models
from odoo.fields import Domain

from ..base.audience import Audience


class IrRule(models.Model):
    _inherit = 'ir.rule'

    @api.model
    def _audience_reward(self, reach, at):
        return Audience(
            own=reach.mine('user_id', 'partner_id.user_id') | reach.nobodys('user_id')
            | Domain('approval_ids.candidate_ids', 'in', [reach.uid]),
            team=reach.of_team('user_id'),
        )
