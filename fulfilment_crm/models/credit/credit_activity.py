from odoo import models
from odoo.exceptions import AccessError


class MailActivity(models.Model):
    """The to-do about a held order is the credit controller's: it goes with a release, not by somebody else deleting it."""
    _inherit = 'mail.activity'

    def unlink(self):
        if not self.env.su:
            kind = self.env.ref('fulfilment_crm.activity_type_credit')
            for activity in self.filtered(lambda one: one.activity_type_id == kind and one.automated and one.res_model == 'sale.order'):
                # safe: asks whether the order is still held
                order = self.env['sale.order'].sudo().browse(activity.res_id).exists()
                if order.fulfilment_credit_state == 'hold' and activity.user_id != self.env.user:
                    raise AccessError(self.env._(
                        "%(order)s is held: the to-do belongs to %(user)s and goes when the order is released or cancelled.",
                        order=order.name, user=activity.user_id.name,
                    ))
        return super().unlink()
