from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ..base.run import Action
from ..base.told import _lt, told
from .reward_grant import OPEN

SPARE = 200  # customers looked at beyond the budget
OVERLAP = 3600  # seconds: transactions that began before the last run and were committed after it


class FulfilmentRewardGrant(models.Model):
    """The daily round: take back whose ground has gone, end what is over, reward who deserves it."""
    _inherit = 'fulfilment.reward.grant'

    @api.model
    def _cron_rewards(self, as_of=None):
        """Take back, end and grant rewards; each customer once a rule and period, and never beyond the budget.

        :param date as_of: the day to work for; each company's own today when None
        """
        # safe: a scheduled action works for all companies
        self = self.sudo()
        runs = self.env['fulfilment.run']
        previous = runs.search([('action', '=', 'rewards'), ('finished_on', '!=', False)], limit=1)
        since = fields.Datetime.subtract(previous.started_on, seconds=OVERLAP) if previous else None
        run = runs._open('rewards', as_of)
        for company, day in self.env['res.company'].search([]).root_id._fulfilment_today(as_of).items():
            done = self._round_ground(run, company, day, since) and self._round_over(run, company, day) \
                and (not company.fulfilment_rewards or self._round_rules(run, company, day))
            if not done:
                return
        run._close()

    @api.model
    def _round_ground(self, run, company, day, since):
        """Look again at what was granted in this period, and at customers whose documents were written since the last round."""
        domain = Domain('company_id', '=', company.id) & Domain('state', 'in', OPEN) & Domain('condition', '!=', False)
        if since:
            self.env.flush_all()
            changed = self.env['fulfilment.profile']._changed_partners(company, since)
            domain &= Domain('period_end', '>=', day) | Domain('partner_id', 'in', changed)

        def work(grants):
            lost = self._without_basis(company, day, grants.filtered(lambda one: one.state in OPEN))
            return lost._take_back(told(lost.env, _lt("The ground has gone")), day) if lost else {}
        return run._slices(self.search(domain, order='id'), work, size=1000)

    @api.model
    def _round_over(self, run, company, day):
        over = self.search([('company_id', '=', company.id), ('state', '=', 'granted'), ('ends_on', '<', day)], order='id')
        return run._slices(over, lambda grants: grants.filtered(lambda one: one.state == 'granted')._end(day))

    @api.model
    def _round_rules(self, run, company, day):
        """Reward by one rule after the other, those customers first whose turnover is highest, as far as the budget goes."""
        rules = self.env['fulfilment.reward.rule'].search([('state', '=', 'active'), ('company_id', 'in', [False, company.id])])
        for rule in rules:
            candidates = self._look_for_candidates(run, rule, company, day)
            if candidates and not run._slices(candidates, partial(self._grant, rule, company, day)):
                return False
            if candidates is not None:
                run._transaction(partial(self._note_beyond, rule, company, day))
        return True

    @api.model
    def _look_for_candidates(self, run, rule, company, day):
        """As many customers as the budget goes for and some more, in order; None for a rule that cannot be searched any more, which is set
        aside.
        """
        found = []

        def look():
            candidates = rule._candidates(company, day)
            number = rule._affordable(company, day)
            # Some more than the budget goes for, since a few may have to be set aside; each slice keeps to what is left.
            found[:] = candidates[:number and number + SPARE].ids
            self.env['fulfilment.problem']._solve(run.action, rule._name, rule.ids)
            return {}

        error = run._transaction(look)
        if error is not None:
            run._set_aside(rule._name, rule.id, error)
            self.env['ir.cron']._commit_progress()
            return None
        return self.env['fulfilment.profile'].browse(found)

    @api.model
    def _grant(self, rule, company, day, profiles):
        """Reward these customers by a rule, as far as the budget goes: one slice of the run.

        :return: ``{effect: count}``
        """
        self, rule = self.with_env(profiles.env), rule.with_env(profiles.env)  # in the language of the slice
        budget = self.env['fulfilment.reward.budget']._of(rule, company, day)
        budget._lock()
        found = rule._candidates(company, day, profiles)
        chosen = found[:budget._fitting(rule._cost_in(company))]
        if not chosen:
            return {}
        grants = self._propose(rule, company, day, chosen, budget)
        return grants._begin(day, rule.needs_approval)

    @api.model
    def _note_beyond(self, rule, company, day):
        """Write on the budget how many more the rule fits than it pays for."""
        candidates = len(rule._candidates(company, day))
        row = self.env['fulfilment.reward.budget']._running(rule, company, day)
        if not row and not candidates:
            return {}
        row = row or row._of(rule, company, day)
        number = row._fitting(rule._cost_in(company))
        beyond = 0 if number is None else max(candidates - number, 0)
        if row.waiting_count == beyond:
            return {}
        row.waiting_count = beyond
        return {'rewards beyond the budget': beyond}


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(40, 'rewards', self.env._("Rewards"), 'fulfilment.reward.grant', '_cron_rewards')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'rewards granted': self.env._("Rewards granted"),
            'rewards to approve': self.env._("Rewards sent into approval"), 'rewards taken back': self.env._("Rewards taken back"),
            'rewards ended': self.env._("Rewards ended"),
            'rewards beyond the budget': self.env._("Customers beyond the budget of rewards"),
        }
