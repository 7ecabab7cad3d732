from odoo import api, fields, models
from odoo.tools import split_every

from ..base.switch import Effect, Mechanism


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_care = fields.Boolean(
        string="Plan visits and calls",
        help="By the care plans of the customers' tiers. What contracts and occasions ask for comes anyway.",
    )


class FulfilmentSwitch(models.TransientModel):
    _inherit = 'fulfilment.switch'

    @api.model
    def _mechanisms(self):
        return [*super()._mechanisms(), Mechanism(
            'care', 'fulfilment_care', self.env._("Care plans"), self.env._(
                "Visits and calls are planned for the people responsible for customers, by the care plans of their tiers.",
            ), 'fa-handshake-o',
        )]

    @api.model
    def _preview_care(self, companies):
        """Preview visits, calls and follow-ups that would be planned, and the customers who would get none for want of a responsible."""
        tasks = self.env['fulfilment.care.task']
        kinds = dict(tasks._fields['kind']._description_selection(self.env))
        numbers, customers, without = {}, {}, []
        for company, day in companies.root_id._fulfilment_today().items():
            for ids in split_every(1000, tasks._profiles_to_care(company).ids):
                some = self.env['fulfilment.profile'].browse(ids)
                for profile, kind, _period, _begin, _end, _start, number, _user in tasks._compare_with_plans(company, day, some)[1]:
                    numbers[kind] = numbers.get(kind, 0) + number
                    customers.setdefault(kind, []).append(profile.id)
                cared = tasks._responsible_for(some, company, day)
                without += some.filtered(lambda one, cared=cared: one not in cared and one.partner_id.active).ids
        return [
            *(Effect(self.env._("Planned: %s", kinds[kind]), number, 'fulfilment.profile', sorted(set(customers[kind])))
              for kind, number in numbers.items()),
            Effect(self.env._("Customers nobody is responsible for"), len(without), 'fulfilment.profile', without,
                   self.env._("Nothing is planned for them.")),
        ]
