from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..base.guard_mixin import with_defaults, without_unchanged


class FulfilmentContractTemplate(models.Model):
    """Who approves contracts made from a template."""
    _inherit = 'fulfilment.contract.template'

    chain_id = fields.Many2one(
        'fulfilment.approval.chain', string="Approval chain", domain="[('model', '=', 'fulfilment.contract')]", ondelete='set null',
        help="Empty: the first chain that fits.", tracking=True,
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in with_defaults(self, vals_list):
            self.browse()._fulfilment_check_chain(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._fulfilment_check_chain(vals)
        return super().write(vals)

    def _fulfilment_check_chain(self, vals):
        """Let managers alone say by which chain what is made from a template is approved.

        :raise AccessError: for anybody else
        """
        changed = 'chain_id' in without_unchanged(self, vals, {'chain_id'})
        if changed and not self.env.su and not self.env.user.has_group('fulfilment_crm.group_manager'):
            raise AccessError(self.env._("Who approves contracts of a template is set by managers."))
