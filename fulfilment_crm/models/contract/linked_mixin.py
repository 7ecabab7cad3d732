from odoo import api, models

from ..base.guard_mixin import check_reach, with_defaults, without_unchanged


class FulfilmentLinkedMixin(models.AbstractModel):
    """Orders and invoices are put under contracts that their author may read, whether named or by default."""
    _name = 'fulfilment.linked.mixin'
    _description = 'Linked to a contract'

    def _check_linked(self, values):
        check_reach(self, [
            {'fulfilment_contract_id': vals.get('fulfilment_contract_id')} for vals in with_defaults(self, values or [{}])
        ])

    @api.model_create_multi
    def create(self, vals_list):
        self._check_linked(vals_list)
        return super().create(vals_list)

    def onchange(self, values, field_names, fields_spec):
        self._check_linked([values])
        return super().onchange(values, field_names, fields_spec)

    def write(self, vals):
        if 'fulfilment_contract_id' in vals:
            linked = {'fulfilment_contract_id': vals['fulfilment_contract_id']}
            check_reach(self, [without_unchanged(self, linked, linked)])
        return super().write(vals)
