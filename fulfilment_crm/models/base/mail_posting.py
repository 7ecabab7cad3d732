from odoo import models
from odoo.exceptions import AccessError


class MailThread(models.AbstractModel):
    """Whoever writes on a record of ours writes in their own name, and speaks to others only where they may change it."""
    _inherit = 'mail.thread'

    def message_post(self, **kwargs):
        if self._name.startswith('fulfilment.') and not self.env.su:
            self._fulfilment_check_post(kwargs)
        return super().message_post(**kwargs)

    def _fulfilment_check_post(self, values):
        """:raise AccessError: for a message in somebody else's name, or to others by somebody who only reads"""
        own = self.env.user.partner_id
        author_id = values.get('author_id')
        if author_id and author_id != own.id:
            raise AccessError(self.env._("Write in your own name: messages in the name of others are not taken."))
        values.pop('email_from', None)
        if not self.env.user._is_internal() or self.has_access('write'):
            return
        subtype = values.get('subtype_id') and self.env['mail.message.subtype'].browse(values['subtype_id']) or self.env.ref(
            values.get('subtype_xmlid') or 'mail.mt_note',
        )
        if not subtype.internal or values.get('partner_ids'):
            raise AccessError(self.env._("You may read %s: log an internal note instead of sending a message.", self.display_name))
