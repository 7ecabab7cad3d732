from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..base.to_do_mixin import check_colleagues

AMOUNT_LIMIT = 1e12  # nothing larger is meant


class FulfilmentCustomerMixin(models.AbstractModel):
    """What is agreed with a customer about its account: whose it is, in which company and currency, and who looks after it.

    The customer is a whole company, whoever of it is named.
    """
    _name = 'fulfilment.customer.mixin'
    _description = 'About the account of a customer'

    partner_id = fields.Many2one(
        'res.partner', string="Customer", required=True, index=True, ondelete='restrict', domain="[('parent_id', '=', False)]",
    )
    company_id = fields.Many2one('res.company', required=True, index=True, ondelete='restrict', default=lambda self: self.env.company)
    user_id = fields.Many2one(
        'res.users', string="Responsible", index='btree_not_null', tracking=True, ondelete='set null', default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
    )

    @api.constrains('user_id')
    def _check_owner(self):
        check_colleagues(self)

    @api.model
    def _with_whole_customer(self, vals):
        if not vals.get('partner_id'):
            return vals
        return {**vals, 'partner_id': self.env['res.partner'].browse(vals['partner_id']).commercial_partner_id.id}

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_whole_customer(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_whole_customer(vals))

    def _may_give_credit(self):
        return self.env.su or self.env.user._fulfilment_gives_credit()


class FulfilmentProfile(models.Model):
    _inherit = 'fulfilment.profile'

    def _may_agree(self, user):
        """Whether a user may agree on something about the account of one of these customers."""
        return bool(self._agreed_by(user))

    def _agreed_by(self, user):
        """Return those of these customers about whose account a user may agree on something."""
        own = self.with_user(user)
        if not own.browse().has_access('read'):
            return self.browse()
        return self & own.search(Domain('id', 'in', self.ids) & Domain(own.env['ir.rule']._audience('change', 'owed'))).with_env(self.env)

    def _check_agrees(self):
        """:raise AccessError: unless the user may agree on something about the account of this customer"""
        self.check_access('read')
        if self.env.su:
            return
        if not all(profile._may_agree(self.env.user) for profile in self):
            raise AccessError(self.env._(
                "You may read the account of %s, but not agree on anything about it.", ', '.join(self.partner_id.mapped('name')),
            ))
