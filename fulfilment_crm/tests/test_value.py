"""Tiers by rule, products bought together, customers of a product, and the silence limit on the past."""
import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from itertools import permutations

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common_profile import TODAY, ProfileCommon
from .test_profile_cron import CronCommon
from .test_profile_oracle import quotient


def ago(days):
    return TODAY - timedelta(days=days)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestTiers(CronCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.strategic, cls.key, cls.ordinary = (cls.env.ref(f'fulfilment_crm.tier_{name}') for name in ('strategic', 'key', 'ordinary'))
        cls.Change = cls.env['fulfilment.tier.change']
        cls.leader = new_test_user(
            cls.env, 'v_leader', groups='base.group_user,fulfilment_crm.group_manager', company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def _make(self, **figures):
        return self.Profile.sudo().create({
            'partner_id': self._make_customer('Tiered').id, 'company_id': self.company.id, 'currency_id': self.company.currency_id.id,
            **figures,
        })

    def _round(self, day=TODAY):
        return self.run_cron(day, 'fulfilment.credit.assessment', '_cron_credit')

    def _of_tiers(self, day):
        """What a round did to tiers: other companies of the database have rounds of their own."""
        return [effect for effect in self._round(day).counts or {} if 'tier' in effect]

    def test_edges(self):
        cases = (
            (500000, self.strategic), (499999.99, self.key), (100000, self.key), (99999.99, self.ordinary), (0, self.ordinary),
            (-5, self.ordinary), (None, self.ordinary), (10 ** 9, self.strategic),
        )
        profiles = [self._make(revenue_12m=turnover) for turnover, _tier in cases]
        self._round()
        for profile, (turnover, tier) in zip(profiles, cases, strict=True):
            self.assertEqual(profile.tier_id, tier, turnover)
        self.assertEqual(self.strategic.with_user(self.leader).profile_count, 2)

    def test_the_second_scale(self):
        names = ('vip', 'important', 'general', 'small')
        for margin, name in ((200000, 0), (199999.99, 1), (50000, 1), (49999.99, 2), (10000, 2), (9999.99, 3), (None, 3)):
            profile = self._make(margin_12m=margin)
            self._round()
            self.assertEqual(profile.value_tier_id, self.env.ref(f'fulfilment_crm.tier_{names[name]}'), margin)

    def test_the_rules_decide(self):
        profile = self._make(revenue_12m=500000)
        self._round()
        first = profile.tier_change_ids.filtered(lambda one: one.scale == 'importance')
        self.assertRecordValues(first, [{
            'direction': 'first', 'state': 'applied', 'tier_before_id': False, 'tier_id': self.strategic.id, 'turnover': 500000,
            'date': TODAY,
        }])
        profile.revenue_12m = 499999.99
        self._round(TODAY + timedelta(days=1))
        self.assertEqual(profile.tier_id, self.key)
        latest = profile.tier_change_ids.filtered(lambda one: one.scale == 'importance') - first
        self.assertRecordValues(latest, [{
            'direction': 'down', 'state': 'applied', 'tier_before_id': self.strategic.id, 'tier_id': self.key.id, 'turnover': 499999.99,
        }])
        self.assertFalse(self._of_tiers(TODAY + timedelta(days=1)))
        self.assertFalse(self._of_tiers(TODAY + timedelta(days=2)))

    def _proposed(self, profile):
        return profile.tier_change_ids.filtered(lambda one: one.scale == 'importance' and one.state == 'proposed')

    def test_proposed_and_accepted(self):
        self.company.fulfilment_tier_automatic = False
        profile = self._make(revenue_12m=100000)
        self._round()
        # A first tier takes nothing from anybody.
        self.assertEqual(profile.tier_id, self.key)
        profile.revenue_12m = 600000
        self._round(TODAY + timedelta(days=1))
        change = self._proposed(profile)
        self.assertEqual((profile.tier_id, change.tier_id, change.direction), (self.key, self.strategic, 'up'))
        self._round(TODAY + timedelta(days=2))
        self.assertEqual(self._proposed(profile), change)
        change.with_user(self.leader).action_accept()
        self.assertEqual((profile.tier_id, change.state, change.decided_by_id), (self.strategic, 'applied', self.leader))
        with self.assertRaises(UserError):
            change.with_user(self.leader).action_refuse(reason='Too late')

    def test_refused_is_not_proposed_again_the_next_night(self):
        self.company.fulfilment_tier_automatic = False
        profile = self._make(revenue_12m=100000)
        self._round()
        profile.revenue_12m = 600000
        self._round(TODAY + timedelta(days=1))
        change = self._proposed(profile).with_user(self.leader)
        self.assertEqual(change.action_refuse()['res_model'], 'fulfilment.reason')
        self.assertEqual(change.state, 'proposed')
        change.action_refuse(reason='One large order')
        self.assertEqual((change.state, change.reason, profile.tier_id), ('refused', 'One large order', self.key))
        for days in (2, 3, 60, 90):
            self._round(TODAY + timedelta(days=days))
            self.assertFalse(self._proposed(profile), days)
        # Another tier is another question.
        profile.revenue_12m = 5
        self._round(TODAY + timedelta(days=90))
        self.assertEqual(self._proposed(profile).tier_id, self.ordinary)
        # After a quarter the same one may be asked again.
        profile.revenue_12m = 600000
        self._round(TODAY + timedelta(days=91))
        self.assertEqual(self._proposed(profile).tier_id, self.strategic)

    def test_a_proposal_that_does_not_hold_any_more_is_withdrawn(self):
        self.company.fulfilment_tier_automatic = False
        profile = self._make(revenue_12m=100000)
        self._round()
        profile.revenue_12m = 600000
        self._round(TODAY + timedelta(days=1))
        stale = self._proposed(profile)
        profile.revenue_12m = 5
        self._round(TODAY + timedelta(days=2))
        self.assertEqual(self._proposed(profile).tier_id, self.ordinary)
        self.assertEqual(stale.state, 'refused')
        profile.revenue_12m = 100000
        self._round(TODAY + timedelta(days=3))
        self.assertFalse(self._proposed(profile))
        # What the rules took back themselves they may propose again.
        profile.revenue_12m = 600000
        self._round(TODAY + timedelta(days=4))
        self.assertEqual(self._proposed(profile).tier_id, self.strategic)

    def test_who_may_decide(self):
        self.company.fulfilment_tier_automatic = False
        profile = self._make(revenue_12m=100000)
        self._round()
        profile.revenue_12m = 600000
        self._round(TODAY + timedelta(days=1))
        change = self._proposed(profile)
        seller = self._make_sales_user('v_sales')
        with self.assertRaises(AccessError):
            change.with_user(seller).action_accept()
        with self.assertRaises(AccessError):
            change.with_user(self.leader).write({'state': 'applied'})

    def test_a_tier_of_one_company_and_a_condition_that_cannot_be_used(self):
        second = self._make_company('Second Inc.')
        gold = self.env['fulfilment.tier'].create(
            {'name': 'Gold', 'sequence': 1, 'domain': "[('revenue_12m', '>', 1)]", 'company_id': second.id},
        )
        profile = self._make(revenue_12m=600000)
        other = profile.copy({'company_id': second.id})
        self._round()
        self.assertEqual((profile.tier_id, other.tier_id), (self.strategic, gold))
        with self.assertRaises(ValidationError):
            gold.domain = "[('no_such_field', '=', 1)]"

    def test_long_term(self):
        profiles = [self._make(relation_years=years) for years in (None, 0, 1, 2, 5)]
        found = self.Profile.search([('id', 'in', [one.id for one in profiles]), ('is_long_term', '=', True)], order='id')
        self.assertEqual(found.mapped('relation_years'), [2, 5])
        others = self.Profile.search([('id', 'in', [one.id for one in profiles]), ('is_long_term', '=', False)], order='id')
        self.assertEqual(len(others), 3)
        self.company.fulfilment_long_term_years = 5
        found = self.Profile.search([('id', 'in', [one.id for one in profiles]), ('is_long_term', '=', True)])
        self.assertEqual((found.mapped('relation_years'), [one.is_long_term for one in profiles]), ([5], [False] * 4 + [True]))


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestCrossSell(ProfileCommon):

    def test_pairs_against_counting_by_hand(self):
        dice = random.Random(4)
        products = self.env['product.product'].create(
            [{'name': f'Product {number}', 'type': 'service', 'taxes_id': False} for number in range(6)]
        )
        bought = defaultdict(set)
        for number in range(24):
            customer = self._make_customer(f'Customer {number}')
            buyers = [customer, self.env['res.partner'].create({'name': 'Buyer', 'parent_id': customer.id})]
            for _order in range(dice.randint(1, 3)):
                day, state = ago(dice.choice([5, 300, 729, 731, 900, -3])), dice.choice(['sale'] * 5 + ['draft', 'cancel'])
                some = dice.sample(list(products), dice.randint(1, 4))
                quantities = [dice.choice([1, 2, 3, 0, -1]) for _product in some]
                order = self.env['sale.order'].create({
                    'partner_id': dice.choice(buyers).id, 'company_id': self.company.id, 'order_line': [Command.create({
                        'product_id': product.id, 'product_uom_qty': quantity, 'price_unit': 1.0, 'tax_ids': [Command.clear()],
                    }) for product, quantity in zip(some, quantities, strict=True)],
                })
                if state == 'sale':
                    order.action_confirm()
                elif state == 'cancel':
                    order._action_cancel()
                order.date_order = datetime.combine(day, datetime.min.time()) + timedelta(hours=9)
                if state == 'sale' and date(2024, 3, 2) < day <= TODAY:
                    bought[customer] |= {product for product, quantity in zip(some, quantities, strict=True) if quantity > 0}
        everybody = [basket for basket in bought.values() if basket]
        expected = {}
        for first, second in permutations(products, 2):
            with_first = [basket for basket in everybody if first in basket]
            both = sum(second in basket for basket in with_first)
            if both >= 3:
                with_second = sum(second in basket for basket in everybody)
                expected[first, second] = (
                    both, len(with_first), quotient(both, len(everybody)), quotient(both, len(with_first)),
                    quotient(both * len(everybody), len(with_first) * with_second, 1),
                )
        self.assertGreater(len(expected), 4)
        CrossSell = self.env['fulfilment.cross.sell']
        self.assertEqual(CrossSell._refresh(self.company, TODAY), len(expected))
        found = {
            (pair.product_id, pair.other_product_id): (pair.both_count, pair.customer_count, pair.support, pair.confidence, pair.lift)
            for pair in CrossSell.search([('company_id', '=', self.company.id)])
        }
        self.assertEqual(found, expected)
        pairs = CrossSell.search([('company_id', '=', self.company.id)])
        CrossSell._refresh(self.company, TODAY)
        self.assertEqual(CrossSell.search([('company_id', '=', self.company.id)]), pairs)
        CrossSell._refresh(self.company, TODAY + timedelta(days=2000))
        self.assertFalse(pairs.exists())

    def test_the_edge_of_the_months_is_in_the_time_of_the_company(self):
        self.company.resource_calendar_id.tz = 'Asia/Shanghai'
        products = self.env['product.product'].create([{'name': name, 'type': 'service', 'taxes_id': False} for name in 'AB'])
        for number in range(3):
            order = self.env['sale.order'].create({
                'partner_id': self._make_customer(f'Customer {number}').id, 'company_id': self.company.id,
                'order_line': [Command.create({'product_id': product.id, 'tax_ids': [Command.clear()]}) for product in products],
            })
            order.action_confirm()
            order.date_order = datetime(2024, 3, 2, 15, 59)  # 23:59 in Shanghai
        CrossSell = self.env['fulfilment.cross.sell']
        self.assertEqual(CrossSell._refresh(self.company, date(2026, 3, 1)), 2)
        self.assertEqual(CrossSell._refresh(self.company, date(2026, 3, 2)), 0)
        order.date_order = datetime(2024, 3, 2, 16, 0)  # the third, there
        self.env['sale.order'].search([('partner_id.name', 'like', 'Customer')]).date_order = order.date_order
        self.assertEqual(CrossSell._refresh(self.company, date(2026, 3, 2)), 2)

    def test_customers_who_lack_the_second(self):
        products = self.env['product.product'].create([{'name': name, 'type': 'service', 'taxes_id': False} for name in 'AB'])
        customers = [self._make_customer(f'Customer {number}') for number in range(4)]
        for customer in customers:
            order = self.env['sale.order'].create({
                'partner_id': customer.id, 'company_id': self.company.id, 'order_line': [
                    Command.create({'product_id': product.id, 'tax_ids': [Command.clear()]})
                    for product in (products if customer != customers[3] else products[0])
                ],
            })
            order.action_confirm()
            order.date_order = datetime(2026, 2, 1)
        self.env['fulfilment.cross.sell']._refresh(self.company, TODAY)
        pair = self.env['fulfilment.cross.sell'].search([('product_id', '=', products[0].id)])
        self.assertRecordValues(pair, [{'both_count': 3, 'customer_count': 4, 'support': 75, 'confidence': 75, 'lift': 1}])
        self.assertIn(('partner_id', 'in', customers[3].ids), pair.action_open_customers()['domain'])


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestTopCustomers(ProfileCommon):

    def test_rank_and_share_of_a_product(self):
        self.startPatcher(freeze_time(datetime.combine(TODAY, datetime.min.time()) + timedelta(hours=10)))
        third = self._make_customer('Third')
        contact = self.env['res.partner'].create({'name': 'Lin', 'parent_id': third.id})
        valve = self.env['product.product'].create({'name': 'Valve'})
        for partner, amount, vals in (
            (self.customer, 300, {}), (self.other, 100, {}), (contact, 80, {}), (third, 20, {}), (self.customer, 77, {'day': ago(400)}),
        ):
            self._invoice(partner, amount, TODAY, product_id=valve.id, **vals)
        self._invoice(self.customer, 100, TODAY, move_type='out_refund', product_id=valve.id)
        self._invoice(self.customer, 999, TODAY, product_id=valve.id, post=False)
        self._invoice(self.other, 5000, TODAY, product_id=self.product.id)
        self.Profile._refresh(as_of=TODAY)
        self.env.invalidate_all()
        rows = self.env['fulfilment.top.customer'].search([('product_id', '=', valve.id)], order='position, partner_id')
        self.assertEqual(
            [(row.partner_id, row.revenue, row.quantity, row.position, row.share) for row in rows],
            [(self.customer, 200, 0, 1, 50), (self.other, 100, 1, 2, 25), (third, 100, 2, 2, 25)],
        )
        ranked = self.env['fulfilment.top.customer'].search([('product_id', '=', self.product.id)])
        self.assertEqual((ranked.partner_id, ranked.position, ranked.share), (self.other, 1, 100))


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestChurn(ProfileCommon):

    def _history(self, name, silences, orders=(), company=None):
        """Month ends of a customer, with how silent it was, and days of orders."""
        partner = self._make_customer(name)
        self.env['fulfilment.profile.history'].sudo().create([{
            'partner_id': partner.id, 'company_id': (company or self.company).id, 'date': day, 'order_silence': silence,
        } for day, silence in silences.items()])
        for day in orders:
            self._order(partner, 10, day)
        return partner

    def _count(self, threshold=100.0):
        test = self.env['fulfilment.churn.test'].create({'company_id': self.company.id, 'threshold': threshold})
        with freeze_time(datetime.combine(TODAY, datetime.min.time()) + timedelta(hours=10)):
            test.action_run()
        return {
            name: test[name] for name in (
                'judged', 'warned_count', 'left_count', 'hit_count', 'false_count', 'missed_count', 'precision', 'recall',
            )
        }

    def test_counted_by_hand(self):
        months = {number: (TODAY - relativedelta(months=number)).replace(day=1) - timedelta(days=1) for number in range(0, 14)}
        # Warned at its end, and never seen again.
        self._history('Left', {months[9]: 50, months[8]: 101, months[7]: 180}, [months[10]])
        # Warned, and back within six months.
        self._history(
            'Back', {months[9]: 120, months[8]: 40, months[7]: 60}, [months[9] + timedelta(days=20), months[7] + timedelta(days=30)],
        )
        # Exactly at the threshold is no warning; gone all the same.
        self._history('Missed', {months[8]: 100, months[7]: 100})
        # Never silent, never left.
        self._history('Faithful', {months[8]: 10, months[7]: 20}, [months[7] + timedelta(days=40)])
        # Warned, back, and gone later without a word: the warning was wrong.
        self._history('Later', {months[12]: 130, months[7]: 20}, [months[12] + timedelta(days=100)])
        # Too young to be judged, or without a limit.
        self._history('Young', {months[5]: 500, months[1]: 900})
        self._history('Few orders', {months[9]: None})
        self.assertEqual(self._count(), {
            'judged': 5, 'warned_count': 3, 'left_count': 2, 'hit_count': 1, 'false_count': 2, 'missed_count': 1, 'precision': 33.33,
            'recall': 50,
        })
        self.assertEqual(self._count(99.9)['warned_count'], 4)

    def test_nothing_to_count(self):
        self.assertEqual(self._count(), {
            'judged': 0, 'warned_count': 0, 'left_count': 0, 'hit_count': 0, 'false_count': 0, 'missed_count': 0, 'precision': 0,
            'recall': 0,
        })

    def test_six_months_to_the_day(self):
        warned = date(2025, 8, 31)
        within = self._history('Within', {warned: 150}, [date(2026, 2, 28)])
        self._history('Beyond', {warned: 150}, [date(2026, 3, 1)])
        found = self._count()
        self.assertEqual((found['judged'], found['left_count'], found['hit_count']), (2, 1, 1))
        self.assertTrue(within)

    def test_of_other_companies(self):
        self._history('Elsewhere', {date(2025, 6, 30): 150}, company=self._make_company('Second Inc.'))
        self.assertEqual(self._count()['judged'], 0)
