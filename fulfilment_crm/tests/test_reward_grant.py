"""The daily round: who is rewarded, once a period, within the budget, with approval or without."""
import random
from datetime import date, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_profile import TODAY
from .common_reward import RewardCommon


@tagged('post_install', '-at_install')
class TestRewardGrant(RewardCommon):

    def test_edges_of_the_condition(self):
        rule = self._make_rule(domain="[('on_time_payment_rate', '=', 100), ('payment_count', '>=', 3)]")
        cases = [((100, 3), True), ((99.99, 3), False), ((100, 2), False), ((None, 3), False), ((100, None), False), ((100, 9), True)]
        profiles = [self._make_profile(on_time_payment_rate=rate, payment_count=count) for (rate, count), _yes in cases]
        self._round()
        for profile, (figures, yes) in zip(profiles, cases, strict=True):
            self.assertEqual(bool(self._grants(profile)), yes, figures)
        self.assertEqual(rule.grant_count, 2)

    def test_what_a_grant_keeps(self):
        profile = self._make_profile(2500, user_id=self.leader.id)
        rule = self._make_rule()
        run = self._round()
        self.assertEqual(run.counts, {'rewards granted': 1})
        grant = self._grants(profile)
        self.assertRecordValues(grant, [{
            'rule_id': rule.id, 'partner_id': profile.partner_id.id, 'company_id': self.company.id, 'profile_id': profile.id,
            'user_id': self.leader.id, 'period': '2026-Q1', 'period_start': date(2026, 1, 1), 'period_end': date(2026, 3, 31),
            'date': TODAY, 'granted_on': TODAY, 'effect': 'points', 'points': 100, 'cost': 10, 'state': 'granted', 'ends_on': False,
            'condition': rule.domain, 'figures': {'revenue_12m': 2500.0}, 'approval_state': 'none',
        }])
        self.assertIn('2,500.00', grant.reason)
        self.assertIn(str(profile.id), grant.claim_key)
        self.assertNotIn(str(profile.partner_id.id), grant.claim_key.replace(str(profile.id), ''))
        self.assertIn(self.leader.partner_id, grant.message_partner_ids)
        # What the rule says later does not change what was given.
        rule.write({'points': 7, 'domain': "[('revenue_12m', '>=', 5)]"})
        self.assertEqual((grant.points, grant.cost), (100, 10))

    def test_once_a_period(self):
        profile = self._make_profile()
        rule = self._make_rule(period='month')
        self._round()
        self.assertFalse(self._round_without_ground().counts)
        self.assertFalse(self._round_without_ground(date(2026, 3, 31)).counts)
        self.assertEqual(self._round_without_ground(date(2026, 4, 1)).counts, {'rewards granted': 1})
        grants = self._grants(profile, rule)
        self.assertEqual(grants.mapped('period'), ['2026-03', '2026-04'])
        self.assertEqual(self._card(profile.partner_id).points, 200)
        self.assertEqual(len(self._card(profile.partner_id)), 1)

    def test_a_raised_grade_is_a_condition(self):
        """Raised by an assessment that took effect: rewarded once; unchanged, lowered or waiting: not."""
        grade = {grade.code: grade for grade in self.env['fulfilment.credit.grade'].search([])}
        profiles = {state: self._make_profile(name=state) for state in ('effective', 'in_approval', 'down', 'unchanged')}
        lines = self.env['fulfilment.credit.line']
        for state, profile in profiles.items():
            before, after = ('A', 'BBB') if state == 'down' else ('A', 'A') if state == 'unchanged' else ('BBB', 'A')
            done = state != 'in_approval'
            lines |= lines.sudo().create({
                'partner_id': profile.partner_id.id, 'company_id': self.company.id, 'grade_id': grade[after if done else before].id,
            })
            self.env['fulfilment.credit.assessment'].sudo().create({
                'claim_key': f'raised:{state}', 'partner_id': profile.partner_id.id, 'company_id': self.company.id,
                'profile_id': profile.id, 'date': TODAY, 'scorecard_id': self.env.ref('fulfilment_crm.scorecard_standard').id, 'inputs': {},
                'previous_grade_id': grade[before].id, 'grade_id': grade[after].id,
                'change': {'down': 'down', 'unchanged': 'same'}.get(state, 'up'), 'state': 'effective' if done else 'in_approval',
                'effective_on': done and TODAY,
            })
        lines._show_all(self.company, day=TODAY)
        rule = self._make_rule(domain="[('credit_grade_rise', '>=', 1)]")
        self._round()
        self.assertEqual(self._grants(rule=rule).profile_id, profiles['effective'])
        self.assertFalse(self._round_without_ground().counts)

    def test_not_for_those_archived(self):
        profile = self._make_profile()
        profile.partner_id.active = False
        self._make_rule()
        self._round()
        self.assertFalse(self._grants(profile))

    def test_draft_and_archived_rules_reward_nobody(self):
        profile = self._make_profile()
        self._make_rule(False)
        self._make_rule().active = False
        self._round()
        self.assertFalse(self._grants(profile))

    def test_a_rule_that_cannot_be_searched_does_not_stop_the_others(self):
        profile = self._make_profile()
        broken, sound = self._make_rule(sequence=1), self._make_rule(sequence=2)
        self.env.cr.execute("UPDATE fulfilment_reward_rule SET domain = %s WHERE id = %s", ["[('gone', '=', 1)]", broken.id])
        self.env.invalidate_all()
        run = self._round()
        self.assertEqual(run.counts['rewards granted'], 1)
        self.assertEqual(self._grants(profile).rule_id, sound)
        self.assertEqual(run.problem_ids.record_name, broken.name)
        broken.domain = sound.domain
        self._round()
        self.assertEqual(run.problem_ids.state, 'solved')

    def test_one_bad_customer_does_not_stop_the_others(self):
        profiles = [self._make_profile(turnover) for turnover in (3000, 2000, 1000)]
        rule = self._make_rule(budget=30)
        give, reason = type(self.Grant)._give, 'Cannot be rewarded'

        def broken(grants, day):
            if profiles[0].partner_id in grants.partner_id:
                raise UserError(reason)
            return give(grants, day)

        with patch.object(type(self.Grant), '_give', broken):
            run = self._round()
        self.assertEqual(run.counts['set aside'], 1)
        self.assertFalse(self._grants(profiles[0]))
        # What was begun for the bad one costs nothing.
        self.assertEqual(rule.budget_ids.spent, 20)
        self.assertEqual([bool(self._grants(one)) for one in profiles[1:]], [True, True])
        self._round_without_ground()
        self.assertEqual([bool(self._grants(one)) for one in profiles], [True, True, True])
        self.assertEqual(rule.budget_ids.spent, 30)

    # === BUDGET === #

    def test_to_the_cent_and_by_turnover(self):
        turnovers = (1000, 4000, 2000, 3000, 5000)
        profiles = {turnover: self._make_profile(turnover) for turnover in turnovers}
        rule = self._make_rule(effect='training', training='Pumps', unit_cost=33.33, budget=99.99)
        run = self._round()
        self.assertEqual(run.counts, {'rewards granted': 3, 'rewards beyond the budget': 2})
        self.assertEqual({turnover for turnover in turnovers if self._grants(profiles[turnover])}, {5000, 4000, 3000})
        self.assertRecordValues(rule.budget_ids, [{'spent': 99.99, 'amount': 99.99, 'left': 0, 'waiting_count': 2, 'period': '2026-Q1'}])
        self.assertFalse(self._round_without_ground().counts)
        rule.budget = 133.31
        self.assertFalse(self._round_without_ground().counts)
        rule.budget = 133.32
        self.assertEqual(self._round_without_ground().counts, {'rewards granted': 1, 'rewards beyond the budget': 1})
        self.assertTrue(self._grants(profiles[2000]))
        # The next period begins with a budget of its own.
        self.assertEqual(self._round_without_ground(date(2026, 4, 1)).counts['rewards granted'], 4)
        self.assertEqual(sorted(rule.budget_ids.mapped('period')), ['2026-Q1', '2026-Q2'])

    def test_equal_turnover_goes_by_number(self):
        profiles = [self._make_profile(2000) for _number in range(4)]
        self._make_profile(None)
        rule = self._make_rule(budget=20, domain="[('partner_id', '!=', False), '|', ('revenue_12m', '=', False), ('revenue_12m', '>', 5)]")
        self._round()
        self.assertEqual(self._grants(rule=rule).profile_id, profiles[0] | profiles[1])

    def test_without_limit(self):
        for _number in range(3):
            self._make_profile()
        rule = self._make_rule(budget=0, is_unlimited=True)
        self.assertEqual(self._round().counts, {'rewards granted': 3})
        self.assertRecordValues(rule.budget_ids, [{'spent': 30, 'is_unlimited': True, 'left': 0, 'waiting_count': 0}])

    def test_rewards_that_cost_nothing(self):
        for _number in range(3):
            self._make_profile()
        self._make_rule(effect='priority', days=30, unit_cost=0, budget=0.01)
        self.assertEqual(self._round().counts, {'rewards granted': 3})

    def test_random_budgets_against_a_slow_calculation(self):
        dice = random.Random(7)
        profiles = [self._make_profile(dice.choice((1000, 2000, 3000))) for _number in range(12)]
        for case in range(12):
            cost, budget = dice.randint(1, 2500) / 100, dice.randint(1, 12000) / 100
            rule = self._make_rule(name=f'Case {case}', effect='training', training='Pumps', unit_cost=cost, budget=budget)
            self._round_without_ground()
            left, expected = round(budget * 100), []
            for profile in sorted(profiles, key=lambda one: (-one.revenue_12m, one.id)):
                if left < round(cost * 100):
                    break
                left -= round(cost * 100)
                expected.append(profile.id)
            with self.subTest(case=case, cost=cost, budget=budget):
                self.assertEqual(sorted(self._grants(rule=rule).profile_id.ids), sorted(expected))
                spent = sum(round(grant.cost * 100) for grant in self._grants(rule=rule))
                self.assertEqual(round(rule.budget_ids.spent * 100) if rule.budget_ids else 0, spent)
                self.assertLessEqual(spent, round(budget * 100))
                self.assertEqual(sum(rule.budget_ids.mapped('waiting_count')), len(profiles) - len(expected))
            rule.action_stop()

    # === TWO COMPANIES === #

    def test_two_companies(self):
        other = self._make_company('Second Inc.', currency='base.USD')
        partner = self._make_customer('Of both')
        own, foreign = self._make_profile(partner=partner), self._make_profile(partner=partner, company=other)
        rule = self._make_rule(budget=10)
        self._round()
        self.assertEqual(self._grants(own).mapped('company_id'), self.company | other)
        self.assertEqual(len(rule.budget_ids), 2)
        self.assertEqual(rule.budget_ids.mapped('spent'), [10, 10])
        only = self._make_rule(company_id=other.id)
        self._round_without_ground()
        self.assertEqual(self._grants(rule=only).profile_id, foreign)
        self.assertFalse(self.Grant.with_user(self.manager).search([('company_id', '=', other.id)]))

    # === APPROVAL === #

    def test_approval(self):
        profile = self._make_profile(user_id=self.leader.id)
        rule = self._make_rule(needs_approval=True)
        self.assertEqual(self._round().counts, {'rewards to approve': 1})
        grant = self._grants(profile)
        self.assertEqual((grant.state, grant.approval_state, grant.granted_on), ('in_approval', 'pending', False))
        self.assertFalse(self._card(profile.partner_id))
        self.assertEqual(rule.budget_ids.spent, 10)
        seller = self._make_sales_user('r_seller')
        with self.assertRaises(AccessError):
            grant.with_user(seller).action_approve()
        grant.with_user(self.leader).action_approve()
        self.assertEqual((grant.state, self._card(profile.partner_id).points), ('granted', 100))

    def test_from_an_amount_on_a_second_step(self):
        self._make_profile()
        self._make_rule(needs_approval=True, effect='training', training='Pumps', unit_cost=1000)
        self._round()
        self.assertEqual(len(self._grants().approval_ids), 2)

    def test_refused(self):
        profile, second = self._make_profile(3000), self._make_profile(2000)
        rule = self._make_rule(needs_approval=True, budget=10)
        self._round()
        self.assertFalse(self._grants(second))
        grant = self._grants(profile)
        grant.with_user(self.leader).action_reject(reason='Owes us a favour')
        self.assertEqual((grant.state, grant.taken_back_reason, rule.budget_ids.spent), ('refused', 'Owes us a favour', 0))
        # What is free goes to the next; who was refused is not asked for again in the period.
        self._round_without_ground()
        self.assertEqual((len(self._grants(profile)), self._grants(second).state), (1, 'in_approval'))

    def test_approval_switched_off(self):
        self.company.fulfilment_approval = False
        profile = self._make_profile()
        self._make_rule(needs_approval=True)
        self.assertEqual(self._round().counts, {'rewards granted': 1})
        grant = self._grants(profile)
        self.assertEqual((grant.state, grant.approval_state, grant.approval_by_chain), ('granted', 'approved', False))

    def test_no_chain_fits(self):
        self.env['fulfilment.approval.chain'].search([('model', '=', 'fulfilment.reward.grant')]).active = False
        profile = self._make_profile()
        rule = self._make_rule(needs_approval=True)
        run = self._round()
        self.assertEqual(run.counts.get('set aside'), 1)
        self.assertFalse(self._grants(profile))
        self.assertFalse(rule.budget_ids.filtered('spent'))

    # === BY HAND === #

    def test_nobody_writes_a_grant(self):
        self._make_profile()
        self._make_rule()
        self._round()
        grant = self._grants()
        others = {'used': 1, 'not_recovered': 1, 'given': {'x': 1}, 'before': {'x': 1}, 'ends_on': '2031-01-01'}
        for name in ('state', 'cost', 'points', 'partner_id', 'effect', 'claim_key', *others):
            with self.subTest(name=name), self.assertRaises(AccessError):
                grant.with_user(self.manager).write({name: others.get(name, False)})
        with self.assertRaises(AccessError):
            self.Grant.with_user(self.manager).create({'partner_id': self.customer.id, 'date': TODAY})
        with self.assertRaises(AccessError):
            grant.with_user(self.manager).unlink()
        with self.assertRaises(UserError):
            grant.unlink()
        for user in (self.manager, self.leader):
            with self.assertRaises(AccessError):
                self.Budget.with_user(user).search([]).write({'spent': 0})

    def test_taken_back_by_hand(self):
        profile = self._make_profile(user_id=self.leader.id)
        rule = self._make_rule()
        self._round()
        grant = self._grants(profile)
        with self.assertRaises(AccessError):
            grant.with_user(self._make_user('r_credit', 'group_credit')).action_take_back(reason='No')
        asked = grant.with_user(self.leader).action_take_back()
        self.assertEqual((asked['res_model'], grant.state), ('fulfilment.reason', 'granted'))
        dialog = self.env['fulfilment.reason'].with_user(self.leader).with_context(**asked['context']).create({'reason': 'By mistake'})
        dialog.action_confirm()
        self.assertRecordValues(grant, [{'state': 'taken_back', 'taken_back_reason': 'By mistake', 'used': 0, 'not_recovered': 0}])
        self.assertEqual((self._card(profile.partner_id).points, rule.budget_ids.spent), (0, 0))
        with self.assertRaises(UserError):
            grant.with_user(self.leader).action_take_back(reason='Again')

    def test_merged_customers(self):
        """Two customers rewarded in one period become one: both rewards stay, and there is no third."""
        kept, merged = self._make_profile(3000), self._make_profile(2000)
        rule = self._make_rule(period='year')
        self._round()
        self._merge(kept.partner_id, merged.partner_id)
        grants = self._grants(rule=rule)
        self.assertEqual(grants.partner_id, kept.partner_id)
        self.assertEqual(len(grants), 2)
        self.assertEqual(sum(self._card(kept.partner_id).mapped('points')), 200)
        self._make_profile(9000, partner=kept.partner_id) if not kept.exists() else kept.write({'revenue_12m': 9000})
        self.assertNotIn('rewards granted', self._round_without_ground().counts or {})
        # Taken back, the points of both are on one card.
        grants._take_back('Test', TODAY)
        self.assertEqual(sum(self._card(kept.partner_id).mapped('points')), 0)
        self.assertEqual(grants.mapped('used'), [0, 0])

    def test_merged_with_one_who_was_not_rewarded(self):
        rule = self._make_rule(period='year')
        merged = self._make_profile(2000)
        self._round()
        kept = self._make_profile(3000)
        self._merge(kept.partner_id, merged.partner_id)
        kept = self.Profile.search([('partner_id', '=', kept.partner_id.id)])
        (kept or self._make_profile(partner=kept.partner_id)).revenue_12m = 9000
        self.assertNotIn('rewards granted', self._round_without_ground().counts or {})
        self.assertEqual(len(self._grants(rule=rule)), 1)

    def _merge(self, kept, merged):
        partners = kept | merged
        wizard = self.env['base.partner.merge.automatic.wizard'].create({
            'partner_ids': [Command.set(partners.ids)], 'dst_partner_id': kept.id, 'state': 'selection',
        })
        wizard.action_merge()
        self.env.invalidate_all()
        self.assertFalse(merged.exists())

    def test_days_of_a_run(self):
        """Repeated on another day of the period nothing is new; a customer who comes to fit later is rewarded then."""
        profile = self._make_profile(999.99)
        self._make_rule()
        self.assertFalse(self._round().counts)
        profile.revenue_12m = 1000
        self._round(TODAY + timedelta(days=1))
        self.assertEqual(self._grants(profile).date, TODAY + timedelta(days=1))
