from odoo import api, models

from ..base.audience import Audience
from ..ticket.audience import SERVICE

CUSTOMER = 'partner_id.commercial_partner_id'


class IrRule(models.Model):
    _inherit = 'ir.rule'

    @api.model
    def _audience_care_task(self, reach, at):
        return Audience(own=reach.mine('user_id', 'profile_id.user_id'), team=reach.of_team('user_id', 'profile_id.user_id'))

    @api.model
    def _audience_care_occasion(self, reach, at):
        return Audience(
            own=reach.mine('user_id', 'create_uid', f'{CUSTOMER}.fulfilment_profile_ids.user_id', f'{CUSTOMER}.user_id'),
            team=reach.of_team(f'{CUSTOMER}.fulfilment_profile_ids.user_id'), **SERVICE,
        )
