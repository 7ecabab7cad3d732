from odoo import api, fields, models
from odoo.tools import format_date


class FulfilmentProfile(models.Model):
    """When somebody last talked to the customer, first on the page and in the line of time."""
    _inherit = 'fulfilment.profile'

    last_contact = fields.Char(string="Last contact", compute='_compute_last_contact')

    @api.depends('interaction_count')
    @api.depends_context('uid', 'lang')
    def _compute_last_contact(self):
        kinds = dict(self.env['fulfilment.interaction']._fields['kind']._description_selection(self.env))
        for profile in self:
            last = profile._latest_interactions(1)
            day = last and format_date(self.env, fields.Datetime.context_timestamp(last, last.date).date())
            profile.last_contact = f'{day} · {kinds[last.kind]} · {last.topic} ({last.user_id.name})' if last else False

    def _latest_interactions(self, number):
        self.ensure_one()
        return self.env['fulfilment.interaction'].search([
            ('commercial_partner_id', '=', self.partner_id.id), ('company_id', 'child_of', self.company_id.id),
        ], order='date desc, id desc', limit=number)

    def _happened(self):
        kinds = dict(self.env['fulfilment.interaction']._fields['kind']._description_selection(self.env))
        return [*super()._happened(), *self._told_of(
            self._latest_interactions(40), 'date', 'fa-comments-o', self.env._("Contact"), lambda one: (one.topic, kinds[one.kind]),
        )]
