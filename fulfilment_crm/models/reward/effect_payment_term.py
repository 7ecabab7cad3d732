from odoo import api, fields, models
from odoo.fields import Domain

from ..base.told import _lt, told


class FulfilmentRewardTerms(models.AbstractModel):
    _inherit = 'fulfilment.reward.terms'

    effect = fields.Selection(selection_add=[('payment_term', "Longer payment term")], ondelete={'payment_term': 'cascade'})
    payment_term_id = fields.Many2one(
        'account.payment.term', string="Payment terms", tracking=True, ondelete='restrict',
        help="Given to customers whose terms are shorter.",
    )

    @api.model
    def _timed_effects(self):
        return [*super()._timed_effects(), 'payment_term']

    def _missing_payment_term(self):
        if not (self.payment_term_id and self.days):
            return self.env._("Choose the payment terms of “%s”, and for how many days.", self.name)
        return None

    def _gains_payment_term(self, company):
        """Return the domain of customers whose payment terms are shorter."""
        # safe: how long terms are
        terms = self.env['account.payment.term'].sudo().search([])
        shorter = terms.filtered(lambda one: _days(one) < _days(self.payment_term_id))
        return Domain('partner_id', 'any', [('property_payment_term_id', 'in', [False, *shorter.ids])])


class FulfilmentRewardGrant(models.Model):
    """Longer payment terms for a time.

    Each grant keeps what held before all rewards (``before``) and what it put there (``given``), by company. When it goes, the newest
    other one in force holds, or else what was before; nothing is touched that somebody has changed since.
    """
    _inherit = 'fulfilment.reward.grant'

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
        """Return what held before all these rewards, if one of them put there what is there now; else what is there.

        :param str key: the company, as in ``before`` and ``given``
        """
        ours = self.filtered(lambda one: (one.given or {}).get(key) == current)[-1:]
        return ours.before[key] if ours else current

    def _goes_back_to(self, key, others):
        """Return what holds when this reward goes: what the newest other one gave, or else what was before."""
        self.ensure_one()
        others = others.filtered(lambda one: key in (one.before or {}) and one.before[key] == self.before[key])[-1:]
        return others.given[key] if others else self.before[key]

    def _take_back_payment_term(self, day):
        """Bring back the terms that held before, company by company, where those of the reward still hold."""
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

    def _move_payment_term(self):
        """Their customer is another one by now, who may have as long or longer terms."""
        worth = self - self._without_gain()
        # What does not gain by them loses nothing when they end.
        (self - worth).write({'before': {}, 'given': {}})
        worth._effect_payment_term()

    def _words_payment_term(self, until):
        name = self.payment_term_id.name or ''
        return self.env._("Payment terms “%(name)s” until %(date)s", name=name, date=until) if until \
            else self.env._("Payment terms “%(name)s” for %(days)s days", name=name, days=self.days)


def _days(term):
    """How long terms are; none are no days."""
    return term._fulfilment_days() if term else 0
