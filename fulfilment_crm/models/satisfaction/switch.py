from odoo import api, fields, models

from ..base.switch import Effect, Mechanism
from .survey_cron import unpaused_contracts, unpaused_profiles


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_surveys = fields.Boolean(
        string="Send satisfaction surveys", help="Off: nobody is asked or reminded; answers still count.",
    )


class FulfilmentSwitch(models.TransientModel):
    _inherit = 'fulfilment.switch'

    @api.model
    def _mechanisms(self):
        return [*super()._mechanisms(), Mechanism(
            'surveys', 'fulfilment_surveys', self.env._("Satisfaction surveys"), self.env._(
                "Customers are asked how satisfied they are, by the survey plans, and reminded when they do not answer.",
            ), 'fa-smile-o',
        )]

    @api.model
    def _preview_surveys(self, companies):
        """By plan, whom the next round would ask, and who would be written to again."""
        requests, today = self.env['fulfilment.survey.request'], companies._fulfilment_today()
        effects = []
        for plan in self.env['fulfilment.survey.plan'].search([('survey_id.active', '=', True)]):
            profiles, contracts = self.env['fulfilment.profile'], self.env['fulfilment.contract']
            for company, day in today.items():
                contracts |= unpaused_contracts(plan._due_contracts(company, day), day)
                if company == company.root_id:
                    profiles |= unpaused_profiles(plan._due_profiles(company, day), day)
            effects += [
                Effect(self.env._("%s: customers asked", plan.name), len(profiles), profiles._name, profiles.ids),
                Effect(self.env._("%s: asked at the end of contracts", plan.name), len(contracts), contracts._name, contracts.ids),
            ]
        waiting, due = requests._domain_waiting(today, companies), requests._domain_reminded(today, companies)
        for name, domain in ((self.env._("Waiting requests sent"), waiting), (self.env._("Customers reminded"), due)):
            found = requests.search(domain)._unpaused(today)
            effects.append(Effect(name, len(found), requests._name, found.ids))
        return effects
