from odoo import api, models
from odoo.fields import Domain

from ..base.audience import Audience


class IrRule(models.Model):
    """What concerns a customer, a contract or both: whose they are, and who sees to it."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_concerned(self, reach, at):
        customer, contract = f'{at}commercial_partner_id', self._audience_contract(reach, f'{at}contract_id.')
        return Audience(
            own=reach.mine(
                f'{at}user_id', f'{at}contract_id.user_id', f'{customer}.fulfilment_profile_ids.user_id', f'{customer}.user_id',
            ),
            team=reach.of_team(f'{at}user_id', f'{customer}.fulfilment_profile_ids.user_id') | contract.team,
        )

    @api.model
    def _audience_interaction(self, reach, at):
        whole = self._audience_concerned(reach, at)
        return Audience(own=whole.own | Domain(f'{at}participant_ids', 'in', [reach.uid]), team=whole.team)
