from odoo import fields, models


class FulfilmentContractTemplate(models.Model):
    """Who approves contracts made from a template."""
    _inherit = 'fulfilment.contract.template'

    chain_id = fields.Many2one(
        'fulfilment.approval.chain', string="Approval chain", domain="[('model', '=', 'fulfilment.contract')]", ondelete='set null',
        help="Empty: the first chain that fits.", tracking=True,
    )
