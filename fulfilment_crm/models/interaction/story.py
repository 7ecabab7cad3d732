from datetime import datetime

from odoo import fields, models

from ...tools.shown_date import shown_date


class FulfilmentProfile(models.Model):
    """When somebody last talked to the customer, first on the page and in the line of time."""
    _inherit = 'fulfilment.profile'

    last_contact = fields.Char(string="Last contact", compute='_compute_asked')

    def _asked(self):
        return [*super()._asked(), self._ask(
            'last_contact', 'fulfilment.interaction', self._own(), order='date desc, id desc', first=1,
            lines={'date': 'date', 'kind': 'kind', 'text': 'topic', 'user': 'user_id'},
        )]

    def _said(self, name, line):
        if name != 'last_contact':
            return super()._said(name, line)
        moment = datetime.fromisoformat(line['date'])
        day = shown_date(self.env, fields.Datetime.context_timestamp(self, moment).date())
        kinds = dict(self.env['fulfilment.interaction']._fields['kind']._description_selection(self.env))
        return f"{day} · {kinds[line['kind']]} · {line['text']} ({line['user']})"

    def _happened(self):
        kinds = dict(self.env['fulfilment.interaction']._fields['kind']._description_selection(self.env))
        return [*super()._happened(), *self._told_of(
            self._kept('fulfilment.interaction', 'date'), 'date', 'fa-comments-o', self.env._("Contact"),
            lambda one: (one.topic, kinds[one.kind]),
        )]
