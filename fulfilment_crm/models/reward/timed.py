from odoo import api, models
from odoo.fields import Domain

from ...tools.reward import used_days


class FulfilmentRewardTerms(models.AbstractModel):
    """What is given for a number of days and ends by itself, and to whom it is worth something."""
    _inherit = 'fulfilment.reward.terms'

    @api.model
    def _timed_effects(self):
        """Return the effects that end after their days; each file of an effect adds its own."""
        return []

    def _gains(self, company):
        """To whom a reward is worth something, as a domain on profiles: one method ``_gains_<effect>`` where it matters."""
        method = getattr(self, f'_gains_{self.effect}', None)
        return method(company) if method else Domain.TRUE


class FulfilmentRewardGrant(models.Model):
    _inherit = 'fulfilment.reward.grant'

    def _lasts_days(self):
        """Whether the reward holds for its days only."""
        self.ensure_one()
        return self.effect in self._timed_effects()

    def _others_in_force(self):
        """Find the rewards of the same kind that these customers have beside these: ``{(partner, company): grants, oldest first}``."""
        others = self.search([
            ('partner_id', 'in', self.partner_id.ids), ('company_id', 'in', self.company_id.ids), ('effect', 'in', self.mapped('effect')),
            ('state', '=', 'granted'), ('id', 'not in', self.ids),
        ], order='id')
        return dict(others.grouped(lambda one: (one.partner_id, one.company_id)))

    def _note_days_over(self, day):
        """Note what part of the days was had already, and so cost us its share."""
        for grant in self:
            used = used_days(grant.granted_on, day, grant.days)
            grant.write({'used': used, 'not_recovered': grant.currency_id.round(grant.cost * used / grant.days) if grant.days else 0.0})

    def _without_gain(self):
        """Those of these rewards, decided on some time after they were proposed, that would give the customer nothing more by now."""
        lost = self.browse()
        alike = self.filtered('profile_id').grouped(lambda one: (one.company_id, one.effect, one.payment_term_id, one.limit_kind))
        for (company, *_terms), grants in alike.items():
            profiles = self.env['fulfilment.profile'].with_company(company)
            gaining = profiles.search(Domain('id', 'in', grants.profile_id.ids) & grants[0]._gains(company))
            lost |= grants.filtered(lambda one, gaining=gaining: one.profile_id not in gaining)
        return lost

    def _places_of(self, company):
        """Return the root company and its branches."""
        # safe: ids of companies, to write the terms of the customer where they hold
        return self.env['res.company'].sudo().search([('id', 'child_of', company.id)], order='id')
