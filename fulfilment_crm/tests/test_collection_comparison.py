"""Two strategies compared: shared out at random, judged by shuffling, adopted in one click."""
import random
from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, tagged

from ..tools.permutation import compare
from .common_profile import TODAY
from .test_collection_strategy import StrategyCommon


@tagged('post_install', '-at_install')
class TestPermutation(BaseCase):

    def test_too_few_to_tell(self):
        found = compare([1.0] * 9, [2.0] * 50)
        self.assertEqual((found.mean_a, found.mean_b, found.p_value, found.is_found), (1.0, 2.0, None, False))
        self.assertIsNone(compare([], [1.0] * 50).mean_a)

    def test_alike(self):
        """Of groups that do not differ, about one in twenty is found to."""
        dice = random.Random(2)
        found = sum(compare(*([dice.gauss(10, 3) for _one in range(20)] for _group in 'ab'), seed=seed, shuffles=200).is_found
                    for seed in range(200))
        self.assertLessEqual(found, 200 * 0.1)

    def test_what_differs_by_the_smallest_difference_is_mostly_found(self):
        dice, times = random.Random(3), 0
        for seed in range(100):
            one = [dice.gauss(10, 3) for _one in range(30)]
            smallest = compare(one, [dice.gauss(10, 3) for _one in range(30)], shuffles=10).smallest
            times += compare(one, [dice.gauss(10 + smallest, 3) for _one in range(30)], seed=seed, shuffles=200).is_found
        self.assertGreaterEqual(times, 65)

    def test_the_same_says_the_same(self):
        one, two = [1.0, 2.0] * 10, [2.0, 3.0] * 10
        self.assertEqual(compare(one, two, 7), compare(one, two, 7))
        self.assertTrue(compare(one, two, 7).is_found)


@tagged('post_install', '-at_install')
class TestComparison(StrategyCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rival = cls._strategy([(1, 'email')], name='Rival', sequence=-5, domain="[('receivable_open', '>', 999999999)]")
        cls.customers = [cls._make_customer(f'Compared {number}', email=f'c{number}@a.example') for number in range(30)]

    def _comparison(self, user=None, **vals):
        return self.env['fulfilment.collection.comparison'].with_user(user or self.credit).create({
            'name': 'Sooner?', 'company_id': self.company.id, 'strategy_id': self.strategy.id, 'rival_id': self.rival.id, **vals,
        })

    def _owing(self):
        for customer in self.customers:
            self._invoice(customer, 100, TODAY, day=TODAY - timedelta(days=30))
        self._profiles()
        return self.Profile.search([('partner_id', 'in', [one.id for one in self.customers]), ('company_id', '=', self.company.id)])

    def _assigned(self, profiles):
        return self.strategy._assigned(self.company, profiles)

    def test_shared_out_at_random_and_always_the_same(self):
        profiles = self._owing()
        self.assertEqual(self._assigned(profiles), {self.strategy: profiles})
        comparison = self._comparison()
        self.assertEqual(self._assigned(profiles), {self.strategy: profiles}, "nothing before it begins")
        comparison.action_start()
        shared = self._assigned(profiles)
        self.assertEqual(shared[self.strategy] | shared[self.rival], profiles)
        self.assertFalse(shared[self.strategy] & shared[self.rival])
        self.assertGreater(min(len(own) for own in shared.values()), 4)
        self.assertEqual(self._assigned(profiles), shared)
        self.assertEqual(self._assigned(profiles[:15])[self.strategy], shared[self.strategy] & profiles[:15])
        comparison.action_end()
        self.assertEqual(self._assigned(profiles), {self.strategy: profiles})

    def test_what_came_of_it(self):
        profiles = self._owing()
        comparison = self._comparison()
        comparison.action_start()
        drawn = comparison._drawn(profiles).partner_id
        self._nights([1, 3])
        lines = self.env['account.move.line'].search([
            ('partner_id', 'in', [one.id for one in self.customers]), ('account_type', '=', 'asset_receivable'), ('balance', '>', 0),
        ])
        for line in lines:
            self._pay(line, 100, TODAY + timedelta(days=6 if line.partner_id in drawn else 23))
        self._at(40)
        self.env.invalidate_all()
        early = comparison._outcomes()
        self.assertEqual(set(early[self.rival]), {(None, 1.0)}, "how many days it took is told after sixty of them")
        self._at(70)
        self.env.invalidate_all()
        outcomes = comparison._outcomes()
        self.assertEqual(set(outcomes[self.rival]), {(5.0, 1.0)})
        self.assertEqual(set(outcomes[self.strategy]), {(20.0, 1.0)})
        self.assertEqual(len(outcomes[self.rival]) + len(outcomes[self.strategy]), 30)
        self.assertIn('Rival', comparison.result)

    def test_the_other_is_adopted(self):
        comparison = self._comparison()
        comparison.action_start()
        comparison.with_user(self.credit).action_adopt()
        self.assertEqual((self.rival.sequence, self.rival.domain, self.rival.active), (10, '[]', True))
        self.assertFalse(self.strategy.active)
        profiles = self._owing()
        self.assertEqual(self._assigned(profiles), {self.rival: profiles})
        with self.assertRaises(UserError):
            comparison.action_end()

    def test_what_is_refused(self):
        with self.assertRaises(ValidationError):
            self._comparison(rival_id=self.strategy.id)
        with self.assertRaises(AccessError):
            self._comparison(user=self.seller)
        comparison = self._comparison()
        comparison.action_start()
        with self.assertRaises(UserError):
            self._comparison().action_start()
        with self.assertRaises(UserError):
            comparison.rival_id = self.strategy
        with self.assertRaises(UserError):
            comparison.unlink()
        with self.assertRaises(AccessError):
            comparison.state = 'ended'
        self.assertIn('Too few', comparison.result)
