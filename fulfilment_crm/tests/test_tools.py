import random
from datetime import date, datetime, time, timedelta

from odoo.tests import TransactionCase, tagged

from ..tools import markup
from ..tools.address import one_line
from ..tools.allocation import Instalment, allocate
from ..tools.amount_words import DIGITS, amount_in_words, chinese_amount, chinese_integer
from ..tools.free_money import cover
from ..tools.local_time import at, begin_of, clock, end_of, noon_of
from ..tools.months import last_day
from ..tools.period import MONTHS, period_name, period_of, periods_between
from ..tools.placeholders import fill, keys, unfilled


def read_chinese(text):
    """The number a text of financial capitals stands for: slow, and written the other way round."""
    sizes = {'拾': 10, '佰': 100, '仟': 1000}
    total, section, digit = 0, 0, 0
    for char in text:
        if char in DIGITS:
            digit = DIGITS.index(char)
        elif char in sizes:
            section += digit * sizes[char]
            digit = 0
        elif char == '万':
            total += (section + digit) * 10_000
            section = digit = 0
        elif char == '亿':
            total = (total + section + digit) * 100_000_000
            section = digit = 0
    return total + section + digit


@tagged('post_install', '-at_install')
class TestAmountInWords(TransactionCase):

    def test_chinese_known_answers(self):
        for amount, words in (
            (0, '人民币零元整'), (0.05, '人民币伍分'), (0.5, '人民币伍角整'), (1.05, '人民币壹元零伍分'),
            (100000.10, '人民币壹拾万元壹角整'),
            (10000000000, '人民币壹佰亿元整'), (-1234.56, '人民币负壹仟贰佰叁拾肆元伍角陆分'), (10005, '人民币壹万零伍元整'),
            (107000.53, '人民币壹拾万柒仟元伍角叁分'), (16409.02, '人民币壹万陆仟肆佰零玖元零贰分'),
            (0.004, '人民币零元整'), (-0.001, '人民币零元整'), (0.005, '人民币壹分'), (100010001, '人民币壹亿零壹万零壹元整'),
        ):
            with self.subTest(amount=amount):
                self.assertEqual(chinese_amount(amount), words)

    def test_chinese_by_decimals(self):
        for amount, places, words in (
            (1.234, 3, '人民币壹元贰角叁分肆厘'), (1.204, 3, '人民币壹元贰角零肆厘'), (1.004, 3, '人民币壹元零肆厘'),
            (1.2, 3, '人民币壹元贰角整'),
            (0.004, 3, '人民币肆厘'), (1234.5, 0, '人民币壹仟贰佰叁拾伍元整'), (1.23, 3, '人民币壹元贰角叁分'), (1.0004, 3, '人民币壹元整'),
        ):
            with self.subTest(amount=amount):
                self.assertEqual(chinese_amount(amount, places=places), words)

    def test_last_day(self):
        for start, months, end in (
            ('2024-02-29', 12, '2025-02-28'), ('2025-01-31', 1, '2025-02-28'), ('2024-01-31', 1, '2024-02-29'),
            ('2026-01-01', 12, '2026-12-31'), ('2026-03-15', 1, '2026-04-14'), ('2025-03-01', 12, '2026-02-28'),
            ('2023-02-28', 12, '2024-02-27'), ('2026-05-31', 1, '2026-06-30'),
        ):
            with self.subTest(start=start):
                self.assertEqual(last_day(date.fromisoformat(start), months), date.fromisoformat(end))

    def test_chinese_reads_back(self):
        generator = random.Random(7)
        numbers = [generator.randrange(10 ** generator.randrange(1, 16)) for _ in range(2000)] + [10 ** power for power in range(16)]
        for number in numbers:
            self.assertEqual(read_chinese(chinese_integer(number)), number)
            self.assertNotIn('零零', chinese_integer(number))

    def test_other_languages(self):
        self.env['res.lang']._activate_lang('fr_FR')
        euro = self.env.ref('base.EUR')
        self.assertIn('Two', amount_in_words(euro, 2.0, 'en_US'))
        self.assertEqual(amount_in_words(euro, -2.0, 'en_US').split()[0], 'Minus')
        self.assertIn('Deux', amount_in_words(euro, 2.0, 'fr_FR'))

    def test_chinese_names_the_currency(self):
        self.env['res.lang']._activate_lang('zh_CN')
        dollar = self.env.ref('base.USD')
        self.assertTrue(amount_in_words(self.env.ref('base.CNY'), 1.0, 'zh_CN').startswith('人民币'))
        self.assertEqual(amount_in_words(dollar, 1.0, 'zh_CN'), '美元壹元整')


@tagged('post_install', '-at_install')
class TestPlaceholders(TransactionCase):

    def test_fill(self):
        self.assertEqual(keys('{a} and {b_c}, {a}; {A} {1}'), ['a', 'b_c'])
        self.assertEqual(fill('{a} {b}', {'a': '{b}', 'b': ''}), '{b} {b}')
        self.assertEqual(unfilled('done {place} ____'), ['place', '____'])

    def test_text_is_never_evaluated(self):
        self.assertEqual(fill('{a.__class__} {a!r} %(a)s', {'a': 'x'}), '{a.__class__} {a!r} %(a)s')

    def test_an_address_on_one_line(self):
        self.assertEqual(one_line('14 Quay Street\n\n Baltimore MD\nUnited States\n'), '14 Quay Street, Baltimore MD, United States')
        self.assertEqual((one_line('\n \n'), one_line(False)), ('', ''))


def allocate_slowly(milestones, instalments):
    """The same by cents: each cent of each instalment goes to the first milestone with room; settled cents follow in order."""
    room = {key: round(amount * 100) for key, amount in milestones}
    settled = {key: [] for key, _amount in milestones}
    for one in sorted(instalments, key=lambda one: (not one.is_down_payment, one.date_due, one.line_id)):
        cents = []
        for _cent in range(round(one.amount * 100)):
            key = next((key for key, _amount in milestones if room[key] > 0), None)
            if key is not None:
                room[key] -= 1
                cents.append(key)
        for day, amount, is_payment in sorted(one.events, key=lambda event: event[0]):
            for _cent in range(round(amount * 100)):
                if cents:
                    settled[cents.pop(0)].append((day, is_payment))
    return {
        key: {
            'paid': sum(is_payment for _day, is_payment in settled[key]) / 100,
            'credited': sum(not is_payment for _day, is_payment in settled[key]) / 100,
            'date_done': sorted(settled[key])[-1][0] if amount and len(settled[key]) == round(amount * 100) else None,
        } for key, amount in milestones
    }


@tagged('post_install', '-at_install')
class TestAllocation(TransactionCase):
    day = date(2026, 1, 1)

    def test_two_instalments_two_milestones(self):
        rows, outcomes, excess = allocate(
            [(1, 300.0), (2, 700.0)],
            [Instalment(10, 1000.0, self.day, events=[(self.day, 250.0, True), (self.day + timedelta(3), 150.0, True)])],
        )
        self.assertEqual(rows, [(1, 10, 300.0), (2, 10, 700.0)])
        self.assertEqual((outcomes[1].paid, outcomes[1].date_done), (300.0, self.day + timedelta(3)))
        self.assertEqual((outcomes[2].paid, outcomes[2].date_done), (100.0, None))
        self.assertEqual(excess, 0.0)

    def test_down_payment_fills_first_and_credit_is_not_payment(self):
        _rows, outcomes, _excess = allocate(
            [(1, 300.0), (2, 700.0)],
            [Instalment(10, 700.0, self.day, events=[(self.day, 700.0, False)]),
             Instalment(11, 300.0, self.day + timedelta(9), is_down_payment=True, events=[(self.day, 300.0, True)])],
        )
        self.assertEqual((outcomes[1].paid, outcomes[1].credited), (300.0, 0.0))
        self.assertEqual((outcomes[2].paid, outcomes[2].credited), (0.0, 700.0))

    def test_excess_and_loose_credit(self):
        _rows, outcomes, excess = allocate([(1, 100.0)], [Instalment(10, 150.0, self.day)], loose_credit=30.0)
        self.assertEqual(excess, 50.0)
        self.assertEqual((outcomes[1].credited, outcomes[1].date_done), (30.0, None))

    def test_against_slow_calculation(self):
        generator = random.Random(20260301)
        for _round in range(150):
            milestones = [(key, generator.randrange(0, 900) / 100) for key in range(1, generator.randrange(2, 5))]
            instalments = []
            for line in range(generator.randrange(0, 4)):
                amount = generator.randrange(1, 900) / 100
                events, left = [], round(amount * 100)
                while left and generator.random() < 0.7:
                    part = generator.randrange(1, left + 1)
                    left -= part
                    events.append((self.day + timedelta(generator.randrange(30)), part / 100, generator.random() < 0.8))
                instalments.append(Instalment(
                    line, amount, self.day + timedelta(generator.randrange(60)), generator.random() < 0.2, events,
                ))
            _rows, outcomes, _excess = allocate(milestones, instalments)
            slow = allocate_slowly(milestones, instalments)
            for key, amount in milestones:
                self.assertAlmostEqual(outcomes[key].paid, slow[key]['paid'], 2)
                self.assertAlmostEqual(outcomes[key].credited, slow[key]['credited'], 2)
                if amount:
                    self.assertEqual(outcomes[key].date_done, slow[key]['date_done'], (milestones, instalments))

    def test_small_units(self):
        """Three decimals: what is less than half of the smallest amount is nothing, and nothing else is."""
        _rows, outcomes, _excess = allocate(
            [(1, 0.004), (2, 10.0)], [Instalment(10, 10.004, self.day, events=[(self.day, 10.004, True)])], unit=0.001,
        )
        self.assertEqual([round(outcomes[key].paid, 3) for key in (1, 2)], [0.004, 10.0])
        self.assertEqual([bool(outcomes[key].date_done) for key in (1, 2)], [True, True])


@tagged('post_install', '-at_install')
class TestFreeMoney(TransactionCase):

    def test_its_own_currency_first(self):
        """1,000.001 dinars paid on account cover as many, though they are entered as 2,000.00 dollars."""
        self.assertEqual(cover([('KWD', 1000.001, 2000.002)], {'KWD': (1000.001, 2000.0)}), [1000.001])

    def test_other_currencies_by_worth(self):
        self.assertEqual(cover([('USD', 50.0, 50.0), ('KWD', 30.0, 60.0)], {'KWD': (40.0, 80.0)}), [50.0, 15.0])
        self.assertEqual(cover([('KWD', 30.0, 60.0), ('USD', 50.0, 50.0)], {'KWD': (40.0, 80.0)}), [30.0, 20.0])
        self.assertEqual(cover([('EUR', 10.0, 5.0)], {}), [0.0])

    def test_against_slow_arithmetic(self):
        """At one rate for each currency, coins are handed over one by one."""
        rates, chance = {'A': 1, 'B': 2, 'C': 5}, random.Random(5)
        for _round in range(200):
            debts = [(chance.choice('ABC'), chance.randrange(0, 40)) for _number in range(chance.randrange(1, 6))]
            money = {currency: chance.randrange(-20, 60) for currency in chance.sample('ABC', chance.randrange(0, 4))}
            got = cover(
                [(currency, amount, amount * rates[currency]) for currency, amount in debts],
                {currency: (amount, amount * rates[currency]) for currency, amount in money.items()},
            )
            coins = {currency: max(amount, 0) * rates[currency] for currency, amount in money.items()}  # in the smallest of all
            expected = []
            for currency, amount in debts:
                left = amount * rates[currency]
                for purse in (currency, *(one for one in sorted(coins) if one != currency)):
                    while left and coins.get(purse):
                        left, coins[purse] = left - 1, coins[purse] - 1
                expected.append(amount - left / rates[currency])
            for one, other in zip(got, expected, strict=True):
                self.assertAlmostEqual(one, other, places=6)


@tagged('post_install', '-at_install')
class TestLocalTime(TransactionCase):

    def test_days_east_and_west(self):
        day = date(2026, 3, 29)  # the clocks change in Europe
        for zone, begin, noon, end in (
            ('Asia/Shanghai', datetime(2026, 3, 28, 16), datetime(2026, 3, 29, 4), datetime(2026, 3, 29, 16)),
            ('America/Los_Angeles', datetime(2026, 3, 29, 7), datetime(2026, 3, 29, 19), datetime(2026, 3, 30, 7)),
            ('Europe/Brussels', datetime(2026, 3, 28, 23), datetime(2026, 3, 29, 10), datetime(2026, 3, 29, 22)),
            ('UTC', datetime(2026, 3, 29), datetime(2026, 3, 29, 12), datetime(2026, 3, 30)),
        ):
            with self.subTest(zone=zone):
                self.assertEqual((begin_of(day, zone), noon_of(day, zone), end_of(day, zone)), (begin, noon, end))
                self.assertEqual(clock(noon, zone).replace(tzinfo=None), datetime(2026, 3, 29, 12))
                self.assertEqual(at(day, 9.5, zone), at(day, time(9, 30), zone))


@tagged('post_install', '-at_install')
class TestPeriods(TransactionCase):

    def test_every_day_lies_in_the_period_named_for_it(self):
        """Against months counted one by one, over a leap year."""
        for period, months in MONTHS.items():
            day = date(2023, 12, 1)
            while day < date(2025, 2, 1):
                first, last = period_of(day, period)
                whole = [number for number in range(1, 13) if (number - 1) // months == (day.month - 1) // months]
                self.assertEqual((first, last + timedelta(days=1)), (
                    date(day.year, whole[0], 1), date(day.year + whole[-1] // 12, whole[-1] % 12 + 1, 1),
                ))
                self.assertEqual(period_name(first, period), period_name(last, period))
                self.assertNotEqual(period_name(last, period), period_name(last + timedelta(days=1), period))
                day += timedelta(days=1)
        self.assertEqual([period_name(date(2026, 7, 1), period) for period in MONTHS], ['2026-07', '2026-Q3', '2026-H2', '2026'])
        self.assertEqual(len(periods_between(date(2026, 1, 31), date(2026, 3, 1), 'month')), 3)


@tagged('post_install', '-at_install')
class TestMarkup(TransactionCase):
    BAD = '<script>"&'
    SAFE = '&lt;script&gt;&#34;&amp;'

    def test_whatever_is_typed_stays_text(self):
        for written in (
            markup.link('/odoo', self.BAD), markup.button('/odoo', self.BAD), markup.lines([self.BAD, 'b']), markup.named(self.BAD, 'b'),
            markup.about('res.partner', self.BAD), markup.table([self.BAD], []), markup.table(['a'], [[self.BAD]]),
            markup.table(['a'], [[(self.BAD, 'fw-bold')]]), markup.table(['a'], [], below=self.BAD),
            markup.bars([(0, 1, 2, 'red', self.BAD)], 10, 10), markup.bars([], 10, 10, self.BAD),
            markup.bars([], 10, 10, below=[(0, self.BAD)]), markup.bars([], 10, 10, top=self.BAD),
        ):
            self.assertIn(self.SAFE, written)
            self.assertNotIn('<script>', written)

    def test_urls_cannot_leave_their_attribute(self):
        self.assertNotIn('"x', markup.link('/"x', 'a'))
        self.assertNotIn('"x', markup.button('/"x', 'a'))

    def test_numbers_stand_right(self):
        self.assertEqual(
            markup.table(['Name', 'Now'], [['a', '1'], ['b', ('2', 'fw-bold')]]),
            '<table class="table table-sm"><thead><tr><th>Name</th><th class="text-end">Now</th></tr></thead><tbody>'
            '<tr><td>a</td><td class="text-end">1</td></tr><tr><td>b</td><td class="text-end fw-bold">2</td></tr></tbody></table>',
        )

    def test_bars_stand_on_the_ground(self):
        self.assertIn('<rect x="3" y="34" width="5" height="6" fill="red"><title>May</title></rect>',
                      markup.bars([(3, 5, 6, 'red', 'May')], 50, 40))
