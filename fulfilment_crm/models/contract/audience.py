from odoo import api, models
from odoo.fields import Domain

from ..base.audience import Audience


class IrRule(models.Model):
    """Contracts: of whoever is responsible, of nobody, and of the team. Who is asked to approve reads."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_contract(self, reach, at):
        return Audience(
            own=reach.mine(f'{at}user_id') | reach.nobodys(f'{at}user_id'),
            team=reach.mine(f'{at}team_id.user_id') | Domain(f'{at}team_id.member_ids', 'in', [reach.uid]),
            asked=_asked(reach, f'{at}approval_ids', f'{at}amendment_ids.approval_ids'),
        )

    @api.model
    def _audience_contract_itself(self, reach, at):
        whole = self._audience_contract(reach, at)
        # Whoever has a milestone of it reads the contract, not what else hangs on it.
        return Audience(own=whole.own, team=whole.team, asked=whole.asked | Domain('milestone_ids.user_id', 'in', [reach.uid]))

    @api.model
    def _audience_contract_alone(self, reach, at):
        """Return the audience of a contract without those who are asked to approve it."""
        whole = self._audience_contract(reach, at)
        return Audience(own=whole.own, team=whole.team)

    @api.model
    def _audience_milestone(self, reach, at):
        whole = self._audience_contract(reach, 'contract_id.')
        return Audience(own=whole.own | reach.mine('user_id'), team=whole.team, asked=whole.asked)

    @api.model
    def _audience_amendment(self, reach, at):
        whole = self._audience_contract(reach, f'{at}contract_id.')
        return Audience(
            own=whole.own, team=whole.team, asked=_asked(reach, f'{at}contract_id.approval_ids', f'{at}approval_ids'),
        )


def _asked(reach, *paths):
    """Return the condition for approvals of which the user who asks is a candidate."""
    return Domain.OR(Domain(f'{path}.candidate_ids', 'in', [reach.uid]) for path in paths)
