from odoo import api, models

from ..base.run import Action
from ..base.told import _lt, told


class FulfilmentAlert(models.Model):
    """The round of early warning, after the profile: what is new, what has gone, what nobody looks at, and who is told."""
    _inherit = 'fulfilment.alert'

    @api.model
    def _cron_warnings(self, as_of=None):
        """Hold every rule that watches against its alerts, raise and close, escalate, and send the daily mails.

        :param as_of: date to work for; each company's own today when None
        """
        # safe: a scheduled action works for all companies
        self = self.sudo()
        run = self.env['fulfilment.run']._open('warnings', as_of)
        # Archived ones, too: they may have alerts, which close.
        companies = self.env['res.company'].with_context(active_test=False).search([])
        days, moments = companies._fulfilment_today(as_of), companies._fulfilment_moments(as_of)
        rules = self.env['fulfilment.warning.rule'].search([('state', '=', 'active')])
        for rule in rules:
            # What is written for good is written in the language of the company it concerns.
            rule = rule.with_context(lang=(rule.company_id or companies[:1]).partner_id.lang or self.env.lang)
            if not self._round_rule(run, rule, as_of, days, moments):
                return
        # A rule that still watches was mended, if it had ever been set aside; one that failed was paused.
        run._transaction(lambda: self.env['fulfilment.problem']._solve(
            run.action, rules._name, rules.filtered(lambda rule: rule.state == 'active').ids,
        ) or {})
        done = self._round_escalation(run, moments) and self._round_digests(run, days, hour=as_of is None)
        if done:
            run._close()

    @api.model
    def _round_rule(self, run, rule, as_of, days, moments):
        """One rule: compare, then raise and close in slices. A rule that cannot be used is paused, and the others go on.

        :return: False when the scheduler's time was up
        """
        news = {}

        def compare():
            fresh, gone = rule._compare(days, as_of)
            reason = rule._why_not_now(fresh, self.env['res.company'].concat(*days), as_of)
            news.update(fresh=[] if reason else fresh, gone=gone)
            if reason:
                rule._pause(reason)
            elif rule.at_once:
                rule.at_once = 0  # agreed to once
            return {'rules paused': int(bool(reason))}

        error = run._transaction(compare)
        if error is not None:
            run._set_aside(rule._name, rule.id, error)
            run._transaction(lambda: rule._pause(told(rule.env, _lt("Its condition cannot be used: %s", error))) or {'rules paused': 1})
            return True
        if not news['fresh'] and not news['gone']:
            return True
        records = self.env[rule.model].with_context(as_of=as_of).browse(news['fresh'])

        def work_raise(some):
            # In the language of the slice; read as of the day.
            some = some.with_context(as_of=as_of)
            return {'alerts raised': len(self.with_env(some.env)._raise_for(rule.with_env(some.env), some, days, moments))}

        def work_close(some):
            return {'alerts closed': some._close(told(some.env, _lt("The rule does not fit any more")), days)}
        return run._slices(records.exists(), work_raise, size=500) and run._slices(self.browse(news['gone']), work_close, size=500)

    @api.model
    def _round_escalation(self, run, moments):
        late = self.search([
            ('state', '=', 'open'), ('escalate_on', '<=', max(moments.values())), ('rule_id.state', '=', 'active'),
        ], order='escalate_on, id')
        on = self.env['fulfilment.switch']._switched_on('warnings', late.company_id)
        late = late.filtered(lambda alert: alert.company_id in on and alert.escalate_on <= moments[alert.company_id])
        return run._slices(late, lambda alerts: alerts._escalate(max(moments[company] for company in alerts.company_id)))

    @api.model
    def _round_digests(self, run, days, hour):
        """Send the mails of owners whose companies want them, from the hour of the reminders on."""
        companies = self.env['res.company'].concat(*days).filtered(
            lambda company: company.fulfilment_warnings and company.fulfilment_alert_digest,
        )
        if hour:
            companies = companies.filtered(lambda company: company._fulfilment_hour_has_come())
        waiting = self.search([
            ('state', '=', 'open'), ('digest_id', '=', False), ('user_id.active', '=', True), ('company_id', 'in', companies.ids),
        ], order='user_id, id')
        told = {
            key for [key] in self.env['fulfilment.alert.digest']._read_group(
                [('claim_key', 'in', list({f'alerts: {alert.user_id.id}: {days[alert.company_id]}' for alert in waiting}))], ['claim_key'],
            )
        }
        owners = waiting.filtered(lambda alert: f'alerts: {alert.user_id.id}: {days[alert.company_id]}' not in told).user_id

        def work(users):
            digests = self.env['fulfilment.alert.digest'].with_env(users.env)
            alerts = self.with_env(users.env).search([('id', 'in', waiting.ids), ('user_id', 'in', users.ids)])
            return digests._tell(alerts, days)
        return run._slices(owners, work, size=100)


class FulfilmentRun(models.Model):
    _inherit = 'fulfilment.run'

    @api.model
    def _actions(self):
        return [*super()._actions(), Action(80, 'warnings', self.env._("Early warning"), 'fulfilment.alert', '_cron_warnings')]

    @api.model
    def _effect_labels(self):
        return {
            **super()._effect_labels(), 'alerts raised': self.env._("Alerts raised"), 'alerts closed': self.env._("Alerts closed"),
            'alerts escalated': self.env._("Alerts escalated"), 'mails about alerts': self.env._("Mails about alerts"),
            'rules paused': self.env._("Warning rules paused"),
        }
