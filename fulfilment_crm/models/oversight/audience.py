from odoo import api, models
from odoo.fields import Domain

from ..base.audience import Audience

INSPECTING = ('manager', 'inspector')


class IrRule(models.Model):
    """Reviews and findings: of one's own contracts and the team's, and what one has to do; inspectors reach everything of them."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_review(self, reach, at):
        whole = self._audience_contract_alone(reach, f'{at}contract_id.')
        return Audience(
            own=reach.mine(f'{at}user_id') | Domain(f'{at}contract_id', '!=', False) & whole.own,
            team=whole.team | reach.led(f'{at}user_id'),
            changed_by=INSPECTING, read_by=('credit', 'legal', 'service'),
        )

    @api.model
    def _audience_finding(self, reach, at):
        whole = self._audience_review(reach, at)
        return Audience(own=whole.own, team=whole.team, changed_by=INSPECTING, read_by=('credit', 'legal', 'service'))

    @api.model
    def _audience_handover(self, reach, at):
        whole = self._audience_contract_alone(reach, f'{at}contract_id.')
        return Audience(
            own=whole.own | reach.mine(f'{at}from_user_id', f'{at}to_user_id'), team=whole.team,
        )

    @api.model
    def _audience_keeping(self, reach, at):
        """Seals and originals are kept by legal and managers, and read by who reads the contract."""
        whole = self._audience_contract_alone(reach, f'{at}contract_id.')
        return Audience(own=whole.own, team=whole.team, changed_by=('manager', 'legal'))

    @api.model
    def _audience_file_change(self, reach, at):
        return Audience(
            own=reach.mine(f'{at}user_id', f'{at}commercial_partner_id.user_id'), team=reach.led(f'{at}user_id'),
            changed_by=('manager',), read_by=('inspector', 'credit', 'legal', 'service'),
        )
