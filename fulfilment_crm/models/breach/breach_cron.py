from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ..base.run import Action


class FulfilmentBreach(models.Model):
    """The daily round over breaches: rules open cases, and people hear when the days to put it right have passed."""
    _inherit = 'fulfilment.breach'

    told_until = fields.Date(readonly=True, copy=False, guarded=True, help="The end of the days for which somebody was told.")

    @api.model
    def _cron_breaches(self, as_of=None):
        """Open cases by the rules, once while they last, and tell who is responsible of those not put right in time.

        :param as_of: the day to work for (date, or naive UTC datetime); with None each company's own today
        """
        self = self.sudo()  # safe: a scheduled action works for all companies
        run = self.env['fulfilment.run']._open('breaches', as_of)
        days = self.env['res.company'].search([])._fulfilment_today(as_of)
        on = self.env['fulfilment.switch']._switched_on('breach', self.env['res.company'].concat(*days))
        for company in on:
            for rule in self.env['fulfilment.breach.rule'].search([('company_id', 'in', (False, *company.parent_ids.ids))]):
                fresh = []
                # A rule that cannot be searched is set aside, and the others go on.
                if not run._slices(rule, partial(self._find_broken, company, days[company], fresh)):
                    return
                if not run._slices(self.env['fulfilment.milestone'].browse(fresh), partial(rule._open_slice, days[company])):
                    return
        here = Domain('company_id', 'in', [company.id for company in days])  # records of companies that are archived wait
        over = self.search(here & Domain('state', '=', 'noticed') & Domain('cure_until', '<', max(days.values())))
        near = self.env['fulfilment.legal.step'].search(
            here & Domain('state', 'in', ('planned', 'running')) & Domain('date_deadline', '!=', False),
        )
        if not run._slices(near, lambda some: some._near(days)._tell_deadlines()):
            return
        if not run._slices(self.search(here & self._limitation_domain()), lambda some: some._follow_limitation(some, days)):
            return
        if run._slices(over, lambda some: some.filtered(
            lambda one: one.cure_until < days[one.company_id] and one.told_until != one.cure_until,
        )._tell_not_cured()):
            run._close()

    @api.model
    def _find_broken(self, company, day, found, rule):
        """Collect the ids of the milestones that a rule finds broken and has no case of."""
        found[:] = (rule._broken(company, day) - rule._with_case()).ids
        return {}

    def _tell_not_cured(self):
        """Give who is responsible a to-do on cases that were not put right in time; returns ``{effect: count}``."""
        self._give_to_do(lambda env: env._("Not put right in time: claim, or take steps of the law"))
        for breach in self:
            breach.told_until = breach.cure_until
        return {'breaches not cured': len(self)}


class FulfilmentBreachRule(models.Model):
    _inherit = 'fulfilment.breach.rule'

    def _with_case(self):
        """Return the milestones the rule has opened a case of that lasts, or that somebody has said was none."""
        cases = self.env['fulfilment.breach'].search([('rule_id', '=', self.id)])
        # By their key as well: that is what another one would collide with.
        keyed = [int(key.rsplit(' ', 1)[1]) for key in cases.mapped('open_key') if key and key.startswith(f'rule {self.id}: milestone ')]
        return cases.filtered(lambda one: one.open_key or one.state == 'withdrawn').milestone_id | cases.milestone_id.browse(keyed)

    def _open_slice(self, day, milestones):
        """Open a case for each of these milestones that has none; returns ``{effect: count}``."""
        rule = self.exists()
        fresh = milestones - rule._with_case() if rule else milestones.browse()
        breaches = self.env['fulfilment.breach']
        cases = breaches._create_quietly([{
            **breaches._of_milestone(one), 'contract_id': one.contract_id.id, 'milestone_id': one.id, 'cause_id': rule.cause_id.id,
            'party': rule._party(one), 'user_id': (one.contract_user_id or one.company_id.fulfilment_manager_id).id,
            'opened_on': day, 'rule_id': rule.id, 'open_key': rule._key(one), 'cure_days': rule.cure_days,
        } for one in fresh])
        if rule.plan_id.step_ids and rule.plan_id.active and cases:
            rule.plan_id._start(cases.contract_id, as_of=day)
        return {'breaches opened': len(cases)}


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(18, 'breaches', self.env._("Breach cases"), 'fulfilment.breach', '_cron_breaches')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'breaches opened': self.env._("Breach cases opened"),
            'breaches not cured': self.env._("Not put right in time"),
            'deadlines of the law told': self.env._("Deadlines of the law told"),
            'limitation told': self.env._("Warnings of limitation"),
        }
