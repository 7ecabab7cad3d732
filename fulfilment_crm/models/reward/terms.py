from odoo import models
from odoo.fields import Domain

from ...tools.reward import used_days
from ..base.told import _lt, told


class FulfilmentRewardGrant(models.Model):
    """What is given for a time: longer terms, a higher limit, priority.

    Priority and the raise of a limit are told again from all rewards in force whenever one begins or ends. Of payment terms each grant
    keeps what held before all rewards (``before``) and what it put there (``given``), by company. When it goes, the newest other one in
    force holds, or else what was before; nothing is touched that somebody has changed since.
    """
    _inherit = 'fulfilment.reward.grant'

    def _others_in_force(self):
        """The rewards of the same kind that these customers have beside these: ``{(partner, company): grants, oldest first}``."""
        others = self.search([
            ('partner_id', 'in', self.partner_id.ids), ('company_id', 'in', self.company_id.ids), ('effect', 'in', self.mapped('effect')),
            ('state', '=', 'granted'), ('id', 'not in', self.ids),
        ], order='id')
        return dict(others.grouped(lambda one: (one.partner_id, one.company_id)))

    def _note_days_over(self, day):
        """What of the days was had already, and cost us its share."""
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

    # === PAYMENT TERMS === #

    def _effect_payment_term(self):
        """Give the terms in the root company and its branches, wherever the customer's own are shorter."""
        others = self._others_in_force()
        # Shorter ones first: a longer one may follow in the same call.
        alike = self.grouped(lambda one: (one.company_id, one.payment_term_id))
        for (company, term), grants in sorted(alike.items(), key=lambda one: _days(one[0][1])):
            before = {grant: {} for grant in grants}
            for place in self._places_of(company):
                # safe: the terms are what the reward consists of
                partners = grants.partner_id.sudo().with_company(place).with_context(tracking_disable=True)
                now = {partner.id: partner.property_payment_term_id for partner in partners}
                shorter = partners.filtered(lambda one, now=now, term=term: _days(now[one.id]) < _days(term))
                for grant in grants.filtered(lambda one, shorter=shorter: one.partner_id in shorter):
                    mine = others.get((grant.partner_id, grant.company_id), grant.browse())
                    before[grant][str(place.id)] = mine._holds(str(place.id), now[grant.partner_id.id].id)
                shorter.property_payment_term_id = term
            for grant in grants:
                grant.write({'before': before[grant], 'given': dict.fromkeys(before[grant], term.id)})
                key = (grant.partner_id, grant.company_id)
                others[key] = others.get(key, grant.browse()) | grant

    def _holds(self, key, current):
        """What held before all these rewards, if one of them put there what is there now; else what is there.

        :param str key: the company, as in ``before`` and ``given``
        """
        ours = self.filtered(lambda one: (one.given or {}).get(key) == current)[-1:]
        return ours.before[key] if ours else current

    def _goes_back_to(self, key, others):
        """What holds when this reward goes: what the newest other one gave, or else what was before."""
        self.ensure_one()
        others = others.filtered(lambda one: key in (one.before or {}) and one.before[key] == self.before[key])[-1:]
        return others.given[key] if others else self.before[key]

    def _take_back_payment_term(self, day):
        """The terms that held before, company by company, where these still hold."""
        others, changes, now = self._others_in_force(), {}, {}
        together = dict(self.grouped(lambda one: (one.partner_id, one.company_id)))
        for grant in self:
            for key, given in (grant.given or {}).items():
                back = grant._goes_back_to(key, others.get((grant.partner_id, grant.company_id), grant.browse()))
                changes[key, given, back] = changes.get((key, given, back), grant.browse()) | grant
        for key in {key for key, _given, _back in changes}:
            for partner in self.partner_id.with_company(int(key)):
                now[key, partner.id] = partner.property_payment_term_id.id
        for (key, given, back), grants in changes.items():
            # safe: as in _effect_payment_term
            partners = grants.partner_id.sudo().with_company(int(key)).with_context(tracking_disable=True)
            ours = partners.filtered(lambda one, key=key, given=given: now[key, one.id] == given)
            ours.property_payment_term_id = self.env['account.payment.term'].browse(back or []).exists()
            for grant in grants.filtered(lambda one, ours=ours: one.partner_id not in ours):
                place = (grant.partner_id, grant.company_id)
                rewards = together[place] | others.get(place, grant.browse())
                if now[key, grant.partner_id.id] not in [(one.given or {}).get(key) for one in rewards]:
                    grant.outcome = told(self.env, _lt("Somebody has changed the payment terms meanwhile; they stay as they are."))

    def _places_of(self, company):
        """The root company and its branches."""
        # safe: ids of companies, to write the terms of the customer where they hold
        return self.env['res.company'].sudo().search([('id', 'child_of', company.id)], order='id')

    # === CREDIT LIMIT === #

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
        """The limit is raised by what other rewards give, or not any more."""
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

    # === PRIORITY === #

    def _effect_priority(self):
        """Priority until the latest of what is given."""
        others = self._others_in_force()
        for company, grants in self.grouped('company_id').items():
            self._show_priority(company, grants, others)

    def _take_back_priority(self, day):
        """Priority until the latest of what is left."""
        others = self._others_in_force()
        for company, grants in self.grouped('company_id').items():
            self._show_priority(company, grants.browse(), others, grants.partner_id)

    def _show_priority(self, company, grants, others, partners=None):
        """Write until when customers have priority with a company and its branches: the last day of any reward in force."""
        until = {}
        for partner in (grants.partner_id if partners is None else partners):
            mine = grants.filtered(lambda one, partner=partner: one.partner_id == partner)
            days = (mine | others.get((partner, company), grants.browse())).mapped('ends_on')
            until.setdefault(max(days, default=False), partner.browse())
            until[max(days, default=False)] |= partner
        for day, group in until.items():
            for place in self._places_of(company):
                # safe: priority is what the reward consists of
                group.sudo().with_company(place).with_context(tracking_disable=True).fulfilment_priority_until = day


class FulfilmentRewardTerms(models.AbstractModel):
    """To whom a reward is worth something, as a domain on profiles; one method ``_gains_<effect>`` where it matters."""
    _inherit = 'fulfilment.reward.terms'

    def _gains(self, company):
        method = getattr(self, f'_gains_{self.effect}', None)
        return method(company) if method else Domain.TRUE

    def _gains_payment_term(self, company):
        """Customers whose terms are shorter."""
        # safe: how long terms are
        terms = self.env['account.payment.term'].sudo().search([])
        shorter = terms.filtered(lambda one: _days(one) < _days(self.payment_term_id))
        return Domain('partner_id', 'any', [('property_payment_term_id', 'in', [False, *shorter.ids])])

    def _gains_limit(self, company):
        """Customers who have a limit; of nothing, a percentage is nothing."""
        limited = Domain('company_id', '=', company.id) & Domain('limit_source', '!=', 'none')
        if self.limit_kind == 'percent':
            limited &= Domain('limit', '>', 0)
        # safe: whose limit it is, for the condition of a rule
        return Domain('partner_id', 'in', self.env['fulfilment.credit.line'].sudo()._search(limited).subselect('partner_id'))


def _days(term):
    """How long terms are; none are no days."""
    return term._fulfilment_days() if term else 0
