"""The arithmetic of forecasts without a database: edges by hand, and generated payers held against two simple rules."""
import random
from bisect import bisect_left
from collections import Counter, defaultdict
from datetime import date
from statistics import mean, median

from odoo.tests import BaseCase, tagged

from ..tools.payment_forecast import (
    Counted,
    Days,
    Outlook,
    Paid,
    Payer,
    Run,
    RunPayer,
    certain,
    kind_of,
    like_points,
    mixed,
    spread,
    told_by_those_open,
    weight,
)

FIRST, LAST = date(2022, 6, 1).toordinal(), date(2028, 6, 30).toordinal()
DAYS = Days(FIRST, LAST, [day for day in range(FIRST, LAST + 1) if (day - 1) % 7 < 5])


def on(text):
    return date.fromisoformat(text).toordinal()


def text(day):
    return date.fromordinal(day).isoformat()


def payer_of(days, today, paid, open_dues=(), like=()):
    """The payer of ``(due, day)``, and the run it pays in."""
    run = days.find_run(Counter(day for _due, day in paid))
    if run:
        return RunPayer(days, today, run, [Paid(due, day, weight(1.0, day, today)) for due, day in paid], open_dues, like), run
    return Payer(days, today, counted(days, today, paid), open_dues, like), run


def counted(days, today, paid):
    found = defaultdict(list)
    for due, day in paid:
        found[day - due, days.off_before(day)].append(weight(1.0, day, today))
    return [Counted(*key, sum(weights), len(weights)) for key, weights in sorted(found.items())]


@tagged('post_install', '-at_install')
class TestForecastArithmetic(BaseCase):

    # === DAYS AND RUNS === #

    def test_days_off_move_to_the_next_day_worked(self):
        self.assertEqual(text(DAYS.after(on('2026-03-07'))), '2026-03-09')  # a Saturday
        self.assertEqual(text(DAYS.before(on('2026-03-08'))), '2026-03-06')
        self.assertEqual([DAYS.off_before(on(day)) for day in ('2026-03-09', '2026-03-10', '2026-03-07')], [2, 0, 0])
        self.assertEqual(DAYS.after(LAST + 100), LAST + 100)
        nobody_works = Days(on('2026-01-01'), on('2026-12-31'), [])
        self.assertEqual(nobody_works.after(on('2026-03-07')), on('2026-03-07'))

    def test_days_of_a_run(self):
        ends = [text(day) for day in DAYS.of_run(Run('month', 31, True)) if text(day).startswith(('2024-0', '2025-02'))]
        self.assertEqual(ends[:4] + ends[-1:], ['2024-01-31', '2024-02-29', '2024-03-29', '2024-04-30', '2025-02-28'])
        after = [text(day) for day in DAYS.of_run(Run('month', 25, False)) if text(day).startswith('2026-0')][:4]
        self.assertEqual(after, ['2026-01-26', '2026-02-25', '2026-03-25', '2026-04-27'])
        self.assertIn(on('2026-03-09'), DAYS.of_run(Run('week', 5, False)))

    def test_a_run_is_found_and_chance_is_not(self):
        runs = [day for day in DAYS.of_run(Run('month', 25, False)) if text(day).startswith('2025')]
        self.assertIsNone(DAYS.find_run(Counter(runs[:3])))
        self.assertEqual(DAYS.find_run(Counter(runs[:8]))[:2], ('month', 25))
        stray = [on('2025-02-03'), on('2025-06-11')]
        self.assertEqual(DAYS.find_run(Counter(runs + stray))[:2], ('month', 25))
        fridays = [on('2025-03-07') + 7 * number for number in range(10)]
        self.assertEqual(DAYS.find_run(Counter(fridays))[:2], ('week', 4))
        mondays = [on('2025-03-03') + number for number in (0, 7, 8, 14, 17, 21, 28, 30)]
        self.assertIsNone(DAYS.find_run(Counter(mondays)), "what weekends bring to Mondays is no run")

    # === ONE PAYER === #

    def _steady(self, number=12, delay=10, today='2026-03-02'):
        """Somebody who has paid every other week, so many days late, on whatever day."""
        dues = [on(today) - delay - 14 * place - place % 3 for place in range(1, number + 1)]
        return [(due, due + delay) for due in dues]

    def test_a_steady_payer(self):
        every = Days(FIRST, LAST, [])
        payer, run = payer_of(every, on('2026-03-02'), self._steady(), like=[(0, 1.0)])
        self.assertIsNone(run)
        outlook = payer.outlook(on('2026-03-10'))
        self.assertEqual(text(outlook.quantile(0.5)), '2026-03-20')
        self.assertGreater(1 - outlook.by(on('2026-03-10')), 0.75)
        self.assertEqual(outlook.by(LAST), 1.0)
        waiting = payer.outlook(on('2026-02-25'))
        self.assertEqual(text(waiting.quantile(0.5)), '2026-03-07', "still open, and ten days have not passed")

    def test_open_longer_than_ever(self):
        payer, _run = payer_of(DAYS, on('2026-03-02'), self._steady(), [on('2025-01-01')], [(0, 1.0)])
        outlook = payer.outlook(on('2025-01-01'))
        self.assertGreater(outlook.quantile(0.1), on('2026-03-02'))
        self.assertEqual(outlook.by(on('2026-03-02')), 0.0)
        ancient = payer.outlook(on('2022-07-01') - 20000)
        self.assertEqual(ancient.quantile(0.5), on('2026-03-02') + 730, "nobody knows: as late as is told at all")

    def test_nobody_has_paid_anything(self):
        payer = Payer(DAYS, on('2026-03-02'), [], [], like_points([]))
        self.assertEqual(text(payer.outlook(on('2026-03-14')).quantile(0.5)), '2026-03-16', "on the due date, moved to a Monday")

    def test_nothing_comes_on_a_day_off(self):
        payer = Payer(DAYS, on('2026-03-06'), [], [], [(0, 1.0)])
        outlook = payer.outlook(on('2026-03-07'))
        self.assertEqual((outlook.by(on('2026-03-08')), text(next(outlook.points())[0])), (0.0, '2026-03-09'))
        sunday = Payer(DAYS, on('2026-03-08'), [], [], [(0, 1.0)])
        self.assertEqual(text(next(sunday.outlook(on('2026-03-07')).points())[0]), '2026-03-09')

    def test_a_payer_in_runs(self):
        runs = DAYS.of_run(Run('month', 25, False))
        dues = [on('2025-03-03') + 17 * number for number in range(20)]
        paid = [(due, runs[bisect_left(runs, due)]) for due in dues]
        payer, run = payer_of(DAYS, on('2026-03-02'), [one for one in paid if one[1] <= on('2026-03-02')], [], [(0, 1.0)])
        self.assertEqual(run[:2], ('month', 25))
        for due, expected in (('2026-03-05', '2026-03-25'), ('2026-03-25', '2026-03-25'), ('2026-03-26', '2026-04-27')):
            self.assertEqual(text(payer.outlook(on(due)).quantile(0.5)), expected)
        late = payer.outlook(on('2026-02-10'))
        self.assertEqual(text(next(late.points())[0]), '2026-03-25', "missed one: on the next")
        self.assertEqual(text(next(payer.outlook(on('2026-03-05'), not_before=on('2026-04-01')).points())[0]), '2026-04-27')

    def test_parts_of_an_instalment(self):
        outlook = mixed([(0.25, certain(10)), (0.75, Outlook((12, 20), (1.0, 2.0)))])
        self.assertEqual([round(outlook.by(day), 4) for day in (9, 10, 12, 20)], [0.0, 0.25, 0.625, 1.0])
        self.assertEqual(outlook.quantile(0.5), 12)

    # === WHAT IS STILL OPEN TELLS AS WELL === #

    def test_weight_goes_to_longer_delays(self):
        """Four paid after 1 to 4 days, one open since 2: it would have been paid after 3 or 4, or later."""
        told = told_by_those_open([(1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0)], [(2, 1.0)])
        self.assertEqual([(delay, round(share, 6)) for _number, delay, share in told], [(1, 1.0), (2, 1.0), (3, 1.5), (4, 1.5)])
        self.assertEqual(sum(share for _number, _delay, share in told), 5.0)
        nothing_longer = told_by_those_open([(1, 1.0)], [(5, 1.0)])
        self.assertEqual([share for _number, _delay, share in nothing_longer], [1.0], "what is open longer than all tells nothing more")

    def test_a_monday_was_meant_for_the_weekend_or_itself(self):
        told = dict(spread([(0, 0, 1.0), (0, 0, 1.0), (2, 2, 1.0)]))
        self.assertEqual(set(told), {0, 1, 2})
        points = Counter()
        for delay, share in spread([(0, 0, 2.0), (2, 2, 1.0)]):
            points[delay] += share
        self.assertAlmostEqual(sum(points.values()), 3.0)
        self.assertGreater(points[0], 2.9, "nobody has been seen to pay one or two days late")

    def test_kinds_of_customers(self):
        self.assertEqual([kind_of([Counted(delay, 0, 1.0, 1) for delay in delays]) for delays in (
            [], [0], [-5, 0, 40], [1], [7, 7, 90], [8], [16], [31, 5], [31, 31], [61],
        )], [-1, 0, 0, 1, 1, 2, 3, 1, 4, 5])

    # === GENERATED PAYERS === #

    @classmethod
    def _payers(cls, dice, each):
        """Payers of six kinds over three and a half years; one payment of ten is a stray: ``[(kind, [(day, due, paid, amount)])]``."""
        start, end = on('2023-01-01'), on('2026-06-30')
        months, fridays = DAYS.of_run(Run('month', 25, False)), DAYS.of_run(Run('week', 4, False))
        payers = []
        for kind in ('prompt', 'late', 'run', 'weekly', 'drifting', 'erratic'):
            for _number in range(each):
                usual, first, grows, invoices = dice.uniform(5, 40), dice.uniform(0, 10), dice.uniform(0.5, 1.5), []
                day = start + dice.randint(0, 14)
                while day < end:
                    due = day + 30
                    paid = due + dice.randint(0, 60) if dice.random() < 0.1 else {
                        'prompt': lambda due=due: due - dice.randint(0, 5),
                        'late': lambda due=due, usual=usual: due + max(0, round(dice.gauss(usual, 3))),
                        'run': lambda due=due: months[bisect_left(months, due)],
                        'weekly': lambda due=due: fridays[bisect_left(fridays, due)],
                        'drifting': lambda due=due, day=day, first=first, grows=grows: due + round(
                            first + grows * (day - start) / 30 + dice.gauss(0, 3)),
                        'erratic': lambda due=due: due + round(min(dice.expovariate(1 / 25), 150)),
                    }[kind]()
                    invoices.append((day, due, DAYS.after(max(paid, day + 1)), dice.uniform(100, 1000)))
                    day += dice.randint(7, 21)
                payers.append((kind, invoices))
        return payers

    def test_generated_payers(self):
        """The bounds this forecast promises to keep."""
        dice = random.Random(26)
        payers = self._payers(dice, 50)
        errors, runs, in_span, chances = {'forecast': [], 'mean': []}, defaultdict(list), [], defaultdict(list)
        off = Counter()
        for today in [date(2025, month, dice.randint(1, 28)).toordinal() for month in range(2, 13)]:
            weeks = defaultdict(Counter)
            known = [[(due, paid) for _day, due, paid, _amount in invoices if today - 730 < paid <= today]
                     for _kind, invoices in payers]
            waiting = [[one for one in invoices if one[0] <= today < one[2]] for _kind, invoices in payers]
            counts, still = defaultdict(list), defaultdict(list)
            kinds = [kind_of(counted(DAYS, today, paid)) for paid in known]
            for kind, paid, left in zip(kinds, known, waiting, strict=True):
                counts[kind] += [one[:3] for one in counted(DAYS, today, paid)]
                still[kind] += [(today - due, 1.0) for _day, due, _paid, _amount in left]
            like = {kind: like_points(counts[kind], still[kind]) for kind in counts}
            for (name, _invoices), kind, paid, left in zip(payers, kinds, known, waiting, strict=True):
                payer, run = payer_of(DAYS, today, paid, [due for _day, due, _paid, _amount in left], like[kind])
                runs[name].append(run is not None and (name != 'run' or run[:2] == ('month', 25)))
                usual = round(mean(day - due for due, day in paid))
                for _day, due, came, amount in left:
                    outlook, by_mean = payer.outlook(due), DAYS.after(max(due + usual, today + 1))
                    errors['forecast'].append(abs(outlook.quantile(0.5) - came))
                    errors['mean'].append(abs(by_mean - came))
                    in_span.append(outlook.quantile(0.1) <= came <= outlook.quantile(0.9))
                    chance = 1 - outlook.by(due)
                    chances[min(int(chance * 10), 9)].append((chance, came > due))
                    for week in range(13):
                        weeks['forecast'][week] += amount * (outlook.by(today + 7 * week + 7) - outlook.by(today + 7 * week))
                    weeks['came'][(came - today - 1) // 7] += amount
                    weeks['mean'][(by_mean - today - 1) // 7] += amount
            for rule in ('forecast', 'mean'):
                off[rule] += sum(abs(weeks[rule][week] - weeks['came'][week]) for week in range(13))
        self.assertGreaterEqual(mean(runs['run']), 0.95)
        self.assertGreaterEqual(mean(runs['weekly']), 0.95)
        for name in ('prompt', 'late', 'drifting', 'erratic'):
            self.assertLessEqual(mean(runs[name]), 0.02, name)
        self.assertLessEqual(median(errors['forecast']), 0.6 * median(errors['mean']))
        self.assertLessEqual(off['forecast'], 0.85 * off['mean'])
        self.assertTrue(0.75 <= mean(in_span) <= 0.88, mean(in_span))
        for some in chances.values():
            if len(some) >= 500:
                self.assertAlmostEqual(mean(chance for chance, _late in some), mean(late for _chance, late in some), delta=0.08)
        self.assertGreaterEqual(max(len(some) for some in chances.values()), 500)
