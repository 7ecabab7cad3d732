from odoo import models
from odoo.fields import Domain

from ...tools.reward import used_days


class FulfilmentRewardGrant(models.Model):
    """What is given for a time: longer terms, a higher limit, priority.

    Each grant keeps what held before all rewards of its kind (``before``) and what it put there (``given``). When it goes, the newest
    other one in force holds, or else what was before; nothing is touched that somebody has changed since.
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

    def _holds(self, key, current):
        """What held before all these rewards, if one of them put there what is there now; else what is there.

        :param str key: the place, as in ``before`` and ``given``
        """
        ours = self.filtered(lambda one: (one.given or {}).get(key) == current)[-1:]
        return ours.before[key] if ours else current

    def _goes_back_to(self, key, others):
        """What holds when this reward goes: what the newest other one gave, or else what was before."""
        self.ensure_one()
        others = others.filtered(lambda one: (one.before or {}).get(key) == self.before[key])[-1:]
        return others.given[key] if others else self.before[key]

    # === PAYMENT TERMS === #

    def _effect_payment_term(self):
        """Give the terms in the root company and its branches."""
        others = self._others_in_force()
        for (company, term), grants in self.grouped(lambda one: (one.company_id, one.payment_term_id)).items():
            before = {grant: {} for grant in grants}
            for place in self._places_of(company):
                # safe: the terms are what the reward consists of
                partners = grants.partner_id.sudo().with_company(place).with_context(tracking_disable=True)
                now = {partner.id: partner.property_payment_term_id.id for partner in partners}
                for grant in grants:
                    mine = others.get((grant.partner_id, grant.company_id), grant.browse())
                    before[grant][str(place.id)] = mine._holds(str(place.id), now[grant.partner_id.id])
                partners.property_payment_term_id = term
            for grant in grants:
                grant.write({'before': before[grant], 'given': dict.fromkeys(before[grant], term.id)})

    def _take_back_payment_term(self, day):
        """The terms that held before, place by place, where these still hold."""
        others, changes = self._others_in_force(), {}
        for grant in self:
            for key, given in (grant.given or {}).items():
                back = grant._goes_back_to(key, others.get((grant.partner_id, grant.company_id), grant.browse()))
                changes[key, given, back] = changes.get((key, given, back), grant.browse()) | grant
        for (key, given, back), grants in changes.items():
            # safe: as in _effect_payment_term
            partners = grants.partner_id.sudo().with_company(int(key)).with_context(tracking_disable=True)
            ours = partners.filtered(lambda one, given=given: one.property_payment_term_id.id == given)
            ours.property_payment_term_id = self.env['account.payment.term'].browse(back or []).exists()
            grants.filtered(lambda one, ours=ours: one.partner_id not in ours).outcome = \
                self.env._("Somebody has changed the payment terms meanwhile; they stay as they are.")

    def _places_of(self, company):
        """The root company and its branches."""
        # safe: ids of companies, to write the terms of the customer where they hold
        return self.env['res.company'].sudo().search([('id', 'child_of', company.id)], order='id')

    # === CREDIT LIMIT === #

    def _effect_limit(self):
        """Raise the limit on the credit line, as one set by hand."""
        others = self._others_in_force()
        for company, grants in self.grouped('company_id').items():
            # safe: the limit is what the reward consists of
            lines = self.env['fulfilment.credit.line'].sudo()._of(grants.partner_id, company)
            for grant in grants:
                line, key = lines[grant.partner_id], (grant.partner_id, grant.company_id)
                mine = others.get(key, grant.browse())
                limit, source = mine._holds('line', [company.currency_id.round(line.limit), line.limit_source])
                raised = limit * grant.limit_raise / 100 if grant.limit_kind == 'percent' else grant.limit_raise
                given = company.currency_id.round(limit + raised)
                grant.write({'before': {'line': [limit, source]}, 'given': {'line': [given, 'manual']}})
                line.write({'limit': given, 'limit_source': 'manual'})
                others[key] = mine | grant
            lines[grants[0].partner_id].concat(*lines.values())._show_on_profile()

    def _take_back_limit(self, day):
        """The limit that held before; one that came from the grade is worked out from the grade as it is now."""
        others, terms = self._others_in_force(), self.env['fulfilment.credit.grade']._terms()
        for company, grants in self.grouped('company_id').items():
            # safe: as in _effect_limit
            lines = self.env['fulfilment.credit.line'].sudo()._of(grants.partner_id, company)
            for grant in grants:
                line = lines[grant.partner_id]
                if [company.currency_id.round(line.limit), line.limit_source] != (grant.given or {}).get('line'):
                    grant.outcome = self.env._("Somebody has changed the credit limit meanwhile; it stays as it is.")
                    continue
                limit, source = grant._goes_back_to('line', others.get((grant.partner_id, grant.company_id), grant.browse()))
                if source == 'grade' and line.grade_id:
                    limit = terms[line.grade_id.id].limit_for(grant.profile_id.revenue_12m)
                    source = 'none' if limit is None else 'grade'
                line.write({'limit': limit or 0.0, 'limit_source': source})
            lines[grants[0].partner_id].concat(*lines.values())._show_on_profile()

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


class FulfilmentRewardRule(models.Model):
    _inherit = 'fulfilment.reward.rule'

    def _gains_payment_term(self, company):
        """Customers whose terms are shorter."""
        # safe: how long terms are
        terms = self.env['account.payment.term'].sudo().search([])
        shorter = terms.filtered(lambda one: one._fulfilment_days() < self.payment_term_id._fulfilment_days())
        return Domain('partner_id', 'any', [('property_payment_term_id', 'in', [False, *shorter.ids])])

    def _gains_limit(self, company):
        """Customers who have a limit; of nothing, a percentage is nothing."""
        limited = Domain('company_id', '=', company.id) & Domain('limit_source', '!=', 'none')
        if self.limit_kind == 'percent':
            limited &= Domain('limit', '>', 0)
        # safe: whose limit it is, for the condition of a rule
        return Domain('partner_id', 'in', self.env['fulfilment.credit.line'].sudo()._search(limited).subselect('partner_id'))
