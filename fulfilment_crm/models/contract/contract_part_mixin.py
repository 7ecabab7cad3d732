from odoo import api, fields, models

from ..base.deletion import before_deletion
from ..base.guard_mixin import without_unchanged


class FulfilmentContractPartMixin(models.AbstractModel):
    """A line of a contract: free while the contract is drafted, changed by amendment afterwards."""
    _name = 'fulfilment.contract.part.mixin'
    _description = 'Part of a contract'
    _inherit = ['fulfilment.guard.mixin']

    contract_id = fields.Many2one('fulfilment.contract', required=True, index=True, ondelete='cascade', agreed=True)
    company_id = fields.Many2one(related='contract_id.company_id', store=True, index=True)

    @api.model_create_multi
    def create(self, vals_list):
        parts = super().create(vals_list)
        parts._check_free()
        return parts

    def write(self, vals):
        self.check_access('write')  # first: what is refused below names the contract
        before = self.contract_id
        substance = self._marked_fields('agreed')
        if not self.env.su and substance & without_unchanged(self, vals, substance).keys():
            before._check_draft(self._model_label())
            before._forget_check()
        result = super().write(vals)
        if self.contract_id != before:
            self._check_free()
        return result

    @before_deletion
    def _unlink_except_agreed(self):
        self._check_free()

    def _check_free(self):
        """Raise unless these parts belong to drafts that the user may change."""
        if not self.env.su:
            self.contract_id.check_access('write')
            self.contract_id._check_draft(self._model_label())
            self.contract_id._forget_check()
