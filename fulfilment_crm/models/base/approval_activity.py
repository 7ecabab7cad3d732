from odoo import api, models
from odoo.exceptions import AccessError, UserError

from .deletion import before_deletion


class MailActivity(models.Model):
    """To-dos about approvals are done by deciding: marking them as done would approve nothing, and hide what waits.

    Nobody else changes, moves or removes them either: who submitted would hide from the approver what they are asked.
    """
    _inherit = 'mail.activity'

    def write(self, vals):
        self._fulfilment_check_asked()
        return super().write(vals)

    def _action_done(self, feedback=False, attachment_ids=None):
        self._fulfilment_check_asked()
        if not self.env.su:
            for activity in self.filtered(lambda one: one._fulfilment_is_asked() and one.res_model in self.env):
                record = self.env[activity.res_model].browse(activity.res_id).exists()
                if record and 'pending_approval_id' in record._fields and self.env.user in record.pending_approval_id.candidate_ids:
                    raise UserError(self.env._(
                        "%s waits for your decision: open it and press Approve or Reject. The to-do goes by itself.", record.display_name,
                    ))
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)

    @before_deletion
    def _unlink_except_fulfilment_asked(self):
        self._fulfilment_check_asked()

    def _fulfilment_is_asked(self):
        self.ensure_one()
        return self.activity_type_id in self._fulfilment_asking_kinds()

    @api.model
    def _fulfilment_asking_kinds(self):
        """Return the kinds of to-dos that go with a decision, and are taken away by nobody but who is asked. A room adds its own."""
        return self.env.ref('fulfilment_crm.activity_type_approval') | self.env.ref('fulfilment_crm.activity_type_escalation')

    def _fulfilment_check_asked(self):
        """:raise AccessError: for the to-do of somebody else about an approval"""
        if self.env.su:
            return
        # safe: asks whose to-dos these are, and tells no more than that
        if any(one.automated and one.user_id != self.env.user and one._fulfilment_is_asked() for one in self.sudo()):
            raise AccessError(self.env._("A to-do about a decision belongs to who is asked, and goes with the decision."))
