"""Reward rules: what they need before they are used, whom they fit, and their preview."""
from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.fulfilment_crm.tools import reward
from odoo.addons.fulfilment_crm.tools.period import period_name, period_of

from .common_profile import TODAY
from .common_reward import RewardCommon


@tagged('post_install', '-at_install')
class TestRewardRule(RewardCommon):

    def test_periods(self):
        for day, period, first, last, name in (
            (date(2026, 3, 31), 'month', date(2026, 3, 1), date(2026, 3, 31), '2026-03'),
            (date(2028, 2, 29), 'month', date(2028, 2, 1), date(2028, 2, 29), '2028-02'),
            (date(2026, 3, 31), 'quarter', date(2026, 1, 1), date(2026, 3, 31), '2026-Q1'),
            (date(2026, 4, 1), 'quarter', date(2026, 4, 1), date(2026, 6, 30), '2026-Q2'),
            (date(2026, 6, 30), 'half', date(2026, 1, 1), date(2026, 6, 30), '2026-H1'),
            (date(2026, 7, 1), 'half', date(2026, 7, 1), date(2026, 12, 31), '2026-H2'),
            (date(2026, 12, 31), 'year', date(2026, 1, 1), date(2026, 12, 31), '2026'),
        ):
            self.assertEqual(period_of(day, period), (first, last))
            self.assertEqual(period_name(first, period), name)

    def test_how_many_fit(self):
        for budget, spent, cost, number in (
            (100, 0, 10, 10), (100, 0, 10.01, 9), (99.99, 0, 10, 9), (100, 90, 10, 1), (100, 90.01, 10, 0), (100, 110, 10, 0),
            (100, 110, 0, 0), (0.3, 0.1, 0.1, 2), (0, 0, 0, None), (100, 0, 0, None), (0.3, 0.2, 0.1, 1),
        ):
            self.assertEqual(reward.fitting(budget, spent, cost, 0.01), number, (budget, spent, cost))
        self.assertEqual(reward.fitting(100, 0, 33, 1), 3)

    def test_what_is_missing(self):
        term = self.env['account.payment.term'].search([], limit=1)
        coupons = self.env['loyalty.program'].create({'name': 'Coupons', 'program_type': 'coupons'})
        whole = {
            'points': {'points': 1, 'program_id': self.program.id}, 'coupon': {'program_id': coupons.id},
            'payment_term': {'payment_term_id': term.id, 'days': 30}, 'limit': {'limit_raise': 10, 'days': 30},
            'priority': {'days': 30}, 'training': {'training': 'Pumps'},
        }
        self.assertEqual(set(whole), set(dict(self.Rule._fields['effect'].selection)))
        for effect, vals in whole.items():
            nothing = {'points': 0, 'program_id': False, 'days': 0}
            for missing in vals:
                rule = self._make_rule(False, effect=effect, **{**nothing, **vals, missing: False})
                with self.subTest(effect=effect, missing=missing), self.assertRaises(ValidationError), self.env.cr.savepoint():
                    rule.action_activate()
                self.assertEqual(rule.state, 'draft')
            rule = self._make_rule(False, effect=effect, **{**nothing, **vals})
            rule.action_activate()
            self.assertEqual(rule.state, 'active')
            with self.subTest(effect=effect, missing='later'), self.assertRaises(ValidationError), self.env.cr.savepoint():
                rule.write({missing: False})
        for effect, program in (('points', coupons), ('coupon', self.program)):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._make_rule(effect=effect, program_id=program.id)

    def test_a_budget_or_none_by_name(self):
        rule = self._make_rule(False, budget=0)
        with self.assertRaisesRegex(ValidationError, 'Turnover'), self.env.cr.savepoint():
            rule.action_activate()
        rule.is_unlimited = True
        rule.action_activate()
        self.assertEqual(rule.state, 'active')

    def test_a_condition_that_fits_everybody(self):
        for domain in ('[]', "[(1, '=', 1)]", "['|', (1, '=', 1), ('revenue_12m', '>', 5)]"):
            rule = self._make_rule(False, domain=domain)
            with self.subTest(domain=domain), self.assertRaises(ValidationError), self.env.cr.savepoint():
                rule.action_activate()
        # In effect, where there are enough customers to tell.
        rule = self._make_rule(False, domain="[('id', '>', 0)]")
        for _number in range(20 - self.Profile.search_count([])):
            self._make_profile()
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            rule.action_activate()
        rule.domain = "[('revenue_12m', '>', 2000)]"
        rule.action_activate()
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            rule.domain = '[]'

    def test_a_condition_that_is_none(self):
        for domain in (
            'nonsense', "[('nothing', '=', 1)]", "[('partner_id.credit_limit', '>', 0)]", "[('company_id.user_ids.password', '=', '')]",
        ):
            with self.subTest(domain=domain), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self._make_rule(False, domain=domain)

    def test_rewards_belong_to_main_companies(self):
        branch = self._make_company('Branch', parent=self.company)
        with self.assertRaisesRegex(ValidationError, 'Figures Inc.'):
            self._make_rule(False, company_id=branch.id)

    def test_the_cost(self):
        rule = self._make_rule(False, points=33.5, cost_per_point=0.0101)
        self.assertEqual(rule.cost, 0.34)
        self.assertEqual(rule._cost_in(self.company), 0.34)
        rule.write({'effect': 'training', 'training': 'Pumps', 'unit_cost': 12.345})
        self.assertEqual(rule.cost, 12.35 if round(12.345, 2) == 12.35 else 12.34)
        yen = self._make_company('Yen Inc.', currency='base.JPY')
        self.assertEqual(rule._cost_in(yen), 13)  # up: never less than it costs

    def test_who_decides(self):
        rule = self._make_rule(False)
        for user in (self.leader, self._make_user('r_credit', 'group_credit'), self._make_sales_user('r_sales')):
            for action in ('action_activate', 'action_stop', 'action_preview'):
                with self.subTest(user=user.login, action=action), self.assertRaises(AccessError):
                    getattr(rule.with_user(user), action)()
        rule.with_user(self.manager).action_activate()
        with self.assertRaises(AccessError):
            rule.with_user(self.manager).state = 'draft'
        with self.assertRaises(AccessError):
            self.Rule.with_user(self.manager).create({'name': 'Already in use', 'state': 'active'})
        rule.with_user(self.manager).action_stop()
        self.assertEqual(rule.state, 'draft')

    def test_shipped_rules_can_be_put_into_use(self):
        names = ('on_time', 'satisfied', 'score', 'partners')
        shipped = self.Rule.concat(*(self.env.ref(f'fulfilment_crm.reward_rule_{name}') for name in names))
        self.assertEqual(set(shipped.mapped('state')), {'draft'})
        self.assertTrue(all(rule.explanation for rule in shipped))
        shipped.with_user(self.manager).action_activate()

    def test_preview(self):
        profiles = [self._make_profile(turnover) for turnover in (1000, 5000, 999.99, None, 3000)]
        rule = self._make_rule(False, budget=20)
        action = rule.with_user(self.manager).action_preview()
        preview = self.env[action['res_model']].browse(action['res_id'])
        self.assertRecordValues(preview, [{'customer_count': 3, 'fitting_count': 2, 'beyond_count': 1, 'cost': 20, 'left': 20}])
        self.assertEqual(preview.line_ids.profile_id.ids, [profiles[1].id, profiles[4].id, profiles[0].id])
        self.assertEqual(preview.line_ids.mapped('is_fitting'), [True, True, False])
        self.assertFalse(self._grants())
        self.assertFalse(rule.budget_ids)
        lines = self.env['fulfilment.reward.preview.line'].with_user(self.manager).search(preview.action_open_lines()['domain'])
        self.assertEqual(len(lines), 3)
        other = self._make_user('r_manager_2', 'group_manager')
        self.assertFalse(lines.with_user(other).search([('id', 'in', lines.ids)]))

    def test_preview_after_the_round(self):
        for turnover in (1000, 5000, 3000):
            self._make_profile(turnover)
        rule = self._make_rule(budget=20)
        today = self.company._fulfilment_today()[self.company]
        self._round(today)
        self.assertRecordValues(rule, [{'spent': 20, 'left': 0, 'waiting_count': 1, 'grant_count': 2}])
        preview = self.env['fulfilment.reward.preview'].browse(rule.action_preview()['res_id'])
        self.assertRecordValues(preview, [{'customer_count': 1, 'fitting_count': 0, 'beyond_count': 1, 'cost': 0, 'left': 0}])

    def test_a_rule_that_has_rewarded_stays(self):
        self._make_profile()
        rule = self._make_rule()
        self._round()
        with self.assertRaisesRegex(UserError, 'archive'):
            rule.unlink()
        rule.active = False
        self._make_profile()
        self.assertNotIn('rewards granted', self._round(TODAY + timedelta(days=1)).counts or {})
        self._make_rule(False).unlink()
