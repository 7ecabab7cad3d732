from odoo import api, models
from odoo.exceptions import AccessError

from .guard_mixin import POSTED, without_unchanged
from .mail_composer import SAID
from .mail_message import POSTING


class MailThread(models.AbstractModel):
    """Whoever writes on a record of ours writes in their own name, and speaks to others only where they may change it."""
    _inherit = 'mail.thread'

    @api.model
    def _fulfilment_keeps_messages(self):
        """Tell whether messages are taken off records of this model by nobody."""
        return not self.env.su and (self._name.startswith('fulfilment.') or self._name == 'sale.order')

    @api.model_create_multi
    def create(self, vals_list):
        if self._fulfilment_keeps_messages():
            vals_list = [without_unchanged(self.browse(), vals, POSTED) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if vals.keys() & POSTED and self._fulfilment_keeps_messages():
            vals = without_unchanged(self, vals, POSTED)  # clients send what they show
        return super().write(vals)

    def _has_field_access(self, field, operation):
        if field.name in POSTED and operation == 'write' and self._fulfilment_keeps_messages():
            return False
        return super()._has_field_access(field, operation)

    def message_post(self, **kwargs):
        if self._name.startswith('fulfilment.') and not self.env.su:
            self._fulfilment_check_post(kwargs)
        return super().message_post(**kwargs)

    def message_notify(self, **kwargs):
        model, res_id = kwargs.get('model') or self._name, kwargs.get('res_id') or self.id
        if model.startswith('fulfilment.') and model in self.env and not self.env.su:
            self.env[model].browse(res_id or [])._fulfilment_check_post(kwargs)
        return super().message_notify(**kwargs)

    def message_mail_with_source(self, source_ref, **kwargs):
        if self._name.startswith('fulfilment.') and not self.env.su:
            self.check_access('write')
            author_id = kwargs.get('author_id')
            if author_id and author_id != self.env.user.partner_id.id:
                raise AccessError(self.env._("Write in your own name: messages in the name of others are not taken."))
            kwargs.update(author_id=self.env.user.partner_id.id, email_from=self.env.user.email_formatted)
        return super().message_mail_with_source(source_ref, **kwargs)

    def message_get_followers(self, after=None, limit=100, filter_recipients=False):
        if self._name.startswith('fulfilment.'):
            self.check_access('read')
        return super().message_get_followers(after=after, limit=limit, filter_recipients=filter_recipients)

    def _message_auto_subscribe_notify(self, partner_ids, template):
        # safe: tells who has just been made responsible, by somebody who was allowed to and may not change the record any more
        own = self.sudo() if self._name.startswith('fulfilment.') else self
        return super(MailThread, own)._message_auto_subscribe_notify(partner_ids, template)

    def _message_create(self, values_list):
        return super(MailThread, self.with_context(fulfilment_posting=POSTING))._message_create(values_list)

    def _fulfilment_check_post(self, values):
        """Take out what nobody says of his own message, such as another date.

        :raise AccessError: for a message in somebody else's name, or to others by somebody who only reads
        """
        own = self.env.user.partner_id
        author_id = values.get('author_id')
        if author_id and author_id != own.id:
            raise AccessError(self.env._("Write in your own name: messages in the name of others are not taken."))
        for name in ('email_from', 'date', 'author_guest_id', 'tracking_value_ids', 'author_id', 'message_id', 'reply_to'):
            values.pop(name, None)
        if not self.env.user._is_internal():
            # Customers write to us, not through us to others.
            for name in values.keys() - SAID:
                values.pop(name)
            values.update(message_type='comment', subtype_xmlid='mail.mt_comment')
            values.pop('subtype_id', None)
            return
        if self.has_access('write'):
            return
        if values.get('message_type', 'comment') not in ('comment', 'notification') or values.keys() & {'sms_numbers', 'sms_pid_to_number'}:
            raise AccessError(self.env._("You may read %s: log an internal note instead of sending a message.", self.display_name))
        # As Odoo does: the name wins over the number.
        subtype = self.env.ref(values['subtype_xmlid']) if values.get('subtype_xmlid') \
            else self.env['mail.message.subtype'].browse(values.get('subtype_id') or self.env.ref('mail.mt_note').id)
        if not subtype.internal or values.get('partner_ids') or values.get('outgoing_email_to'):
            raise AccessError(self.env._("You may read %s: log an internal note instead of sending a message.", self.display_name))


class MailComposeMessage(models.TransientModel):
    """The dialog for messages asks the same, also where it makes e-mails without posting them."""
    _inherit = 'mail.compose.message'

    def _action_send_mail(self, auto_commit=False):
        for dialog in self.filtered(lambda one: (one.model or '').startswith('fulfilment.') and one.model in self.env):
            if self.env.su:
                continue
            records = self.env[dialog.model].browse(dialog._evaluate_res_ids())
            own = self.env.user.partner_id
            if dialog.composition_mode == 'mass_mail':
                records.check_access('write')
                if dialog.author_id and dialog.author_id != own:
                    raise AccessError(self.env._("Write in your own name: messages in the name of others are not taken."))
                # safe: whoever sends it, the mail comes from them
                dialog.sudo().write({'author_id': own.id, 'email_from': self.env.user.email_formatted})
        return super()._action_send_mail(auto_commit=auto_commit)
