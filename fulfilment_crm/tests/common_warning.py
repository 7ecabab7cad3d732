"""The world of early warning: a customer with figures, a rule over them, and the round."""
from datetime import timedelta

from odoo import api

from .common import TODAY, FulfilmentCommon


class WarningCommon(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env['fulfilment.warning.rule'].search([]).action_archive()
        cls.companies = cls.company_a | cls.company_b
        cls.profile = cls._make_profile(cls.customer)
        cls.rule = cls._make_rule()

    @classmethod
    def _make_profile(cls, partner, company=None, **vals):
        return cls.env['fulfilment.profile'].sudo().create({
            'partner_id': partner.id, 'company_id': (company or cls.company_a).id, 'user_id': cls.user_sales.id, **vals,
        })

    @classmethod
    def _make_rule(cls, state='active', **vals):
        return cls.env['fulfilment.warning.rule'].create({
            'name': 'Overdue', 'domain': "[('overdue_days_open', '>', 30)]", 'company_id': cls.company_a.id, 'quiet_days': 0,
            'state': state, **vals,
        })

    @classmethod
    def _many_profiles(cls, number, **vals):
        partners = cls.env['res.partner'].create([{'name': f'Customer {index:03}', 'is_company': True} for index in range(number)])
        return cls.env['fulfilment.profile'].sudo().create([
            {'partner_id': partner.id, 'company_id': cls.company_a.id, 'user_id': cls.user_sales.id, **vals} for partner in partners
        ])

    def go(self, days=0):
        """A round ``days`` after TODAY; returns its run."""
        self.env.invalidate_all(flush=True)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, api.SUPERUSER_ID, {})['fulfilment.alert']._cron_warnings(as_of=TODAY + timedelta(days=days))
        self.env.invalidate_all()
        return self.env['fulfilment.run'].search([('action', '=', 'warnings')], order='id desc', limit=1)

    def go_on(self, days=0):
        """What follows early warning ``days`` after TODAY: the register and the steps of responses; returns the counts of both runs."""
        self.env.invalidate_all(flush=True)
        actions = {'risks': ('fulfilment.risk', '_cron_risks'), 'responses': ('fulfilment.response', '_cron_responses')}
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, api.SUPERUSER_ID, {})
            for model, method in actions.values():
                getattr(env[model], method)(as_of=TODAY + timedelta(days=days))
        self.env.invalidate_all()
        runs = [self.env['fulfilment.run'].search([('action', '=', action)], order='id desc', limit=1) for action in actions]
        self.assertTrue(all(run.finished_on for run in runs))
        return {key: number for run in runs for key, number in (run.counts or {}).items()}

    def alerts(self, rule=None):
        return self.env['fulfilment.alert'].search([('rule_id', '=', (rule or self.rule).id)], order='id')
