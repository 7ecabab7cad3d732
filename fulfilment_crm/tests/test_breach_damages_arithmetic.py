"""Damages for delay against known answers, and against a calculation day by day in fractions."""
import random
from datetime import date, timedelta
from decimal import Decimal as D
from fractions import Fraction

from odoo.tests import BaseCase, tagged

from ..tools.damages import Terms, Version, accrue, accrue_versions, limit_together

DUE = date(2026, 1, 31)
CASES = 5000


def day(number):
    return DUE + timedelta(days=number)


def rounded(value, unit=Fraction(1, 100)):
    units = value / unit
    return ((2 * units.numerator + units.denominator) // (2 * units.denominator)) * unit


def day_by_day(versions, until, payments=(), suspended=()):
    """The slow, obvious calculation: every day is asked whether it is late, what is open on it and what it brings.

    :return: ``[(day, amount)]`` of the days that count
    """
    def in_force(one):
        return [version for version in versions if not version.start or version.start <= one][-1]

    def is_open(one):
        return Fraction(in_force(one).amount) - sum((Fraction(amount) for paid, amount in payments if paid < one), Fraction(0))

    late, one = [], min(version.due for version in versions)
    while one < until:
        one += timedelta(days=1)
        if one > in_force(one).due and is_open(one) > 0 and not any(first <= one <= last for first, last in suspended):
            late.append(one)
    counted = [
        one for number, one in enumerate(late, 1)
        if (len(late) > in_force(one).terms.grace if in_force(one).terms.grace_kind == 'trigger' else number > in_force(one).terms.grace)
    ]
    if counted:
        terms = in_force(counted[-1]).terms
        if isinstance(terms.per, int) and not terms.rates:
            if terms.fraction == 'drop':
                counted = counted[:len(counted) // terms.per * terms.per]
            elif terms.fraction == 'full':
                counted += counted[-1:] * (-len(counted) % terms.per)
    brought, total, real = [], Fraction(0), len(set(counted))
    for number, one in enumerate(counted, 1):
        version = in_force(one)
        terms, base = version.terms, is_open(one)
        if terms.rates:
            known = [percent for since, percent in terms.rates if since <= one] or [terms.rates[0][1]]
            each = base * Fraction(known[-1]) / 100 / terms.year_days
        else:
            days = {'day': 1, 'year': terms.year_days}.get(terms.per, terms.per)
            each = base * Fraction(terms.rate) / 100 / days
        each = rounded(each) if terms.rounding == 'daily' else each
        before = [percent for level, percent in terms.levels if level < number]
        reached = [percent for level, percent in terms.levels if level == number]
        if reached and number <= real:  # what a period adds at the end is no delay
            each += (Fraction(reached[-1]) - Fraction(before[-1] if before else 0)) * base / 100
        most = [Fraction(version.amount) * Fraction(terms.cap) / 100] if terms.cap is not None else []
        most += [Fraction(terms.limit)] if terms.limit is not None else []
        after = max(total, min([total + each, *most]))
        brought.append((one, after - total))
        total = after
    return brought


@tagged('standard')
class TestDamagesArithmetic(BaseCase):

    # === KNOWN ANSWERS === #

    def test_days_of_grace(self):
        terms = {'rate': D('0.05'), 'grace': 3}
        self.assertEqual(accrue(D(200000), DUE, day(45), **terms).total, D('4200.00'))
        self.assertEqual(accrue(D(200000), DUE, day(45), grace_kind='trigger', **terms).total, D('4500.00'))
        self.assertEqual(accrue(D(200000), DUE, day(3), grace_kind='trigger', **terms).total, 0)
        self.assertEqual(accrue(D(200000), DUE, day(4), grace_kind='trigger', **terms).total, D('400.00'))
        self.assertEqual(accrue(D(200000), DUE, day(4), **terms).total, D('100.00'))

    def test_part_payment(self):
        result = accrue(D(200000), DUE, day(45), [(day(20), D(80000))], rate=D('0.05'))
        self.assertEqual(result.total, D('3500.00'))
        self.assertEqual([(one.days, one.base, one.amount, one.reason) for one in result.segments],
                         [(20, 200000, D('2000.00'), 'late'), (25, 120000, D('1500.00'), 'paid')])
        self.assertEqual((result.segments[0].start, result.segments[0].end), (day(1), day(20)))

    def test_cap(self):
        self.assertEqual(accrue(D(200000), DUE, day(45), rate=D('0.05'), cap=D(2)).total, D('4000.00'))
        self.assertEqual(accrue(D(200000), DUE, day(45), rate=D('0.05'), limit=D(1234)).total, D('1234.00'))

    def test_yearly_rates(self):
        rates = ((date(2025, 1, 1), D('4.5')), (day(51), D('4.35')))
        result = accrue(D(200000), DUE, day(90), rates=rates, year_days=360)
        self.assertEqual(result.total, D('2216.67'))
        self.assertEqual([one.days for one in result.segments], [50, 40])
        self.assertEqual(accrue(D(200000), DUE, day(50), rate=D('4.5'), per='year', year_days=360).total, D('1250.00'))

    def test_periods_that_have_begun(self):
        for fraction, total in (('drop', 2000), ('exact', D('2571.43')), ('full', 3000)):
            with self.subTest(fraction=fraction):
                self.assertEqual(accrue(D(200000), DUE, day(18), rate=D('0.5'), per=7, fraction=fraction).total, total)

    def test_levels(self):
        terms = {'levels': ((1, D(1)), (8, D(2)), (31, D(5)))}
        for days, total in ((0, 0), (1, 1000), (7, 1000), (8, 2000), (30, 2000), (31, 5000), (300, 5000)):
            with self.subTest(days=days):
                self.assertEqual(accrue(D(100000), DUE, day(days), **terms).total, total)

    def test_suspended(self):
        self.assertEqual(accrue(D(200000), DUE, day(45), suspended=[(day(11), day(20))], rate=D('0.05')).total, D('3500.00'))

    def test_nothing_is_owed(self):
        for amount, until, payments in (
            (D(0), day(9), ()), (D(-5), day(9), ()), (D(100), DUE, ()), (D(100), day(-9), ()), (D(100), day(9), [(DUE, D(100))]),
            (D(100), day(9), [(day(-4), D(300))]),
        ):
            with self.subTest(amount=amount, until=until, payments=payments):
                result = accrue(amount, DUE, until, payments, rate=D(1))
                self.assertEqual((result.total, result.days, result.segments), (0, 0, ()))
        self.assertEqual(accrue(D(100), DUE, day(9), [(day(1), D(100))], rate=D(1)).total, D('1.00'), "the day of payment counts")

    def test_terms_that_cannot_be(self):
        for vals in (
            {'rate': D(-1)}, {'per': 0}, {'per': 'week'}, {'fraction': 'half'}, {'grace': -1}, {'grace_kind': 'none'}, {'cap': D(-1)},
            {'year_days': 0}, {'rounding': 'up'}, {'levels': ((0, D(1)),)}, {'rates': ((DUE, D(-1)),)}, {'limit': D(-1)},
        ):
            with self.subTest(vals=vals), self.assertRaises(ValueError):
                accrue(D(100), DUE, day(9), **vals)

    def test_an_amendment_leaves_the_days_before_it(self):
        terms = Terms(rate=D('0.05'))
        before = accrue_versions([Version(None, DUE, D(200000), terms)], day(20)).total
        for version in (
            Version(day(21), day(30), D(200000), terms), Version(day(21), DUE, D(50000), terms),
            Version(day(21), DUE, D(200000), Terms(rate=D('0.01'))), Version(day(21), day(-9), D(200000), terms),
        ):
            with self.subTest(version=version):
                both = [Version(None, DUE, D(200000), terms), version]
                self.assertEqual(accrue_versions(both, day(20)).total, before)
                later = accrue_versions(both, day(40))
                self.assertEqual(sum(one.amount for one in later.segments if one.end <= day(20)), before)
        moved = accrue_versions([Version(None, DUE, D(200000), terms), Version(day(21), day(30), D(200000), terms)], day(40))
        self.assertEqual(moved.days, 30, "20 before it, none until the new date, 10 after")

    def test_several_share_one_limit(self):
        one, other = (accrue(D(100000), due, day(30), rate=D('0.1')) for due in (DUE, day(10)))
        self.assertEqual((one.total, other.total), (3000, 2000))
        first, second = limit_together([one, other], [(None, D(2000))])
        # Ten days of the first alone bring 1,000; then both bring 100 a day for five days.
        self.assertEqual((first.total, second.total), (1500, 500))
        self.assertEqual(limit_together([one, other], [(None, D(5000))]), [one, other])
        first, second = limit_together([one, other], [(None, D(2050))])
        self.assertEqual((first.total, second.total), (1550, 500), "on one day in their order")
        first, second = limit_together([one, other], [(None, D(1000)), (day(21), D(1500))])
        self.assertEqual((first.total, second.total), (1300, 200), "on day 21 there is room again")

    # === AGAINST THE SLOW CALCULATION === #

    def _random_terms(self, some):
        terms = {
            'grace': some.choice([0, 0, 3, 10]), 'grace_kind': some.choice(['deductible', 'trigger']),
            'fraction': some.choice(['drop', 'exact', 'full']), 'rounding': some.choice(['end', 'daily']),
            'per': some.choice(['day', 'year', 7, 10, 30]), 'year_days': some.choice([360, 365]),
            'rate': D(some.choice(['0.05', '0.1', '0.333', '1', '4.35'])),
        }
        if some.random() < 0.3:
            terms['cap'] = D(some.choice(['0', '0.5', '2', '5', '20']))
        if some.random() < 0.2:
            terms['limit'] = D(some.randint(0, 5000))
        if some.random() < 0.25:
            days = sorted(some.sample(range(-100, 150), some.randint(1, 4)))
            terms['rates'] = tuple((day(one), D(some.randint(0, 2400)) / 100) for one in days)
        if some.random() < 0.2:
            terms['levels'] = tuple((level, D(number)) for number, level in enumerate(sorted(some.sample(range(1, 60), 3))))
        return Terms(**terms)

    def test_random_clauses_payments_and_amendments(self):
        some = random.Random(20261130)
        for number in range(CASES):
            versions = [Version(None, DUE, D(some.randint(1, 30_000_000)) / 100, self._random_terms(some))]
            for start in sorted(some.sample(range(-20, 100), some.choice([0, 0, 0, 1, 2]))):
                last = versions[-1]
                versions.append(some.choice([
                    last._replace(start=day(start), due=day(some.randint(-10, 80))),
                    last._replace(start=day(start), amount=D(some.randint(0, 30_000_000)) / 100),
                    last._replace(start=day(start), terms=self._random_terms(some)),
                ]))
            payments = [
                (day(some.randint(-20, 120)), D(some.randint(-500_000, 15_000_000)) / 100) for _one in range(some.choice([0, 1, 2, 5]))
            ]
            suspended = [(day(first), day(first + some.randint(0, 30))) for first in some.sample(range(-10, 90), some.choice([0, 0, 1, 2]))]
            until = day(some.randint(-5, 130))
            result = accrue_versions(versions, until, payments, suspended)
            slow = day_by_day(versions, until, payments, suspended)
            with self.subTest(number=number):
                self.assertEqual(Fraction(result.total), rounded(sum((amount for _day, amount in slow), Fraction(0))))
                self.assertEqual(result.days, len(slow))
                self.assertEqual(sum((one.amount for one in result.segments), D(0)), result.total)
                earlier = accrue_versions(versions, until - timedelta(days=some.randint(0, 20)), payments, suspended)
                if all(version.terms.fraction == 'exact' and version.terms.grace_kind == 'deductible' for version in versions):
                    self.assertLessEqual(earlier.total, result.total, "what has accrued stays owed")

    def test_random_damages_under_one_limit(self):
        some = random.Random(7)
        for number in range(500):
            cases = []
            for _one in range(some.randint(1, 4)):
                terms = Terms(rate=D(some.choice(['0.05', '0.1', '0.333'])), grace=some.choice([0, 3]), cap=some.choice([None, D(3)]))
                versions = [Version(None, day(some.randint(0, 40)), D(some.randint(1, 300_000)), terms)]
                cases.append((versions, [(day(some.randint(0, 80)), D(some.randint(1, 200_000)))] if some.random() < 0.5 else []))
            limits = [(None, D(some.randint(0, 20_000)))]
            if some.random() < 0.3:
                limits.append((day(some.randint(10, 80)), limits[0][1] + some.randint(0, 9000)))
            accruals = [accrue_versions(versions, day(90), payments) for versions, payments in cases]
            given = limit_together(accruals, limits)
            slow, total = [Fraction(0)] * len(cases), Fraction(0)
            brought = [dict(day_by_day(versions, day(90), payments)) for versions, payments in cases]
            for one in map(day, range(1, 91)):
                most = Fraction([amount for start, amount in limits if not start or start <= one][-1])
                for place, days in enumerate(brought):
                    part = max(min(days.get(one, Fraction(0)), most - total), Fraction(0))
                    slow[place] += part
                    total += part
            with self.subTest(number=number):
                self.assertLessEqual(sum(one.total for one in given), limits[-1][1])
                for one, amount in zip(given, slow, strict=True):
                    self.assertLessEqual(abs(Fraction(one.total) - amount), Fraction(1, 100))
                    self.assertEqual(sum((part.amount for part in one.segments), D(0)), one.total)
