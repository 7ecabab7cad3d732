from odoo import api, models

from ..base.audience import Audience
from ..ticket.audience import SERVICE


class IrRule(models.Model):
    """What customers were asked and what they said: of one's own customers and contracts, and of nobody."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_survey(self, reach, at):
        proposal, contract = self._audience_loyalty_proposal(reach, at), self._audience_contract(reach, 'contract_id.')
        return Audience(own=proposal.own | reach.mine('contract_id.user_id'), team=proposal.team | contract.team)

    @api.model
    def _audience_loyalty_proposal(self, reach, at):
        return Audience(
            own=reach.mine('user_id', 'commercial_partner_id.user_id') | reach.nobodys('user_id'), team=reach.of_team('user_id'),
        )

    @api.model
    def _audience_improvement(self, reach, at):
        proposal = self._audience_loyalty_proposal(reach, at)
        return Audience(
            own=proposal.own | reach.mine('satisfaction_id.user_id'), team=proposal.team | reach.led('satisfaction_id.user_id'), **SERVICE,
        )
