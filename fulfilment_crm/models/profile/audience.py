from odoo import api, models
from odoo.fields import Domain

from ..base.audience import Audience

IN_FORCE = ('state', 'not in', ('draft', 'in_approval', 'cancelled'))


class IrRule(models.Model):
    """Profiles: of one's own customers, of nobody's, and of those one has a contract with."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_profile(self, reach, at):
        contracts = Domain('partner_id.fulfilment_contract_ids', 'any', [('user_id', '=', reach.uid), IN_FORCE])
        return Audience(
            own=reach.mine('user_id') | reach.nobodys('user_id') | contracts, team=reach.of_team('user_id'),
        )

    @api.model
    def _audience_profile_month(self, reach, at):
        return Audience(own=reach.mine('user_id'), team=reach.of_team('user_id'))
