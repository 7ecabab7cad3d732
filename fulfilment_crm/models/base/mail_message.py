from odoo import api, fields, models
from odoo.exceptions import AccessError

from .deletion import before_deletion

# What a message says, who said it, when and about what.
SAID = frozenset({
    'body', 'subject', 'date', 'author_id', 'author_guest_id', 'email_from', 'model', 'res_id', 'message_type', 'subtype_id', 'is_internal',
    'tracking_value_ids', 'parent_id', 'message_id', 'reply_to', 'attachment_ids', 'create_uid', 'create_date', 'partner_ids',
    'notified_partner_ids', 'notification_ids', 'child_ids', 'incoming_email_to', 'incoming_email_cc', 'outgoing_email_to',
})
# What is not said by whoever makes a message, but noted of it.
MADE_UP = frozenset({'date', 'author_guest_id', 'email_from', 'tracking_value_ids', 'message_id', 'create_uid', 'create_date'})
# Set while Odoo makes the message it was told to post; an object, which no call from outside can bring.
POSTING = object()
# What whoever wrote a comment may still do to it.
OWN = frozenset({'body', 'subject', 'attachment_ids'})


class MailMessage(models.Model):
    """What was said and noted about records of ours stays as it was: only one's own comments are edited, as everywhere in Odoo."""
    _inherit = 'mail.message'
    _allow_sudo_commands = False  # what a message takes along is written with the rights of whoever asked

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and self.env.context.get('fulfilment_posting') is not POSTING:
            vals_list = [self._fulfilment_as_said(vals) for vals in vals_list]
        return super().create(vals_list)

    def _fulfilment_as_said(self, vals):
        """Return the values of a message that somebody makes past ``message_post``: about records of ours it is a comment of his own.

        :raise AccessError: to whoever may not change the record
        """
        model = vals.get('model') or self.env.context.get('default_model') or ''
        if not model.startswith('fulfilment.') or model not in self.env:
            return vals
        if self.env.user._is_internal():
            self.env[model].browse(vals.get('res_id') or self.env.context.get('default_res_id') or []).check_access('write')
        return {
            **{name: value for name, value in vals.items() if name not in MADE_UP},
            'message_type': 'comment', 'author_id': self.env.user.partner_id.id, 'author_guest_id': False, 'date': fields.Datetime.now(),
            'email_from': self.env.user.email_formatted,
        }

    def write(self, vals):
        if not self.env.su and SAID & vals.keys():
            self._fulfilment_check_on_record(vals.keys() & SAID <= OWN)
        return super().write(vals)

    @before_deletion
    def _unlink_except_fulfilment_on_record(self):
        if not self.env.su:
            self._fulfilment_check_on_record(True)

    def _fulfilment_check_on_record(self, own):
        """:param bool own: what is asked may be done to one's own comments
        :raise AccessError: for notes and what somebody else wrote
        """
        # safe: asks what the messages are about and who wrote them
        for message in self.sudo():
            mine = own and message.message_type == 'comment' and not message.tracking_value_ids \
                and message.author_id == self.env.user.partner_id
            if not mine and message._fulfilment_is_on_record():
                raise AccessError(self.env._(
                    "What was said and noted here stays on record. Only your own comments can be edited or deleted.",
                ))

    def _fulfilment_is_on_record(self):
        """Tell whether the message is about a record of ours, or notes a change of a field of ours elsewhere."""
        self.ensure_one()
        if (self.model or '').startswith('fulfilment.'):
            return True
        return any(
            (change.field_id.model or '').startswith('fulfilment.') or (change.field_id.name or '').startswith('fulfilment_')
            for change in self.tracking_value_ids
        )
