from odoo import models
from odoo.exceptions import AccessError

from ..base.deletion import before_deletion


class MailActivity(models.Model):
    """The to-do about a held order is the credit controller's: it goes with a release, not by somebody else's doing."""
    _inherit = 'mail.activity'

    def write(self, vals):
        self._fulfilment_check_held()
        return super().write(vals)

    def _action_done(self, feedback=False, attachment_ids=None):
        self._fulfilment_check_held()
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)

    @before_deletion
    def _unlink_except_fulfilment_held(self):
        self._fulfilment_check_held()

    def _fulfilment_check_held(self):
        """:raise AccessError: for the to-do of somebody else about an order that is held"""
        if self.env.su or self.env.user.has_group('fulfilment_crm.group_credit'):
            return
        # safe: asks whose to-dos these are, and whether their orders are held
        given = self.sudo().filtered(lambda one: one.res_model == 'sale.order' and one.automated and one.user_id != self.env.user)
        given = given.filtered(lambda one: one.activity_type_id == self.env.ref('fulfilment_crm.activity_type_credit'))
        orders = self.env['sale.order'].sudo().browse(given.mapped('res_id')).exists()  # safe: as above
        held = {order.id: order for order in orders if order.fulfilment_credit_state == 'hold'}
        for activity in given.filtered(lambda one: one.res_id in held):
            held[activity.res_id].sudo(False).check_access('read')  # first: the number of an order is told to its readers
            raise AccessError(self.env._(
                "%(order)s is held: the to-do belongs to %(user)s and goes when the order is released or cancelled.",
                order=held[activity.res_id].name, user=activity.user_id.name,
            ))
