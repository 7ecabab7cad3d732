from odoo import api, fields, models
from odoo.fields import Domain


class FulfilmentRewardTerms(models.AbstractModel):
    _inherit = 'fulfilment.reward.terms'

    effect = fields.Selection(selection_add=[('limit', "Higher credit limit")], ondelete={'limit': 'cascade'})
    limit_kind = fields.Selection(
        [('amount', "Amount"), ('percent', "Percent")], string="Raised by", default='percent', required=True, tracking=True,
    )
    limit_raise = fields.Float(
        string="Raise", digits=(16, 2), tracking=True, help="Of the credit limit, in percent or in the currency of the company.",
    )

    @api.model
    def _timed_effects(self):
        return [*super()._timed_effects(), 'limit']

    def _missing_limit(self):
        if not (self.limit_raise and self.days):
            return self.env._("Say by how much “%s” raises the limit, and for how many days.", self.name)
        return None

    def _gains_limit(self, company):
        """Return the domain of customers who have a limit; a percentage of nothing is nothing."""
        limited = Domain('company_id', '=', company.id) & Domain('limit_source', '!=', 'none')
        if self.limit_kind == 'percent':
            limited &= Domain('limit', '>', 0)
        # safe: whose limit it is, for the condition of a rule
        return Domain('partner_id', 'in', self.env['fulfilment.credit.line'].sudo()._search(limited).subselect('partner_id'))


class FulfilmentRewardGrant(models.Model):
    """A higher credit limit for a time: told again from all rewards in force whenever one begins or ends."""
    _inherit = 'fulfilment.reward.grant'

    def _effect_limit(self):
        """Raise the limit for a time: an amount of its own beside what grade or hand have set, which may change meanwhile."""
        others = self._others_in_force()
        for company, grants in self.grouped('company_id').items():
            # safe: the limit is what the reward is measured by
            lines = self.env['fulfilment.credit.line'].sudo()._of(grants.partner_id, company)
            for grant in grants:
                limit = lines[grant.partner_id].limit
                raised = limit * grant.limit_raise / 100 if grant.limit_kind == 'percent' else grant.limit_raise
                grant.given = {'raised': company.currency_id.round(raised)}
            self._show_raise(company, grants, others)

    def _take_back_limit(self, day):
        """Leave the limit raised by what other rewards give, or not any more."""
        others = self._others_in_force()
        for company, grants in self.grouped('company_id').items():
            self._show_raise(company, grants.browse(), others, grants.partner_id)

    def _show_raise(self, company, grants, others, partners=None):
        """Write by how much limits are raised: by the most that any reward in force gives."""
        partners = grants.partner_id if partners is None else partners
        # safe: the raise is what the reward consists of
        lines = self.env['fulfilment.credit.line'].sudo()._of(partners, company)
        for partner in partners:
            mine = grants.filtered(lambda one, partner=partner: one.partner_id == partner)
            amounts = [(one.given or {}).get('raised', 0.0) for one in mine | others.get((partner, company), grants.browse())]
            lines[partner].raised = max(amounts, default=0.0)
        lines[partners[0]].concat(*lines.values())._show_on_profile()

    def _move_limit(self):
        others = self._others_in_force()
        for company, grants in self.grouped('company_id').items():
            self._show_raise(company, grants, others)

    def _words_limit(self, until):
        return self.env._("Higher credit limit until %s", until) if until \
            else self.env._("Higher credit limit for %s days", self.days)
