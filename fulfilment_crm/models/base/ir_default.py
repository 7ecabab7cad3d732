from odoo import SUPERUSER_ID, api, models


class IrDefault(models.Model):
    """Anybody may keep defaults of their own. They fill what they enter themselves, not what is made in their name as superuser: mails to
    others, logins, invoices, payments. Those that hold for everybody are an administrator's, and stay.
    """
    _inherit = 'ir.default'

    @api.model
    def _get_model_defaults(self, model_name, condition=False):
        if self.env.su and self.env.uid != SUPERUSER_ID:
            self = self.with_company(self.env.company).with_user(SUPERUSER_ID)
        return super()._get_model_defaults(model_name, condition)


class FulfilmentMachineMixin(models.AbstractModel):
    """Records that are made as superuser only: no key of a caller's context fills their fields."""
    _name = 'fulfilment.machine.mixin'
    _description = 'Made by the machine'

    @api.model
    def default_get(self, fields):
        if self.env.su and any(key.startswith('default_') for key in self.env.context):
            context = {key: value for key, value in self.env.context.items() if not key.startswith('default_')}
            self = self.with_env(self.env(context=context))
        return super().default_get(fields)
