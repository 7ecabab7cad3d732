from odoo import api, fields, models

from ..base.switch import Effect, Mechanism


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_rewards = fields.Boolean(
        string="Grant rewards", help="Off: nothing new is granted by rule; what was granted is kept, ends and is taken back as before.",
    )


class FulfilmentSwitch(models.TransientModel):
    _inherit = 'fulfilment.switch'

    @api.model
    def _mechanisms(self):
        return [*super()._mechanisms(), Mechanism(
            'rewards', 'fulfilment_rewards', self.env._("Rewards"), self.env._(
                "Customers get points, coupons, terms, limits, priority or training by the reward rules in use, within their budgets.",
            ), 'fa-gift',
        )]

    @api.model
    def _preview_rewards(self, companies):
        """By rule in use, whom the next round would reward."""
        effects = []
        for company, day in companies.root_id._fulfilment_today().items():
            rules = self.env['fulfilment.reward.rule'].search([('state', '=', 'active'), ('company_id', 'in', [False, company.id])])
            for rule in rules:
                candidates = rule._candidates(company, day)
                chosen = candidates[:rule._affordable(company, day)]
                effects.append(Effect(
                    rule.name, len(chosen), 'fulfilment.profile', chosen.ids, self.env._(
                        "%s more are beyond the budget.", len(candidates) - len(chosen),
                    ) if len(candidates) > len(chosen) else '',
                ))
        return effects
