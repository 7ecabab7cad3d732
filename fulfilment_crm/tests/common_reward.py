"""The world of rewards: customers with figures, a rule in use, and the daily round."""
from odoo.fields import Command
from odoo.tests import new_test_user

from .common_profile import TODAY
from .test_profile_cron import CronCommon


class RewardCommon(CronCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Rule = cls.env['fulfilment.reward.rule']
        cls.Grant = cls.env['fulfilment.reward.grant']
        cls.Budget = cls.env['fulfilment.reward.budget']
        cls.Rule.search([]).action_stop()  # what was shipped or shown in a demo rewards nobody here
        cls.program = cls.env.ref('fulfilment_crm.loyalty_program_points')
        cls.manager = cls._make_user('r_manager', 'group_manager')
        cls.leader = cls._make_user('r_leader', 'group_leader')
        cls.company.fulfilment_manager_id = cls.manager
        cls.manager.company_ids = cls.env['res.company'].search([])  # rules for all companies are changed by who works in all

    @classmethod
    def _make_user(cls, login, group, *others):
        return new_test_user(
            cls.env, login, groups=','.join(['base.group_user', f'fulfilment_crm.{group}', *others]), company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)], email=f'{login}@a.example',
        )

    @classmethod
    def _make_rule(cls, active=True, **vals):
        """A rule for turnover of 1,000 or more: 100 points at 0.10 each."""
        rule = cls.Rule.create({
            'name': 'Turnover', 'explanation': 'You have bought a lot.', 'domain': "[('revenue_12m', '>=', 1000)]", 'period': 'quarter',
            'effect': 'points', 'points': 100, 'program_id': cls.program.id, 'cost_per_point': 0.1, 'budget': 1000, 'is_notified': False,
            **vals,
        })
        if active:
            rule.action_activate()
        return rule

    @classmethod
    def _make_profile(cls, turnover=2000, name='Rewarded', company=None, partner=None, **figures):
        company = company or cls.company
        return cls.env['fulfilment.profile'].create({
            'partner_id': (partner or cls._make_customer(name)).id, 'company_id': company.id, 'currency_id': company.currency_id.id,
            'revenue_12m': turnover, **figures,
        })

    def _round(self, day=TODAY):
        return self.run_cron(day, 'fulfilment.reward.grant', '_cron_rewards')

    def _round_without_ground(self, day=TODAY):
        """The round where figures are made up: documents, which there are none of, are not asked again."""
        grants = self.Grant.search([('condition', '!=', False)])
        kept = {grant: grant.condition for grant in grants}
        grants.condition = False
        run = self._round(day)
        for grant, condition in kept.items():
            grant.condition = condition
        return run

    def _grants(self, profile=None, rule=None):
        domain = [('partner_id', '=', profile.partner_id.id)] if profile else []
        return self.Grant.search(domain + ([('rule_id', '=', rule.id)] if rule else []), order='id')

    def _card(self, partner):
        return self.env['loyalty.card'].search([('partner_id', '=', partner.id), ('program_id', '=', self.program.id)])


class TermsCommon(RewardCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms = {days: cls.env['account.payment.term'].create({
            'name': f'{days} days', 'line_ids': [Command.create({'value': 'percent', 'value_amount': 100, 'nb_days': days})],
        }) for days in (15, 30, 60, 90)}

    def _term(self, partner, company=None):
        return partner.with_company(company or self.company).property_payment_term_id

    def _longer(self, days=60, **vals):
        """A rule that gives longer terms for 30 days."""
        return self._make_rule(effect='payment_term', payment_term_id=self.terms[days].id, days=30, unit_cost=30, **vals)
