from odoo.addons.mail.controllers.thread import ThreadController


class FulfilmentThread(ThreadController):
    """Odoo's web client posts as superuser once it has seen that the user may read the record: what we ask is asked before."""

    @classmethod
    def _can_edit_message(cls, message, **kwargs):
        # safe: asks who wrote it and what it is about; administrators, too, edit their own words only
        said = message.sudo()
        if said._fulfilment_is_on_record() and not said.is_current_user_or_guest_author:
            return False
        return super()._can_edit_message(message, **kwargs)

    def _prepare_message_data(self, post_data, *, thread, **kwargs):
        values = super()._prepare_message_data(post_data, thread=thread, **kwargs)
        if thread._name.startswith('fulfilment.') and thread.env.user._is_internal():
            thread.sudo(False)._fulfilment_check_post(dict(values))
        return values
