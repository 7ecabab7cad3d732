from odoo import api, models

from ..base.audience import Audience
from ..credit.audience import CREDIT


class IrRule(models.Model):
    _inherit = 'ir.rule'

    @api.model
    def _audience_tier_change(self, reach, at):
        return Audience(
            own=reach.mine('profile_id.user_id', 'partner_id.user_id') | reach.nobodys('profile_id.user_id'),
            team=reach.of_team('profile_id.user_id'), **CREDIT,
        )

    @api.model
    def _audience_top_customer(self, reach, at):
        return Audience(
            own=reach.mine('user_id', 'partner_id.user_id') | reach.nobodys('user_id'), team=reach.of_team('user_id'), **CREDIT,
        )
