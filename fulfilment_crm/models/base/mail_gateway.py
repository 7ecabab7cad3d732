from odoo import api, models
from odoo.exceptions import AccessError

OURS = 'fulfilment.'


class MailThread(models.AbstractModel):
    """What comes in by e-mail makes nothing of ours but tickets, and is handed over by the mail gateway alone."""
    _inherit = 'mail.thread'

    @api.model
    def message_process(self, model, message, custom_values=None, save_original=False, strip_attachments=False, thread_id=None):
        """Take in an e-mail, as Odoo does, from the mail gateway only.

        Odoo leaves this method to everybody and works as superuser in it, so that anybody could write and create anything. The
        gateway is Odoo's own mail servers (superuser) or a script that logs in as a system administrator.

        :raise AccessError: for everybody else
        """
        if not self.env.su and not self.env.user._is_superuser() and not self.env.user._is_system():
            raise AccessError(self.env._("E-mails are handed over by the mail gateway, which logs in as a system administrator."))
        return super().message_process(
            model, message, custom_values=custom_values, save_original=save_original, strip_attachments=strip_attachments,
            thread_id=thread_id,
        )

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        routes = super().message_route(message, message_dict, model=model, thread_id=thread_id, custom_values=custom_values)
        return [route for route in map(self._fulfilment_route, routes or []) if route]

    @api.model
    def _fulfilment_route(self, route):
        """Return a route of an e-mail as it may be gone, or None where it may not.

        Values for a new record of ours come from the alias it was sent to, or name no more than whose ticket it is to be.
        """
        model, thread_id, values, user_id, alias = route
        if thread_id or not model.startswith(OURS):
            return route
        accepted = self.env[model]._gateway_values
        if accepted is None:
            return None
        return (model, thread_id, self.env[model]._accept_from_gateway(values or {}, alias), user_id, alias)

    @api.model
    def _accept_from_gateway(self, values, alias):
        """Keep, of the values for a new record, those an e-mail may give it; what its alias stands for comes from the alias's owner.

        :param dict values: of the alias, or of whoever hands over the e-mail
        :param alias: ``mail.alias`` the e-mail was sent to, or None
        """
        return {name: value for name, value in values.items() if name in self._gateway_values}

    # Names of the fields that whoever hands over an e-mail may give a new record; None: e-mails make no records of this model.
    _gateway_values = None

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        if self._name.startswith(OURS) and self._gateway_values is None:
            raise AccessError(self.env._("E-mails make no records of this kind: %s", self._name))
        return super().message_new(msg_dict, custom_values=custom_values)
