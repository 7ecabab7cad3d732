from odoo import api, models
from odoo.fields import Domain

from ..base.audience import Audience

PROFILES = 'partner_id.commercial_partner_id.fulfilment_profile_ids'


class IrRule(models.Model):
    _inherit = 'ir.rule'

    @api.model
    def _audience_reminder(self, reach, at):
        whole = self._audience_contract(reach, 'contract_id.')
        return Audience(own=whole.own | reach.mine('user_id'), team=whole.team)

    @api.model
    def _audience_reminder_pause(self, reach, at):
        """Of contracts, as these; of whole customers, by whoever looks after them."""
        whole, for_all = self._audience_contract(reach, 'contract_id.'), Domain('contract_id', '=', False)
        return Audience(
            own=~for_all & whole.own
            | for_all & (reach.mine('partner_id.commercial_partner_id.user_id') | Domain(PROFILES, 'any', [('user_id', '=', reach.uid)])),
            team=whole.team | for_all & Domain(PROFILES, 'any', reach.of_team('user_id')),
        )
