from odoo import models
from odoo.exceptions import AccessError
from odoo.fields import Command

# What says whose message a mail is, where it belongs and who else gets it.
NOT_GIVEN = frozenset({
    'mail_message_id', 'model', 'res_id', 'record_name', 'parent_id', 'message_type', 'subtype_id', 'is_internal', 'headers', 'message_id',
    'references', 'author_id', 'author_guest_id', 'email_from', 'is_notification',
})
# What names records that are there, and does nothing to them.
LINKING = (Command.LINK, Command.UNLINK, Command.CLEAR, Command.SET)


class MailTemplate(models.Model):
    """Anybody may have a template sent on what they read, and give values for the mail: about records of ours it is their own mail."""
    _inherit = 'mail.template'

    def send_mail_batch(self, res_ids, force_send=False, raise_exception=False, email_values=None, email_layout_xmlid=False):
        if not self.env.su:
            self._fulfilment_check_links(email_values or {})
            email_values = self._fulfilment_own_values(res_ids, email_values or {})
        return super().send_mail_batch(
            res_ids, force_send=force_send, raise_exception=raise_exception, email_values=email_values,
            email_layout_xmlid=email_layout_xmlid,
        )

    def _fulfilment_check_links(self, values):
        """Let a mail name people, and files its sender reads. Odoo makes it as superuser: it writes no other record on the way.

        :raise AccessError: for values that would make, change or delete records, or take them from others
        """
        mails = self.env['mail.mail']
        for name, value in values.items():
            field = mails._fields.get(name)
            if not value or not field or not field.relational or field.type == 'many2one':
                continue
            commands = [one if isinstance(one, (list, tuple)) else Command.link(one) for one in getattr(value, 'ids', value)]
            if field.type == 'one2many' or any(command[0] not in LINKING for command in commands):
                raise AccessError(self.env._("An e-mail names files and people; “%s” is not entered with it.", field.string))
            if field.comodel_name == 'ir.attachment':
                ids = [one for code, number, *more in commands for one in (more[0] if code == Command.SET else [number]) if one]
                if not all(isinstance(one, int) for one in ids):
                    raise AccessError(self.env._("An e-mail names files and people; “%s” is not entered with it.", field.string))
                self.env['ir.attachment'].browse(ids).check_access('read')

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
