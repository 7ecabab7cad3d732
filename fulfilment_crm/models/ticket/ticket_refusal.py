from odoo import models
from odoo.tools import plaintext2html

from ..base.told import _lt, told


class FulfilmentMilestone(models.Model):
    _inherit = 'fulfilment.milestone'

    def _on_refused(self, reason):
        """Make a complaint of a refused acceptance."""
        result = super()._on_refused(reason)
        # safe: the refusal was allowed; the complaint follows from it
        self.env['fulfilment.ticket'].sudo().create([{
            'title': told(self.env, _lt("Acceptance refused: %s", milestone.name)), 'description': plaintext2html(reason),
            'ticket_type': 'complaint', 'urgency': 'important', 'origin': 'refusal', 'partner_id': milestone.partner_id.id,
            'company_id': milestone.company_id.id, 'contract_id': milestone.contract_id.id, 'milestone_id': milestone.id,
        } for milestone in self])
        return result
