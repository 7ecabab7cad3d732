from odoo import api, models

from ..base.audience import Audience


class IrRule(models.Model):
    _inherit = 'ir.rule'

    @api.model
    def _audience_risk(self, reach, at):
        """Whom it concerns, and of a team whoever leads or belongs to that of the customer's salesperson."""
        whole = self._audience_concerned(reach, at)
        return Audience(own=whole.own, team=whole.team | reach.of_team(f'{at}commercial_partner_id.user_id'))
