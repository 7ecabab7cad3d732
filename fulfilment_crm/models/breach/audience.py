from odoo import api, models
from odoo.fields import Domain

from ..base.audience import Audience


class IrRule(models.Model):
    """Damages and breaches: of one's own contracts and the team's; legal and credit control reach everything."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_breach(self, reach, at):
        whole = self._audience_contract_alone(reach, f'{at}contract_id.')
        return Audience(own=whole.own, team=whole.team, changed_by=('manager', 'credit', 'legal'), read_by=('service', 'inspector'))

    @api.model
    def _audience_waiver(self, reach, at):
        whole = self._audience_breach(reach, at)
        return Audience(
            own=whole.own, team=whole.team, asked=Domain(f'{at}approval_ids.candidate_ids', 'in', [reach.uid]),
            changed_by=whole.changed_by, read_by=whole.read_by,
        )
