from odoo import api, models

from ...tools import markup
from .queued_mail_mixin import LAYOUT
from .to_do_mixin import ToDo


class FulfilmentChatterMixin(models.AbstractModel):
    """The chatter for many records at once, where Odoo follows and notes record by record."""
    _name = 'fulfilment.chatter.mixin'
    _description = 'Chatter of many records'
    _inherit = ['mail.thread']

    _to_do_type = 'mail.mail_activity_data_todo'  # XML id of the kind of to-do that `_give_to_do` gives

    @api.model
    def _create_quietly(self, vals_list):
        """Create records that follow from others: who is responsible follows them, and gets no message about each."""
        records = self.with_context(tracking_disable=True).create(vals_list).with_env(self.env)
        records._follow_quietly()
        return records

    def _notify_about(self, user, subject, lines):
        """Send a colleague one message about these records, to inbox or e-mail as they like it.

        About one record it is that record's, so that an answer by e-mail comes to it; about several an answer goes to who caused it.

        :param str subject: in the language of the user
        :param lines: ``[(record, text)]`` to be read, each leading to its record
        """
        links = [
            markup.link(self.env['mail.thread']._notify_get_action_link('view', model=record._name, res_id=record.id), text)
            if record else text for record, text in lines
        ]
        sender = self if len(self) == 1 else self.env['mail.thread']
        sender.with_context(lang=user.lang).message_notify(
            partner_ids=user.partner_id.ids, subject=subject, body=markup.lines(links),
            email_layout_xmlid=LAYOUT,
            **({} if len(self) == 1 else {'reply_to': self.env.user.email_formatted or False}),
        )

    def _follow_quietly(self):
        """Let those who are responsible follow their records."""
        for user, owned in self.grouped('user_id').items():
            owned._message_subscribe(user.partner_id.ids)

    def _give_to_do(self, summary, note=''):
        """Give those who are responsible a to-do on each of their records, without a message about it.

        :param summary: function of an environment, in whose language it says what there is to do
        """
        to_dos = []
        for user, owned in self.grouped('user_id').items():
            asked = user or self.env.user
            said = summary(asked._fulfilment_env())
            to_dos += [ToDo(record, asked, said, note=note) for record in owned]
        self.env['mail.activity']._fulfilment_give(self._to_do_type, to_dos)

    def _message_track(self, fields_iter, initial_values_dict):
        notes = self.env.cr.precommit.data['fulfilment_crm.notes'] = {}
        try:
            tracking = super()._message_track(fields_iter, initial_values_dict)
        finally:
            del self.env.cr.precommit.data['fulfilment_crm.notes']
        for author_id, group in notes.items():
            messages = self.browse(group)._message_log_batch({key: body for key, (body, _commands) in group.items()}, author_id=author_id)
            # safe: what Odoo found to have changed, as it would write it itself
            self.env['mail.tracking.value'].sudo().create([
                dict(values, mail_message_id=message.id)
                for message, (_body, commands) in zip(messages, group.values(), strict=True) for _command, _id, values in commands
            ])
        return tracking

    def _message_log(self, *, body='', author_id=None, tracking_value_ids=False, **values):
        notes = self.env.cr.precommit.data.get('fulfilment_crm.notes')
        if notes is None or values:
            return super()._message_log(body=body, author_id=author_id, tracking_value_ids=tracking_value_ids, **values)
        # Inside _message_track: written together when all records have been compared.
        notes.setdefault(author_id, {})[self.id] = (body, tracking_value_ids or [])
        return self.env['mail.message']
