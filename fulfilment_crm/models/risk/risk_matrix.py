from odoo import api, models
from odoo.fields import Domain

from .risk import LIVE


class FulfilmentRisk(models.Model):
    """The register as a matrix of likelihood and impact."""
    _inherit = 'fulfilment.risk'

    @api.model
    @api.readonly
    def get_matrix(self, residual=False, mine=False, category=None, company=None):
        """Count the risks that may still happen by likelihood and impact.

        :param bool residual: as judged after the mitigation
        :param bool mine: only those the user owns
        :param str category: only this one
        :param int company: id; only this one of the user's companies
        :return: ``cells`` (25, each with ``likelihood``, ``impact``, ``count``, ``level`` and the ``domain`` that finds its risks),
            ``total``, the words of both axes, ``gravest`` (the eight gravest risks), ``unjudged`` (count and domain of those whose
            residual risk is not judged), and what can be chosen
        """
        domain = Domain('state', 'in', LIVE)
        if mine:
            domain &= Domain('user_id', '=', self.env.uid)
        if category:
            domain &= Domain('category', '=', category)
        if company:
            domain &= Domain('company_id', '=', company)
        likelihood, impact = ('residual_likelihood', 'residual_impact') if residual else ('likelihood', 'impact')
        level, score = ('residual_level', 'residual_score') if residual else ('level', 'score')
        counts, unjudged = {}, 0
        for one, other, number in self._read_group(domain, [likelihood, impact], ['__count']):
            if one and other:
                counts[one, other] = number
            else:
                unjudged += number
        judge = self.env.companies.browse(company) if company in self.env.companies.ids else self.env.company
        return {
            'cells': [{
                'likelihood': one, 'impact': other, 'count': counts.get((one, other), 0),
                'level': judge._fulfilment_risk_level(one * other),
                'domain': list(domain & Domain(likelihood, '=', one) & Domain(impact, '=', other)),
            } for one in range(5, 0, -1) for other in range(1, 6)],
            'total': sum(counts.values()),
            'likelihoods': [
                self.env._("Rare"), self.env._("Unlikely"), self.env._("Possible"), self.env._("Likely"), self.env._("Almost certain"),
            ],
            'impacts': [
                self.env._("Hardly felt"), self.env._("Small"), self.env._("Noticeable"), self.env._("Grave"),
                self.env._("Threatens the firm"),
            ],
            'gravest': [{
                'id': risk.id, 'name': risk.name, 'detail': risk.commercial_partner_id.name or '', 'level': risk[level],
            } for risk in self.search_fetch(
                domain & Domain(level, '!=', False), ['name', 'commercial_partner_id', level], order=f'{score} desc, id', limit=8,
            )],
            'unjudged': {
                'count': unjudged, 'domain': list(domain & (Domain(likelihood, '=', False) | Domain(impact, '=', False))),
            },
            'levels': dict(self._fields['level']._description_selection(self.env)),
            'categories': self._fields['category']._description_selection(self.env),
            'companies': [(one.id, one.display_name) for one in self.env.companies] if len(self.env.companies) > 1 else [],
            'can_create': self.has_access('create'),
        }
