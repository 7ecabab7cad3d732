from odoo import models

# Files that prove something: in which field, and of which records that is so already.
PROOFS = (
    ('fulfilment.breach', 'evidence_ids', [('state', '!=', 'open')]),
    ('fulfilment.notice', 'proof_ids', [('state', 'in', ('issued', 'delivered'))]),
    ('fulfilment.suspension', 'document_ids', []),
    ('fulfilment.legal.step', 'document_ids', [('state', 'in', ('running', 'done'))]),
)


class IrAttachment(models.Model):
    """Files that prove a breach, a delivery, suspended days or a step of the law stay as they are."""
    _inherit = 'ir.attachment'

    def _fulfilment_is_proof(self):
        return super()._fulfilment_is_proof() or any(
            # safe: asks what the files prove, to refuse; nothing is shown
            self.env[model].sudo().search_count([(field, 'in', self.ids), *domain], limit=1) for model, field, domain in PROOFS
        )
