from functools import partial

from odoo import api, models
from odoo.fields import Domain

from ...tools.shown_date import shown_date
from ..base.run import Action
from .risk_flow import MITIGATION, REVIEW


class FulfilmentRisk(models.Model):
    """The daily round: owners get a to-do for each review and mitigation that is due, once."""
    _inherit = 'fulfilment.risk'

    @api.model
    def _cron_risks(self, as_of=None):
        """Tell owners of reviews and mitigations that are due.

        :param as_of: date to work for; each company's own today when None
        """
        # safe: a scheduled action works for all companies
        self = self.sudo()
        run = self.env['fulfilment.run']._open('risks', as_of)
        # Archived ones, too: what is under way there goes on.
        companies = self.env['res.company'].with_context(active_test=False).search([]).root_id
        if self._round(run, companies._fulfilment_today(as_of)):
            run._close()

    @api.model
    def _round(self, run, day_of):
        """Tell owners of what is due on the days of root companies.

        :param run: the ``fulfilment.run`` under way
        :param dict day_of: ``{root company: date}``
        :return: False when the scheduler's time was up
        """
        return run._slices(self._to_tell(day_of), partial(self._tell, day_of=day_of))

    @api.model
    def _to_tell(self, day_of):
        return self.search(Domain.OR(
            Domain('company_id', 'child_of', company.id) & (
                Domain('state', '!=', 'closed') & Domain('review_told', '=', False) & Domain('next_review', '<=', day)
                | Domain('state', '=', 'open') & Domain('mitigation_told', '=', False) & Domain('date_mitigation', '<=', day)
                # Odoo deletes the to-dos of whoever is archived.
                | Domain('state', '!=', 'closed') & Domain('user_id.active', '=', False) & Domain('activity_ids', '=', False)
                & (Domain('review_told', '=', True) | Domain('mitigation_told', '=', True))
            ) for company, day in day_of.items()
        ), order='id')

    @api.model
    def _tell(self, risks, day_of):
        """Give the to-dos that are missing. A risk nobody is left to see to is told of in the next round.

        :return: ``{effect: count}``
        """
        risks._tell_again()
        owners, counts = risks._owners(), {'risks without owner': len(risks)}
        risks = risks.filtered(lambda risk: owners[risk])
        counts['risks without owner'] -= len(risks)
        for effect, told, date, kind, state in (
            ('risk reviews told', 'review_told', 'next_review', REVIEW, ('open', 'mitigated', 'accepted', 'occurred')),
            ('risk mitigations told', 'mitigation_told', 'date_mitigation', MITIGATION, ('open',)),
        ):
            due = risks.filtered(
                lambda risk, told=told, date=date, state=state: risk.state in state and not risk[told] and risk[date]
                and risk[date] <= day_of[risk.company_id.root_id]
            )
            due[told] = True
            self._give_to_dos(kind, [
                (risk, owners[risk], self._told_in(owners[risk]._fulfilment_env(), told, risk[date]), risk[date]) for risk in due
            ])
            counts[effect] = len(due)
        return counts

    @api.model
    def _told_in(self, env, told, day):
        """Tell what there is to do about a risk, in the language of an environment."""
        return env._("Review the risk") if told == 'review_told' else env._("Mitigation due %s", shown_date(env, day))

    def _owners(self):
        """Who sees to each risk: its owner, else the fulfilment manager; empty where neither is there any more."""
        owners = {}
        for risk in self:
            company = risk.company_id
            people = (risk.user_id, company.fulfilment_manager_id)
            owners[risk] = next((one for one in people if one.active and company in one.company_ids), self.env['res.users'])
        return owners


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(82, 'risks', self.env._("Register of risks"), 'fulfilment.risk', '_cron_risks')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(),
            'risk reviews told': self.env._("Reviews of risks told"), 'risk mitigations told': self.env._("Mitigations of risks told"),
            'risks without owner': self.env._("Risks nobody sees to"),
        }
