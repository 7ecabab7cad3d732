from odoo import api, models

from ..base.audience import Audience

SERVICE = {'changed_by': ('manager', 'service'), 'read_by': ('credit', 'legal', 'inspector')}


class IrRule(models.Model):
    """Tickets: one's own, those one has made, and those of one's contracts and customers; service reaches everything."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_ticket(self, reach, at):
        contract = self._audience_contract(reach, f'{at}contract_id.')
        return Audience(
            own=reach.mine(f'{at}user_id', f'{at}create_uid', f'{at}contract_id.user_id', f'{at}commercial_partner_id.user_id'),
            team=contract.team | reach.led(f'{at}commercial_partner_id.user_id') | reach.mine(f'{at}team_id.user_id'), **SERVICE,
        )
