from odoo import models


class IrAttachment(models.Model):
    _inherit = 'ir.attachment'

    def _fulfilment_is_proof(self):
        # safe: asks what the files prove, to refuse; nothing is shown
        milestones, amendments = self.env['fulfilment.milestone'].sudo(), self.env['fulfilment.amendment'].sudo()
        return super()._fulfilment_is_proof() or bool(
            milestones.search_count(
                [('evidence_ids', 'in', self.ids), '|', ('state', '!=', 'pending'), ('event_ids.kind', '=', 'done')], limit=1,
            ) or amendments.search_count([('document_ids', 'in', self.ids), ('state', 'in', ('approved', 'applied'))], limit=1)
        )
