from odoo import fields, models


class FulfilmentAccountRole(models.Model):
    """A part somebody plays for a customer."""
    _name = 'fulfilment.account.role'
    _description = 'Role in an account team'
    _inherit = ['fulfilment.audit.mixin', 'mail.thread']
    _order = 'sequence, id'

    name = fields.Char(required=True, translate=True, tracking=True)
    active = fields.Boolean(default=True, tracking=True)
    sequence = fields.Integer(default=10)
    is_single = fields.Boolean(string="One person at a time", tracking=True, help="Nobody else plays this part for the customer meanwhile.")
    is_responsible = fields.Boolean(
        string="Cares for the customer", tracking=True, help="Planned visits, calls and follow-ups go to whoever plays this part.",
    )

    def _audit_thread(self):
        return self.env.company.partner_id
