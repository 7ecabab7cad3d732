from odoo import fields, models
from odoo.exceptions import UserError


class FulfilmentLoyaltyProposal(models.Model):
    """What is granted to a satisfied customer is given through the reward rule the company has named for it."""
    _inherit = 'fulfilment.loyalty.proposal'

    reward_grant_id = fields.Many2one(
        'fulfilment.reward.grant', string="Reward", readonly=True, copy=False, index='btree_not_null', ondelete='set null',
    )

    def _is_guarded(self, field):
        return super()._is_guarded(field) or field.name == 'reward_grant_id'

    def action_grant(self):
        """Grant what is proposed, and give it where the company has named a reward rule of that kind.

        :raise UserError: when the rule cannot be used, or its budget is used up
        """
        self._check_proposed()
        result = super().action_grant()
        today = self.company_id._fulfilment_today()
        # safe: the rewards follow from proposals the user was allowed to grant
        for (company, rule), proposals in self.sudo().grouped(
            lambda one: (one.company_id, one.company_id.root_id.fulfilment_satisfied_rule_id),
        ).items():
            served = proposals.filtered(lambda one, rule=rule: rule and rule.active and one.kind == rule.effect)
            if served:
                served._give_reward(rule, company.root_id, today[company])
        return result

    def _give_reward(self, rule, company, day):
        """Give customers what a rule says, once a period whichever way they come to it."""
        if fault := rule._fault_of_terms():
            raise UserError(fault)
        grants = self.env['fulfilment.reward.grant']
        customers = self.commercial_partner_id
        profiles = self.env['fulfilment.profile']
        profiles._refresh(customers, companies=company)
        profiles = profiles.search([('partner_id', 'in', customers.ids), ('company_id', '=', company.id)])
        had = grants.search([
            ('rule_id', '=', rule.id), ('company_id', '=', company.id), ('period_start', '<=', day), ('period_end', '>=', day),
            ('partner_id', 'in', customers.ids),
        ])
        fresh = profiles.filtered(lambda one: one.partner_id not in had.partner_id)
        made = grants._propose(rule, company, day, fresh) if fresh else grants
        proposal_of = {proposal.commercial_partner_id: proposal for proposal in self}
        for grant in made:
            grant.reason = proposal_of[grant.partner_id].satisfaction_id.display_name
        made._begin(day, rule.needs_approval)
        grant_of = {grant.partner_id: grant for grant in had | made}
        for proposal in self:
            proposal.reward_grant_id = grant_of.get(proposal.commercial_partner_id, False)
