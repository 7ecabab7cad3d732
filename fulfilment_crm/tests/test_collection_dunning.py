"""Strategies without a database: the order of steps, rests, smallest amounts, quiet days."""
import random
from datetime import date, timedelta

from odoo.tests import BaseCase, tagged

from ..tools.dunning import Instalment, Step, following, plan

STEPS = [Step('before', -3), Step('first', 3), Step('second', 10), Step('third', 20), Step('last', 40)]
DUE = date(2026, 1, 1)


def day(number):
    return DUE + timedelta(days=number)


@tagged('post_install', '-at_install')
class TestDunning(BaseCase):

    def _run(self, instalments, days, steps=STEPS, contacts=None, credits=None, facts=None):
        """Day by day, as the scheduled action looks at what is due to be looked at: ``[(day number, customer, step, keys)]``."""
        looked_at, done = {one.key: day(-30) for one in instalments}, []
        for number in days:
            for change in (facts or {}).get(number, ()):
                change()
            customers = {one.customer for one in instalments if looked_at[one.key] is not None and looked_at[one.key] <= day(number)}
            some = [one for one in instalments if one.customer in customers]
            letters, again = plan(some, steps, day(number), contacts if contacts is not None else {}, credits)
            looked_at.update(again)
            done += [(number, letter.customer, letter.step.key, letter.keys) for letter in letters]
        return done

    def _one(self, key=1, customer='A', amount=100.0, due=DUE, **vals):
        return Instalment(key, customer, due, amount, **vals)

    def test_one_step_after_the_other(self):
        self.assertEqual(self._run([self._one()], range(-5, 60)), [
            (number, 'A', step, (1,)) for number, step in ((-3, 'before'), (3, 'first'), (10, 'second'), (20, 'third'), (40, 'last'))
        ])

    def test_disputed_at_step_one_and_resolved_on_day_17(self):
        one = self._one()
        done = self._run([one], range(-5, 60), facts={
            4: [lambda: setattr(one, 'amount', 0.0)], 17: [lambda: setattr(one, 'amount', 100.0)],
        })
        self.assertEqual([(number, step) for number, _customer, step, _keys in done], [
            (-3, 'before'), (3, 'first'), (17, 'second'), (27, 'third'), (47, 'last'),
        ])

    def test_an_old_debt_begins_with_the_first_step(self):
        done = self._run([self._one()], range(200, 260))
        self.assertEqual([(number, step) for number, _customer, step, _keys in done], [
            (200, 'first'), (207, 'second'), (217, 'third'), (237, 'last'),
        ])

    def test_one_letter_a_customer_and_level(self):
        some = [self._one(1), self._one(2), self._one(3, due=day(7)), self._one(4, 'B')]
        done = self._run(some, range(3, 4))
        self.assertEqual(done, [(3, 'A', 'first', (1, 2)), (3, 'B', 'first', (4,))])

    def test_the_highest_level_first(self):
        some = [self._one(1, taken=3, taken_on=day(3)), self._one(2, due=day(7))]
        self.assertEqual(self._run(some, range(10, 11)), [(10, 'A', 'second', (1,)), (10, 'A', 'first', (2,))])
        steps = [Step('first', 3, quiet=5), Step('second', 10, quiet=5)]
        some = [self._one(1, taken=3, taken_on=day(3)), self._one(2, due=day(7))]
        self.assertEqual(self._run(some, range(10, 16), steps, contacts={}), [(10, 'A', 'second', (1,)), (15, 'A', 'first', (2,))])

    def test_quiet_days_count_whatever_was_written(self):
        steps = [Step('first', 3, quiet=7)]
        self.assertEqual(self._run([self._one()], range(3, 20), steps, contacts={'A': day(2)}), [(9, 'A', 'first', (1,))])
        self.assertEqual(self._run([self._one()], range(3, 20), steps, contacts={'A': day(-4)}), [(3, 'A', 'first', (1,))])

    def test_the_smallest_amount(self):
        steps = [Step('first', 3, minimum=150.0)]
        self.assertEqual(self._run([self._one()], range(3, 30), steps), [])
        self.assertEqual(self._run([self._one(amount=150.0)], range(3, 4), steps), [(3, 'A', 'first', (1,))])
        self.assertEqual(self._run([self._one(amount=149.99)], range(3, 4), steps), [])
        some = [self._one(1), self._one(2, due=day(4))]
        self.assertEqual(self._run(some, range(3, 30), steps), [(7, 'A', 'first', (1, 2))], "together they are enough")

    def test_credits_are_set_off_first(self):
        some = [self._one(1), self._one(2, due=day(1))]
        self.assertEqual(self._run(some, range(4, 5), credits={'A': 100.0}), [(4, 'A', 'first', (2,))])
        some = [self._one(1), self._one(2, due=day(1))]
        self.assertEqual(self._run(some, range(4, 5), credits={'A': 200.0}), [])

    def test_a_promise_rests_until_its_day(self):
        one = self._one(rests=((day(15), 60.0), (day(18), 40.0)))
        _letters, again = plan([one], STEPS, day(3), {})
        self.assertEqual(again, {1: day(16)})
        self.assertEqual((one.asked(day(15)), one.asked(day(16)), one.asked(day(19))), (0.0, 60.0, 100.0))

    def test_all_taken(self):
        self.assertIsNone(following(self._one(taken=40, taken_on=day(40)), STEPS, day(90)))
        _letters, again = plan([self._one(taken=40, taken_on=day(40))], STEPS, day(90), {})
        self.assertEqual(again, {1: None})

    def test_another_strategy_goes_on_where_it_stood(self):
        others = [Step('call', 5), Step('lawyer', 30)]
        step, when = following(self._one(taken=10, taken_on=day(12)), others, day(13))
        self.assertEqual((step.key, when), ('lawyer', day(32)))

    def test_nothing_is_taken_twice_or_left_out(self):
        """Random customers and interruptions: each step once, in order, never two on a day, never before its day."""
        dice = random.Random(14)
        for number in range(100):
            some = [self._one(key, dice.choice('AB'), due=day(dice.randint(0, 20))) for key in range(5)]
            offsets = sorted(dice.sample(range(-5, 40), 4))
            steps = [Step(index, offset, quiet=dice.choice((0, 0, 3))) for index, offset in enumerate(offsets)]
            days = [one for one in range(-10, 150) if dice.random() < 0.8]
            done = self._run(some, days, steps, contacts={})
            for one in some:
                taken = [(at, step) for at, _customer, step, keys in done if one.key in keys]
                offsets = {step.key: step.offset for step in steps}
                with self.subTest(number=number, key=one.key):
                    self.assertEqual(sorted({step for _at, step in taken}), [step for _at, step in taken], "in order and once")
                    self.assertEqual(len({at for at, _step in taken}), len(taken), "one a day")
                    self.assertTrue(all(day(at) >= one.due + timedelta(days=offsets[step]) for at, step in taken))
                    after = {step.key for step in steps if step.offset >= 0}
                    self.assertLessEqual(after, {step for _at, step in taken}, "nothing after the due date is left out")
