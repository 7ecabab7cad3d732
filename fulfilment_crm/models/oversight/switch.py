from odoo import api, models
from odoo.fields import Domain

from ..base.switch import Effect, Mechanism


class FulfilmentSwitch(models.TransientModel):
    _inherit = 'fulfilment.switch'

    @api.model
    def _mechanisms(self):
        return [*super()._mechanisms(), Mechanism(
            'reviews', 'fulfilment_reviews', self.env._("Reviews and evaluations"), self.env._(
                "Reviews are made when their period has ended, by the plans; stages are evaluated when they end. Reviewers get a to-do.",
            ), 'fa-search',
        ), Mechanism(
            'checks', 'fulfilment_checks', self.env._("Process checks"), self.env._(
                "Every night each check counts what is not as it should be, and opens findings of it. Changes of customer files are noted.",
            ), 'fa-check-square-o',
        ), Mechanism(
            'mechanisms', 'fulfilment_mechanisms', self.env._("Register of mechanisms"), self.env._(
                "Key figures of the firm's own mechanisms are kept each day, and owners reminded to look at them.",
            ), 'fa-cogs',
        )]

    @api.model
    def _preview_reviews(self, companies):
        """By plan, the contracts a review would be made of today."""
        days, effects = companies._fulfilment_today(), []
        # safe: the effect on all records is what is asked for, by whoever may switch it on
        contracts = self.env['fulfilment.contract'].sudo().search(companies._reviews_due(days))
        periods, _following = contracts._periods_due(days)
        known = self.env['fulfilment.review'].sudo()._read_group([('claim_key', 'in', [  # safe: as above
            f'review:{one.id}:{start}:{end}' for one, (_plan, start, end) in periods.items()
        ])], ['contract_id'])
        due = {contract: plan for contract, (plan, _start, _end) in periods.items() if contract not in [one for [one] in known]}
        for plan in dict.fromkeys(due.values()):
            ids = sorted(contract.id for contract, own in due.items() if own == plan)
            effects.append(Effect(plan.name, len(ids), 'fulfilment.contract', ids))
        return effects

    @api.model
    def _preview_checks(self, companies):
        """By check, the records it would show today."""
        effects = []
        # safe: as above
        for check in self.env['fulfilment.process.check'].sudo().search([]):
            found = check.env[check.model].search(check._exceptions() & Domain('company_id', 'in', companies.ids))
            effects.append(Effect(check.name, len(found), check.model, sorted(found.ids)))
        return effects

    @api.model
    def _preview_mechanisms(self, companies):
        """Return the mechanisms whose owners would be reminded today."""
        today = min(companies._fulfilment_today().values())
        # safe: as above
        due = self.env['fulfilment.mechanism'].sudo().search([('next_check_on', '<=', today)])
        return [Effect(self.env._("Mechanisms to be looked at"), len(due), 'fulfilment.mechanism', sorted(due.ids))]

