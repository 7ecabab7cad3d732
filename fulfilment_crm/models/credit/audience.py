from odoo import api, models
from odoo.fields import Domain

from ..base.audience import Audience

CREDIT = {'changed_by': ('manager', 'credit'), 'read_by': ('legal', 'service', 'inspector')}


class IrRule(models.Model):
    """What credit control keeps: of one's own customers; credit control and managers reach everything."""
    _inherit = 'ir.rule'

    @api.model
    def _audience_assessment(self, reach, at):
        return Audience(
            own=reach.mine('user_id') | Domain('approval_ids.candidate_ids', 'in', [reach.uid]), team=reach.of_team('user_id'), **CREDIT,
        )

    @api.model
    def _audience_credit_line(self, reach, at):
        return Audience(
            own=self._own_profile([reach.uid, False]) | reach.mine('partner_id.user_id'),
            team=reach.of_team('partner_id.fulfilment_profile_ids.user_id'), **CREDIT,
        )

    @api.model
    def _audience_external_score(self, reach, at):
        return Audience(
            own=self._own_profile([reach.uid]) | reach.mine('partner_id.user_id'),
            team=reach.of_team('partner_id.fulfilment_profile_ids.user_id'), **CREDIT,
        )

    @api.model
    def _audience_decision(self, reach, at):
        # A decision tells exposure, limit and grade: of one's own orders where one may know them of the customer.
        profiles = self._audience_profile(reach, 'partner_id.fulfilment_profile_ids.')
        return Audience(
            own=(reach.mine('salesman_id') | reach.nobodys('salesman_id')) & self._profile_fits(profiles.own)
            | reach.mine('partner_id.user_id'),
            team=reach.of_team('salesman_id') & self._profile_fits(profiles.team), **CREDIT,
        )

    @api.model
    def _profile_fits(self, condition):
        """Return the condition for records of customers whose profile fits, or who have none yet."""
        fits = Domain.FALSE
        for company in self.env.companies.root_id:
            there = Domain('company_id', '=', company.id)
            profile = 'partner_id.fulfilment_profile_ids'
            fits |= there & (Domain(profile, 'any', there & condition) | Domain(profile, 'not any', there))
        return fits

    @api.model
    def _own_profile(self, users):
        companies = self.env.companies.ids
        return Domain('partner_id.fulfilment_profile_ids', 'any', [('user_id', 'in', users), ('company_id', 'parent_of', companies)])
