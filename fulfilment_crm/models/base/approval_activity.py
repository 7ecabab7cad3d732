from odoo import models
from odoo.exceptions import UserError


class MailActivity(models.Model):
    """To-dos about approvals are done by deciding: marking them as done would approve nothing, and hide what waits."""
    _inherit = 'mail.activity'

    def _action_done(self, feedback=False, attachment_ids=None):
        if not self.env.su:
            kind = self.env.ref('fulfilment_crm.activity_type_approval')
            for activity in self.filtered(lambda one: one.activity_type_id == kind and one.res_model in self.env):
                record = self.env[activity.res_model].browse(activity.res_id).exists()
                if record and 'pending_approval_id' in record._fields and self.env.user in record.pending_approval_id.candidate_ids:
                    raise UserError(self.env._(
                        "%s waits for your decision: open it and press Approve or Reject. The to-do goes by itself.", record.display_name,
                    ))
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
