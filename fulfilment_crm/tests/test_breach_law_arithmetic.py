"""Claim accounts, limitation and court fees against known answers and a day-by-day calculation."""
import random
from datetime import date, timedelta
from decimal import ROUND_HALF_UP
from decimal import Decimal as D

from odoo.tests import BaseCase, tagged

from ..tools.claim import PARTS, appropriate
from ..tools.limitation import ends, periods
from ..tools.tariff import fee

DUE = date(2026, 1, 31)
COURT = [
    (10_000, 0, 50), (100_000, D('2.5'), 0), (200_000, 2, 0), (500_000, D('1.5'), 0), (1_000_000, 1, 0), (2_000_000, D('0.9'), 0),
    (5_000_000, D('0.8'), 0), (10_000_000, D('0.7'), 0), (20_000_000, D('0.6'), 0), (None, D('0.5'), 0),
]
BANDS = [(None if limit is None else D(limit), D(percent), D(fixed)) for limit, percent, fixed in COURT]


def day(number):
    return DUE + timedelta(days=number)


@tagged('standard')
class TestLawArithmetic(BaseCase):

    # === COURT FEES === #

    def test_court_fees(self):
        for amount, expected in (
            (0, 0), (1, 50), (10_000, 50), (100_000, 2300), (200_000, 4300), (500_000, 8800), (1_000_000, 13_800), (2_000_000, 22_800),
            (5_000_000, 46_800), (10_000_000, 81_800), (20_000_000, 141_800), (30_000_000, 191_800), ('10000.40', '50.01'),
        ):
            with self.subTest(amount=amount):
                self.assertEqual(fee(D(amount), BANDS), D(expected))
        with self.assertRaises(ValueError):
            fee(D(30_000), [(D(10_000), D(1), D(0)), (D(10_000), D(1), D(0))])

    # === LIMITATION === #

    def test_limitation(self):
        leap, demand = date(2024, 2, 29), date(2026, 5, 31)
        self.assertEqual(ends(leap), date(2027, 2, 28))
        self.assertEqual(ends(leap, [(demand, 'demand', True)]), date(2029, 5, 31))
        self.assertEqual(ends(leap, [(demand, 'demand', False)]), date(2027, 2, 28), "a demand that came back changes nothing")
        self.assertEqual(ends(leap, [(date(2027, 3, 1), 'demand', True)]), date(2027, 2, 28), "after the end nothing starts it again")
        self.assertEqual(ends(leap, [(date(2027, 2, 28), 'suit', True)]), date(2030, 2, 28), "on its last day it does")
        self.assertEqual(ends(leap, [(leap, 'paid', True)]), date(2027, 2, 28), "the years have not begun on the day it is due")
        self.assertEqual(ends(leap, [(demand, 'paid', True), (date(2025, 1, 1), 'acknowledged', True)], years=2), date(2028, 5, 31))
        self.assertEqual([one.kind for one in periods(leap, [(demand, 'paid', True)])], ['due', 'paid'])
        with self.assertRaises(ValueError):
            ends(leap, [(demand, 'greeting', True)])

    # === CLAIM ACCOUNT === #

    def test_in_the_order_of_the_law(self):
        debt = {'due': DUE, 'principal': D(100_000), 'interest': D(5000), 'costs': D(3000), 'rate': D(0)}
        account = appropriate([debt], [(day(1), D(30_000))], 'law', day(1))
        [[split]] = account.splits
        self.assertEqual((split.costs, split.interest, split.principal), (3000, 5000, 22_000))
        self.assertEqual(account.left, [{'principal': D(78_000), 'interest': D(0), 'costs': D(0)}])
        account = appropriate([debt], [(day(1), D(30_000))], 'principal', day(1))
        self.assertEqual(account.left, [{'principal': D(70_000), 'interest': D(5000), 'costs': D(3000)}])
        with self.assertRaises(ValueError):
            appropriate([debt], [], 'mine', DUE)
        with self.assertRaises(ValueError):
            appropriate([{**debt, 'costs': D(-1)}], [], 'law', DUE)

    def test_several_debts(self):
        debts = [
            {'due': day(50), 'principal': D(100), 'interest': 0, 'costs': 0, 'rate': D(1)},
            {'due': day(-5), 'principal': D(100), 'interest': 0, 'costs': 0, 'rate': 0, 'secured': D(100)},
            {'due': day(-4), 'principal': D(100), 'interest': 0, 'costs': 0, 'rate': 0},
            {'due': day(-6), 'principal': D(100), 'interest': 0, 'costs': 0, 'rate': 0},
        ]
        account = appropriate(debts, [(DUE, D(350))], 'law', DUE)
        self.assertEqual([split.debt for split in account.splits[0]], [3, 2, 1, 0], "due first, least secured, oldest")
        self.assertEqual(account.left[0]['principal'], 50)
        self.assertEqual(appropriate(debts, [(DUE, D(500))], 'law', DUE).excess, 100)

    def test_interest_runs_on_open_principal(self):
        debt = {'due': DUE, 'principal': D(200_000), 'interest': 0, 'costs': 0, 'rate': D('0.05')}
        account = appropriate([debt], [(day(20), D(80_000))], 'principal', day(45))
        self.assertEqual(account.left, [{'principal': D(120_000), 'interest': D(3500), 'costs': D(0)}])
        account = appropriate([debt], [(day(20), D(80_000))], 'law', day(45))
        # 2,000 of interest are paid first, so 78,000 of principal; 122,000 run for 25 days.
        self.assertEqual(account.left, [{'principal': D(122_000), 'interest': D(1525), 'costs': D(0)}])

    def test_random_ledgers(self):
        some = random.Random(561)
        for number in range(1000):
            debts = [{
                'due': day(some.randint(-60, 60)), 'principal': D(some.randint(0, 5_000_000)) / 100,
                'interest': D(some.randint(0, 50_000)) / 100, 'costs': D(some.randint(0, 20_000)) / 100,
                'rate': D(some.choice(['0', '0.05', '0.1'])), 'secured': D(some.choice([0, 0, 1000])),
            } for _one in range(some.randint(1, 4))]
            receipts = [(day(some.randint(-50, 100)), D(some.randint(1, 4_000_000)) / 100) for _one in range(some.randint(0, 6))]
            until, order = day(some.randint(0, 120)), some.choice(['law', 'principal'])
            account = appropriate(debts, receipts, order, until)
            counted = sorted((one for one in receipts if one[0] <= until), key=lambda one: (one[0], -one[1]))
            with self.subTest(number=number):
                paid = [sum(sum((split.principal, split.interest, split.costs), D(0)) for split in own) for own in account.splits]
                self.assertEqual(sum(paid) + account.excess, sum((amount for _day, amount in counted), D(0)), "receipts equal their splits")
                for (_day, amount), split in zip(counted, paid, strict=True):
                    self.assertLessEqual(split, amount)
                self.assertEqual(account.left, day_by_day(debts, counted, order, until))
                undone = day(some.randint(-50, 100)), D(some.randint(1, 4_000_000)) / 100
                taken_back = appropriate(debts, [*receipts, undone, (undone[0], -undone[1])], order, until)
                self.assertEqual((taken_back.left, taken_back.excess), (account.left, account.excess), "undone, it is as before")


def day_by_day(debts, receipts, order, until):
    """The slow, obvious calculation: interest of each day is added, then what came on it is split."""
    names = ('costs', 'interest', 'principal') if order == 'law' else ('principal', 'interest', 'costs')
    open_parts = [{name: D(debt[name]) for name in PARTS} for debt in debts]
    exact, told = [D(0)] * len(debts), [D(0)] * len(debts)
    one = min([debt['due'] for debt in debts] + [received for received, _amount in receipts])
    while one <= until:
        for place, debt in enumerate(debts):
            if one > debt['due']:
                exact[place] += open_parts[place]['principal'] * debt['rate'] / 100
        came = [amount for received, amount in receipts if received == one]
        for amount in came:
            for place in range(len(debts)):
                rounded = exact[place].quantize(D('0.01'), ROUND_HALF_UP)
                open_parts[place]['interest'] += rounded - told[place]
                told[place] = rounded
            left = amount
            for place in sorted(range(len(debts)), key=lambda place: (
                debts[place]['due'] > one,
                min(debts[place]['secured'] / sum(open_parts[place].values()), D(1)) if sum(open_parts[place].values()) else D(1),
                -debts[place]['rate'], debts[place]['due'], place,
            )):
                for name in names:
                    part = min(left, open_parts[place][name])
                    open_parts[place][name] -= part
                    left -= part
        one += timedelta(days=1)
    for place in range(len(debts)):
        open_parts[place]['interest'] += exact[place].quantize(D('0.01'), ROUND_HALF_UP) - told[place]
    return open_parts
