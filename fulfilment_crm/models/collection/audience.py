from odoo import api, models

from ..base.audience import Audience


class IrRule(models.Model):
    """What is owed: by one's own customers, by nobody's, and under one's own contracts; who collects and who leads reach everything."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_instalment(self, reach, at):
        return Audience(
            own=reach.mine('user_id', 'partner_id.user_id', 'contract_id.user_id') | reach.nobodys('user_id'),
            team=reach.of_team('user_id'), changed_by=('manager', 'credit'), read_by=('legal', 'service', 'inspector'),
        )
