"""Rewards of many customers need as many queries as those of one."""
from datetime import timedelta

from odoo.fields import Command
from odoo.tests import tagged

from .common_profile import TODAY
from .common_reward import RewardCommon

MANY = 50


@tagged('post_install', '-at_install')
class TestRewardQueries(RewardCommon):

    def _count(self, work, records):
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work(records.browse(records.ids))
        self.env.cr.flush()
        return self.env.cr.sql_log_count - before

    def _profiles(self, number):
        partners = self.env['res.partner'].create([
            {'name': f'Customer {one}', 'is_company': True, 'email': f'c{one}@many.example'} for one in range(number)
        ])
        profiles = self.Profile.create([{
            'partner_id': partner.id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id, 'revenue_12m': 2000,
            'user_id': self.leader.id,
        } for partner in partners])
        lines = self.env['fulfilment.credit.line']._of(partners, self.company)

        self.env['fulfilment.credit.line'].concat(*lines.values()).write({'limit': 1000, 'limit_source': 'manual'})
        return profiles

    def assert_same(self, prepare, work):
        for number in (1, 2):  # whatever is cached once for all, is cached now
            self._count(work, prepare(number))
        one, two, many = (self._count(work, prepare(number)) for number in (1, 2, MANY))
        self.assertLessEqual(many, two + 1)  # Odoo empties a cache of its own now and then
        self.assertLessEqual(many, one + 2)  # what more than one need together, however many they are

    def _rules(self):
        term = self.env['account.payment.term'].create({
            'name': '60 days', 'line_ids': [Command.create({'value': 'percent', 'value_amount': 100, 'nb_days': 60})],
        })
        coupons = self.env['loyalty.program'].create({'name': 'Coupons', 'program_type': 'coupons'})
        free = {'is_unlimited': True, 'days': 30}
        return {
            'points': self._make_rule(False, is_unlimited=True),
            'coupon': self._make_rule(False, effect='coupon', program_id=coupons.id, **free),
            'payment_term': self._make_rule(False, effect='payment_term', payment_term_id=term.id, **free),
            'limit': self._make_rule(False, effect='limit', limit_raise=10, **free),
            'priority': self._make_rule(False, effect='priority', **free),
            'training': self._make_rule(False, effect='training', training='Pumps', **free),
        }

    def test_grant_end_and_take_back(self):
        for effect, rule in self._rules().items():
            def grant(profiles, rule=rule):
                return self.Grant._grant(rule, self.company, TODAY, profiles)

            def granted(number, grant=grant, rule=rule):
                profiles = self._profiles(number)
                grant(profiles)
                return self.Grant.search([('profile_id', 'in', profiles.ids), ('rule_id', '=', rule.id)])

            with self.subTest(effect=effect, step='grant'):
                self.assert_same(self._profiles, grant)
            with self.subTest(effect=effect, step='take back'):
                self.assert_same(granted, lambda grants: grants._take_back('Test', TODAY + timedelta(days=3)))
            with self.subTest(effect=effect, step='end'):
                self.assert_same(granted, lambda grants: grants._end(TODAY + timedelta(days=30)))

    def test_look_at_the_ground_again(self):
        rule = self._make_rule(False, is_unlimited=True)

        def granted(number):
            self.Grant._grant(rule, self.company, TODAY, self._profiles(number))
            return self.Grant.search([('rule_id', '=', rule.id)], order='id desc', limit=number)
        self.assert_same(granted, lambda grants: self.Grant._without_basis(self.company, TODAY, grants))

    def test_approval(self):
        rule = self._make_rule(False, is_unlimited=True, needs_approval=True)
        self.assert_same(self._profiles, lambda profiles: self.Grant._grant(rule, self.company, TODAY, profiles))

    def test_mails(self):
        """One mail a customer costs what Odoo's queue of mails costs: a handful of queries each."""
        rule = self._make_rule(False, is_unlimited=True, is_notified=True)

        def grant(profiles):
            return self.Grant._grant(rule, self.company, TODAY, profiles)
        self._count(grant, self._profiles(1))
        one, many = self._count(grant, self._profiles(1)), self._count(grant, self._profiles(MANY))
        self.assertLessEqual(many - one, 4 * MANY)

    def test_priority_of_tickets(self):
        partners, tickets = self._profiles(MANY).partner_id, self.env['fulfilment.ticket']
        made = tickets.create([{'title': 'Pump', 'partner_id': one.id, 'company_id': self.company.id} for one in partners])
        today = self.company._fulfilment_today()[self.company]

        def mark(some):
            some.partner_id.with_company(self.company).fulfilment_priority_until = today
            some._mark_priority()
            self.assertTrue(all(some.mapped('is_priority')))
        self._count(mark, made[:1])
        self.assertEqual(self._count(mark, made[1:2]), self._count(mark, made[2:]))
