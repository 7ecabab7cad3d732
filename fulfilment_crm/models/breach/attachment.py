from odoo import models
from odoo.exceptions import UserError

# Files that prove something: in which field, and of which records that is so already.
PROOFS = (
    ('fulfilment.breach', 'evidence_ids', [('state', '!=', 'open')]),
    ('fulfilment.notice', 'proof_ids', [('state', 'in', ('issued', 'delivered'))]),
    ('fulfilment.suspension', 'document_ids', []),
    ('fulfilment.legal.step', 'document_ids', [('state', 'in', ('running', 'done'))]),
)


class FulfilmentGuardMixin(models.AbstractModel):
    _inherit = 'fulfilment.guard.mixin'

    def write(self, vals):
        """Let files be added to proofs, and none be taken away once they prove something."""
        names = {field: domain for model, field, domain in PROOFS if model == self._name and field in vals}
        if self.env.su or not names:
            return super().write(vals)
        # safe: which files there are, whoever put them in
        before = {(one, field): one[field] for field, domain in names.items() for one in self.sudo().filtered_domain(domain)}
        result = super().write(vals)
        for (one, field), files in before.items():
            one.invalidate_recordset([field])
            if files - one[field]:
                raise UserError(self.env._("%s: proofs are added, and none is taken away.", one.display_name))
        return result


class IrAttachment(models.Model):
    """Files that prove a breach, a delivery, suspended days or a step of the law stay as they are."""
    _inherit = 'ir.attachment'

    def _fulfilment_is_proof(self):
        return super()._fulfilment_is_proof() or any(
            # safe: asks what the files prove, to refuse; nothing is shown
            self.env[model].sudo().search_count([(field, 'in', self.ids), *domain], limit=1) for model, field, domain in PROOFS
        )
