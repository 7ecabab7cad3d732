from odoo import api, models
from odoo.exceptions import ValidationError

# What the machine puts into calendars and lists goes there without a mail to anybody, and makes nobody follow the customer.
QUIET = {
    'no_mail_to_attendees': True, 'dont_notify': True, 'skip_contact_description': True, 'mail_activity_quick_update': True,
    'tracking_disable': True, 'mail_create_nosubscribe': True, 'fulfilment_without_following': True,
}


class FulfilmentToDoMixin(models.AbstractModel):
    """To-dos for many records and people at once."""
    _name = 'fulfilment.to.do.mixin'
    _description = 'To-dos of many records'

    @api.model
    def _give_to_dos(self, activity_type, to_dos):
        """Give people to-dos on records of this model, all in one go and without a message about each.

        :param str activity_type: XML id
        :param list to_dos: ``(record, user, summary, date)``
        :return: the activities, in that order
        """
        if not to_dos:
            return self.env['mail.activity']
        self.concat(*(record for record, *_rest in to_dos)).mapped('display_name')  # Odoo names each one by one: read them together first
        model_id, kind = self.env['ir.model']._get_id(self._name), self.env.ref(activity_type)
        return self.env['mail.activity'].with_context(**QUIET).create([{
            'res_model_id': model_id, 'res_id': record.id, 'activity_type_id': kind.id, 'user_id': user.id, 'summary': summary,
            'date_deadline': day, 'automated': True,
        } for record, user, summary, day in to_dos])


def check_colleagues(records):
    """Matters of ours belong to colleagues: whoever owns one follows it and reads what is said about it.

    :raise ValidationError: naming somebody who is a customer's user
    """
    for record in records:
        # safe: whether the owner is a colleague
        if record.user_id.sudo().share:
            raise ValidationError(record.env._(
                "%(user)s is no colleague and cannot have “%(record)s”: choose somebody of the firm.",
                user=record.user_id.sudo().name, record=record.display_name,
            ))
