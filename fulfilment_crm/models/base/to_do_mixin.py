from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...tools import markup

# What the machine puts into calendars and lists goes there without a mail to anybody, and makes nobody follow the customer.
QUIET = {
    'no_mail_to_attendees': True, 'dont_notify': True, 'skip_contact_description': True, 'mail_activity_quick_update': True,
    'tracking_disable': True, 'mail_create_nosubscribe': True, 'fulfilment_without_following': True,
}


class ToDo(NamedTuple):
    """Something somebody is to do about a record."""
    record: object
    user: object
    summary: str
    day: date | None = None  # by when; today when not said
    note: str | bool = False


class MailActivity(models.Model):
    _inherit = 'mail.activity'

    @api.model
    def _fulfilment_give(self, activity_type, to_dos, tell=False):
        """Give people to-dos, all in one go.

        Kinds of ours are offered by hand on one model each, and given here on any: Odoo's own ``activity_schedule`` would warn.

        :param str activity_type: XML id
        :param list to_dos: ``ToDo``, about records of any models
        :param bool tell: whether each is told of by the message that Odoo sends
        :return: the activities, in that order
        """
        kind, model_ids = self.env.ref(activity_type), {}
        for name in {to_do.record._name for to_do in to_dos}:
            model_ids[name] = self.env['ir.model']._get_id(name)
            # Odoo names each record by itself: read them together first.
            ids = [to_do.record.id for to_do in to_dos if to_do.record._name == name]
            self.env[name].browse(ids).mapped('display_name')
        today = fields.Date.context_today(self)
        return self.with_context(mail_activity_quick_update=not tell).create([{
            'res_model_id': model_ids[record._name], 'res_id': record.id, 'activity_type_id': kind.id, 'user_id': user.id,
            'summary': summary, 'note': note and markup.as_text(note), 'date_deadline': day or today, 'automated': True,
        } for record, user, summary, day, note in to_dos])


class FulfilmentToDoMixin(models.AbstractModel):
    """To-dos for many records and people at once, that make nobody follow the record."""
    _name = 'fulfilment.to.do.mixin'
    _description = 'To-dos of many records'

    @api.model
    def _give_to_dos(self, activity_type, to_dos):
        """Give people to-dos on records of this model.

        :param str activity_type: XML id
        :param list to_dos: ``(record, user, summary, date)``
        :return: the activities, in that order
        """
        return self.env['mail.activity'].with_context(**QUIET)._fulfilment_give(activity_type, [ToDo(*to_do) for to_do in to_dos])


def check_colleagues(records):
    """Check that matters of ours belong to colleagues: whoever owns one follows it and reads what is said about it.

    :raise ValidationError: naming somebody who is a customer's user
    """
    for record in records:
        # safe: whether the owner is a colleague
        if record.user_id.sudo().share:
            raise ValidationError(record.env._(
                "%(user)s is no colleague and cannot have “%(record)s”: choose somebody of the firm.",
                user=record.user_id.sudo().name, record=record.display_name,
            ))
