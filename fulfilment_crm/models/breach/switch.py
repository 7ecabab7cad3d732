from odoo import api, fields, models

from ..base.switch import Effect, Mechanism
from .damages_accrual import IN_FORCE, accrued


class ResCompany(models.Model):
    _inherit = 'res.company'

    fulfilment_damages = fields.Boolean(string="Work out damages")
    fulfilment_breach = fields.Boolean(string="Open breach cases by rules")


class FulfilmentSwitch(models.TransientModel):
    _inherit = 'fulfilment.switch'

    @api.model
    def _mechanisms(self):
        return [*super()._mechanisms(), Mechanism(
            'damages', 'fulfilment_damages', self.env._("Damages"), self.env._(
                "Every day the damages for what is late are worked out from the signed clauses. Nothing is claimed by itself.",
            ), 'fa-hourglass-end',
        ), Mechanism(
            'breach', 'fulfilment_breach', self.env._("Breach cases"), self.env._(
                "Every day the rules of breaches open cases of what is late or was refused, and customers are judged anew.",
            ), 'fa-gavel',
        )]

    @api.model
    def _preview_damages(self, companies):
        """Late milestones of contracts whose clauses know damages, by who owes."""
        found, days = {}, companies._fulfilment_today()
        # safe: the effect on all records is what is asked for, by whoever may switch it on
        contracts = self.env['fulfilment.contract'].sudo().search([
            ('company_id', 'in', companies.ids), ('state', 'in', IN_FORCE), ('milestone_ids.state', 'in', ('pending', 'done')),
        ])
        late, unknown = contracts.milestone_ids._that_may_be_late(days), contracts._without_rate()
        for milestone, facts in late.filtered(lambda one: one.contract_id not in unknown)._damages_facts(days).items():
            if accrued(facts).total:
                found.setdefault(milestone.obligor, []).append(milestone.id)
        names = dict(self.env['fulfilment.damages']._fields['debtor']._description_selection(self.env))
        return [
            Effect(names[debtor], len(ids), 'fulfilment.milestone', sorted(ids)) for debtor, ids in sorted(found.items())
        ] + ([Effect(
            self.env._("Contracts whose reference rate nobody has entered"), len(unknown), 'fulfilment.contract', unknown.ids,
        )] if unknown else [])

    @api.model
    def _preview_breach(self, companies):
        """By rule, the milestones that a case would be opened of today."""
        effects, days = [], companies._fulfilment_today()
        # safe: as above
        for rule in self.env['fulfilment.breach.rule'].sudo().search([]):
            found = rule.env['fulfilment.milestone'].concat(*(
                rule._broken(company, days[company]) for company in companies
                if not rule.company_id or rule.company_id in company.parent_ids
            )) - rule._with_case()
            effects.append(Effect(rule.name, len(found), 'fulfilment.milestone', sorted(found.ids)))
        return effects
