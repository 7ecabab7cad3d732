from odoo import fields, models

from ...tools.shown_date import shown_date


class FulfilmentProfile(models.Model):
    """Who talks to the customer next."""
    _inherit = 'fulfilment.profile'

    next_contact = fields.Char(
        string="Next contact", compute='_compute_asked', help="The next visit, call or follow-up that is planned.",
    )

    def _asked(self):
        today = self.company_id._fulfilment_today()[self.company_id]
        return [*super()._asked(), self._ask(
            'next_contact', 'fulfilment.care.task',
            [('profile_id', '=', self.id), ('state', '=', 'planned'), ('date_planned', '>=', fields.Date.to_string(today))],
            order='date_planned, id', first=1, lines={'date': 'date_planned', 'kind': 'kind', 'user': 'user_id'},
        )]

    def _said(self, name, line):
        if name != 'next_contact':
            return super()._said(name, line)
        kinds = dict(self.env['fulfilment.care.task']._fields['kind']._description_selection(self.env))
        return f"{shown_date(self.env, line['date'])} · {kinds[line['kind']]} ({line['user'] or ''})"
