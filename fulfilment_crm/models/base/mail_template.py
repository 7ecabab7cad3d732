from odoo import models

# What says whose message a mail is, where it belongs and who else gets it.
NOT_GIVEN = frozenset({
    'mail_message_id', 'model', 'res_id', 'record_name', 'parent_id', 'message_type', 'subtype_id', 'is_internal', 'headers', 'message_id',
    'references', 'author_id', 'author_guest_id', 'email_from', 'is_notification',
})


class MailTemplate(models.Model):
    """Anybody may have a template sent on what they read, and give values for the mail: about records of ours it is their own mail."""
    _inherit = 'mail.template'

    def send_mail_batch(self, res_ids, force_send=False, raise_exception=False, email_values=None, email_layout_xmlid=False):
        if not self.env.su:
            email_values = self._fulfilment_own_values(res_ids, email_values or {})
        return super().send_mail_batch(
            res_ids, force_send=force_send, raise_exception=raise_exception, email_values=email_values,
            email_layout_xmlid=email_layout_xmlid,
        )

    def _fulfilment_own_values(self, res_ids, values):
        """Return the values for a mail without those that its sender may not give.

        :raise AccessError: for records of ours that the user may not change
        """
        ours = (self.model or '').startswith('fulfilment.')
        if ours:
            self.env[self.model].browse(res_ids).check_access('write')
        if not ours and not str(values.get('model') or '').startswith('fulfilment.'):
            return {name: value for name, value in values.items() if name != 'mail_message_id'}
        user = self.env.user
        return {
            **{name: value for name, value in values.items() if name not in NOT_GIVEN},
            'author_id': user.partner_id.id, 'email_from': user.email_formatted,
        }
