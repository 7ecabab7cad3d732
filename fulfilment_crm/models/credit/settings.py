from odoo import fields, models


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_credit_user_id = fields.Many2one(
        'res.users', string="Credit controller", ondelete='set null',
        help="Is told of every order that is held. Empty: the first of the credit controllers.",
    )
    fulfilment_downgrade_at_once = fields.Boolean(
        string="A lower grade holds at once", default=True, help="Until its approval ends, a lower grade proposed counts for new orders.",
    )
    fulfilment_score_fall = fields.Float(
        string="External score: fall that warns (points)", default=10.0,
        help="A fall by this or more warns the responsible the same day and leads to a new assessment.",
    )

    def _fulfilment_credit_controller(self):
        """Return who is told of held orders: the credit controller set, else the first of the group, else the fulfilment manager."""
        self.ensure_one()
        # safe: finds whom to tell
        company = self.sudo()
        if company.fulfilment_credit_user_id.active:
            return company.fulfilment_credit_user_id
        group = self.env.ref('fulfilment_crm.group_credit').sudo()
        people = group.user_ids.filtered(lambda user: user.active and company in user.company_ids).sorted('id')
        return people[:1] or company.fulfilment_manager_id


class ResConfigSettings(models.TransientModel):
    _inherit = 'res.config.settings'

    fulfilment_credit_user_id = fields.Many2one(related='company_id.fulfilment_credit_user_id', readonly=False)
    fulfilment_downgrade_at_once = fields.Boolean(related='company_id.fulfilment_downgrade_at_once', readonly=False)
    fulfilment_score_fall = fields.Float(related='company_id.fulfilment_score_fall', readonly=False)
