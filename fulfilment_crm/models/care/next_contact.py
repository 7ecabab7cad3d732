from odoo import api, fields, models
from odoo.tools import format_date


class FulfilmentProfile(models.Model):
    """Who talks to the customer next."""
    _inherit = 'fulfilment.profile'

    next_contact = fields.Char(
        string="Next contact", compute='_compute_next_contact', help="The next visit, call or follow-up that is planned.",
    )

    @api.depends('care_task_count')
    @api.depends_context('uid', 'lang')
    def _compute_next_contact(self):
        tasks = self.env['fulfilment.care.task']
        kinds = dict(tasks._fields['kind']._description_selection(self.env))
        today = self.company_id._fulfilment_today()
        planned = tasks.search([
            ('profile_id', 'in', self.ids), ('state', '=', 'planned'), ('date_planned', '>=', min(today.values(), default=False)),
        ], order='date_planned, id').grouped('profile_id')
        for profile in self:
            ahead = planned.get(profile, tasks)
            task = next((one for one in ahead if one.date_planned >= today[profile.company_id]), tasks)
            day = format_date(self.env, task.date_planned)
            profile.next_contact = f'{day} · {kinds[task.kind]} ({task.user_id.name})' if task else False
