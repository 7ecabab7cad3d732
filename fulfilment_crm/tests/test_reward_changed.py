"""What has changed before a reward is given, or since: terms, limits, branches, periods, mergers."""
from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_profile import TODAY
from .common_reward import TermsCommon


@tagged('post_install', '-at_install')
class TestRewardChanged(TermsCommon):
    def _approve_all(self, grants):
        """As the whole chain would."""
        grants.approval_state = 'approved'
        grants._on_approved()

    def test_longer_terms_of_ones_own_by_the_time_of_approval(self):
        profile = self._make_profile()
        rule = self._longer(needs_approval=True)
        self._round()
        grant = self._grants(profile)
        self.assertEqual((grant.state, rule.budget_ids.spent), ('in_approval', 30))
        profile.partner_id.with_company(self.company).property_payment_term_id = self.terms[90]
        self._approve_all(grant)
        self.assertEqual((grant.state, self._term(profile.partner_id), rule.budget_ids.spent), ('refused', self.terms[90], 0))
        self.assertTrue(grant.taken_back_reason)

    def test_no_limit_any_more_by_the_time_of_approval(self):
        profile = self._make_profile()
        line = self.env['fulfilment.credit.line']._of(profile.partner_id, self.company)[profile.partner_id]
        line.write({'limit': 1000, 'limit_source': 'manual'})
        self._make_rule(effect='limit', limit_kind='amount', limit_raise=500, days=30, unit_cost=1, needs_approval=True)
        self._round()
        line.write({'limit': 0, 'limit_source': 'none'})
        self._approve_all(self._grants(profile))
        self.assertEqual((self._grants(profile).state, line._effective_limit(0)), ('refused', None))

    def test_without_approval_in_the_company_the_day_is_that_of_the_round(self):
        self.company.fulfilment_approval = False
        profile = self._make_profile()
        self._make_rule(effect='priority', days=30, unit_cost=1, needs_approval=True)
        self._round()
        self.assertRecordValues(self._grants(profile), [{'state': 'granted', 'granted_on': TODAY, 'ends_on': day(29)}])

    def test_a_branch_with_longer_terms_keeps_them(self):
        profile = self._make_profile()
        partner, branch = profile.partner_id, self._make_company('Branch', parent=self.company)
        partner.with_company(self.company).property_payment_term_id = self.terms[30]
        partner.with_company(branch).property_payment_term_id = self.terms[90]
        self._longer(period='year')
        self._round()
        self.assertEqual([self._term(partner, one) for one in (self.company, branch)], [self.terms[60], self.terms[90]])
        self._round_without_ground(day(30))
        self.assertEqual([self._term(partner, one) for one in (self.company, branch)], [self.terms[30], self.terms[90]])
        self.assertFalse(self._grants(profile).outcome)

    def test_two_terms_given_in_one_call(self):
        profile = self._make_profile()
        partner = profile.partner_id
        partner.with_company(self.company).property_payment_term_id = self.terms[30]
        self._longer(90, sequence=1, needs_approval=True, period='year')
        self._longer(60, sequence=2, needs_approval=True, period='year')
        self._round()
        grants = self._grants(profile)
        self._approve_all(grants)
        self.assertEqual(self._term(partner), self.terms[90])
        self._round_without_ground(grants[0].ends_on + timedelta(days=1))
        self.assertEqual(grants.mapped('state'), ['ended', 'ended'])
        self.assertEqual(self._term(partner), self.terms[30])
        self.assertEqual(grants.mapped('outcome'), [False, False])

    def test_a_shorter_reward_that_ends_is_nobodys_change(self):
        profile = self._make_profile()
        profile.partner_id.with_company(self.company).property_payment_term_id = self.terms[30]
        self._longer(60, sequence=1, period='year').days = 10
        self._longer(90, sequence=2, period='year')
        self._round()
        self._round_without_ground(day(10))
        ended = self._grants(profile).filtered(lambda one: one.state == 'ended')
        self.assertEqual((len(ended), ended.outcome, self._term(profile.partner_id)), (1, False, self.terms[90]))

    def test_a_merged_customer_keeps_terms_of_its_own(self):
        kept, merged = self._make_profile(500), self._make_profile()
        kept.partner_id.with_company(self.company).property_payment_term_id = self.terms[60]
        merged.partner_id.with_company(self.company).property_payment_term_id = self.terms[30]
        self._longer(period='year')
        self._round()
        partners = kept.partner_id | merged.partner_id
        self.env['base.partner.merge.automatic.wizard'].create({
            'partner_ids': [Command.set(partners.ids)], 'dst_partner_id': kept.partner_id.id, 'state': 'selection',
        }).action_merge()
        self.env.invalidate_all()
        self._round_without_ground(day(30))
        self.assertEqual(self._term(kept.partner_id), self.terms[60])

    def test_what_belongs_to_another_company_is_not_given(self):
        other = self._make_company('Second Inc.')
        program = self.program.copy({'company_id': other.id})
        with self.assertRaisesRegex(ValidationError, 'Second Inc'):
            self._make_rule(program_id=program.id, company_id=self.company.id)
        self.terms[60].company_id = other
        with self.assertRaisesRegex(ValidationError, 'Second Inc'):
            self._longer(company_id=self.company.id)
        profile, of_other = self._make_profile(), self._make_profile(company=other)
        self._make_rule(program_id=program.id)  # for all, of whom it reaches only the customers of its own
        self._round()
        self.assertEqual((len(self._grants(profile)), len(self._grants(of_other))), (0, 1))

    def test_one_who_cannot_be_rewarded_takes_nobodys_place(self):
        first, second = self._make_profile(3000), self._make_profile(2000)
        rule = self._make_rule(budget=10)
        grant = type(self.Grant)
        give, reason = grant._give, 'Cannot be rewarded'

        def broken(grants, day):
            if first.partner_id in grants.partner_id:
                raise UserError(reason)
            return give(grants, day)

        with patch.object(grant, '_give', broken), self.assertLogs('odoo.addons.fulfilment_crm.models.base.run', 'WARNING'):
            self._round()
        self.assertFalse(self._grants(first))
        self.assertEqual((self._grants(second).state, rule.budget_ids.spent), ('granted', 10))

    def test_a_period_changed_while_it_runs(self):
        profile = self._make_profile()
        rule = self._make_rule(period='quarter', budget=10)
        self._round()
        rule.period = 'month'
        self._round_without_ground(day(1))
        self.assertEqual((len(self._grants(profile)), len(rule.budget_ids), rule.budget_ids.spent), (1, 1, 10))
        self._round_without_ground(day(31))  # April: the quarter is over
        self.assertEqual((len(self._grants(profile)), rule.budget_ids.mapped('spent')), (2, [10, 10]))
        rule.period = 'quarter'
        self._make_profile(1500)
        self._round_without_ground(day(65))  # May: the month is over, and becomes part of the quarter with what was spent
        self.assertEqual(rule.budget_ids[0].period, '2026-Q2')
        self.assertEqual(len(self._grants(rule=rule)), 2)

    def test_what_costs_something_costs_the_smallest_coin(self):
        profiles = [self._make_profile() for _number in range(3)]
        rule = self._make_rule(points=1, cost_per_point=0.004, budget=0.02)
        self._round()
        self.assertEqual(sum(bool(self._grants(profile)) for profile in profiles), 2)
        self.assertEqual((rule._cost_in(self.company), rule.budget_ids.spent), (0.01, 0.02))
        self.assertEqual(self._make_rule(active=False, points=500, cost_per_point=0.1)._cost_in(self.company), 50)
        self.assertEqual(rule._cost_in(self._make_company('Yen Inc.', currency='base.JPY')), 1)

    def test_priority_is_not_written_by_hand(self):
        seller = self._make_user('r_seller', 'group_user', 'sales_team.group_sale_salesman', 'base.group_partner_manager')
        partner = self._make_profile().partner_id
        with self.assertRaises(AccessError):
            partner.with_user(seller).write({'fulfilment_priority_until': '2099-01-01'})
        with self.assertRaises(AccessError):
            self.env['res.partner'].with_user(seller).create({'name': 'X', 'fulfilment_priority_until': '2099-01-01'})
        with self.assertRaises(AccessError):
            self.env['res.partner'].with_user(seller).with_context(default_fulfilment_priority_until='2099-01-01').create({'name': 'X'})

    def test_a_customer_with_rewards_stays(self):
        profile = self._make_profile()
        self._make_rule()
        self._round()
        with mute_logger('odoo.sql_db'), self.assertRaises(psycopg2.IntegrityError), self.env.cr.savepoint():
            profile.partner_id.unlink()
        self.assertTrue(self._grants(profile).exists())

    def test_training_in_the_language_of_the_customer(self):
        self.env['res.lang']._activate_lang('zh_CN')
        profile = self._make_profile()
        rule = self._make_rule(active=False, effect='training', training='Pumps', unit_cost=1)
        rule.with_context(lang='zh_CN').training = '水泵'
        rule.action_activate()
        self._round()
        grant = self._grants(profile)
        self.assertIn('水泵', grant.with_context(lang='zh_CN').reward_text)
        rule.with_context(lang='zh_CN').training = '阀门'
        rule.training = 'Valves'
        grant.invalidate_recordset()
        self.assertIn('Pumps', grant.with_context(lang='zh_CN').reward_text, "what was promised stays so")


def day(number):
    return TODAY + timedelta(days=number)
