"""Care plans on random customers against a slow and obvious count; how tasks are kept, missed, moved and withdrawn."""
import random
from collections import Counter
from datetime import date, datetime, timedelta

from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.fulfilment_crm.tools.care import is_worth_planning, month_days, spread
from odoo.addons.fulfilment_crm.tools.period import period_of, periods_between

from .test_interaction import InteractionCommon

FIRST = date(2026, 1, 1)


@tagged('post_install', '-at_install')
class TestCareArithmetic(TransactionCase):

    def test_periods(self):
        for day, period, expected in (
            (date(2028, 2, 29), 'month', (date(2028, 2, 1), date(2028, 2, 29))),
            (date(2027, 2, 28), 'month', (date(2027, 2, 1), date(2027, 2, 28))),
            (date(2026, 3, 31), 'quarter', (date(2026, 1, 1), date(2026, 3, 31))),
            (date(2026, 4, 1), 'quarter', (date(2026, 4, 1), date(2026, 6, 30))),
            (date(2026, 6, 30), 'half', (date(2026, 1, 1), date(2026, 6, 30))),
            (date(2026, 7, 1), 'half', (date(2026, 7, 1), date(2026, 12, 31))),
            (date(2026, 12, 31), 'year', (date(2026, 1, 1), date(2026, 12, 31))),
        ):
            self.assertEqual(period_of(day, period), expected)
        months = periods_between(date(2026, 3, 25), date(2026, 4, 1), 'month')
        self.assertEqual([begin for begin, _end in months], [date(2026, 3, 1), date(2026, 4, 1)])
        self.assertEqual(len(periods_between(date(2026, 3, 25), date(2026, 3, 31), 'month')), 1)

    def test_a_quarter_of_the_period_is_enough(self):
        begin, end = date(2026, 4, 1), date(2026, 4, 28)  # 28 days: a quarter are 7
        self.assertTrue(is_worth_planning(date(2026, 4, 22), begin, end))
        self.assertFalse(is_worth_planning(date(2026, 4, 23), begin, end))
        self.assertTrue(is_worth_planning(date(2026, 3, 1), begin, end))

    def test_spread_takes_the_emptiest_day_of_each_part(self):
        days = [date(2026, 3, number) for number in range(2, 8)]
        load = {days[0]: 1, days[4]: 0, days[3]: 5}
        self.assertEqual(spread(days, load, 2), [days[1], days[4]])
        self.assertEqual((load[days[1]], load[days[4]]), (1, 1))
        self.assertEqual(spread([], {}, 3), [])
        self.assertEqual(spread(days[:1], {}, 3), days[:1] * 3)
        self.assertEqual(len(spread(days, {}, 31)), 31)

    def test_leap_day(self):
        self.assertEqual(month_days(date(2027, 2, 27), date(2027, 3, 1))[229], date(2027, 2, 28))
        self.assertEqual(month_days(date(2028, 2, 27), date(2028, 3, 1))[229], date(2028, 2, 29))
        self.assertEqual(month_days(date(2028, 2, 28), date(2028, 2, 28)), {228: date(2028, 2, 28)})


class CareCommon(InteractionCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Task, cls.Profile = cls.env['fulfilment.care.task'], cls.env['fulfilment.profile']
        cls.company_a.fulfilment_care_days = 0
        # Whoever else has profiles in the database is none of ours.
        cls.env['fulfilment.profile'].search([]).tier_id = False

    @classmethod
    def _tier(cls, *lines, company=None, name='Cared for'):
        """A tier with a plan: ``(kind, number, period)`` each."""
        tier = cls.env['fulfilment.tier'].create({
            'name': name, 'company_id': (company or cls.company_a).id, 'domain': "[('exposure', '<', 0)]",
        })
        cls.env['fulfilment.care.plan'].create({'tier_id': tier.id, 'line_ids': [
            Command.create({'kind': kind, 'number': number, 'period': period}) for kind, number, period in lines
        ]})
        return tier

    @classmethod
    def _profile(cls, tier=None, user=None, partner=None, company=None, **vals):
        partner = partner or cls.env['res.partner'].create({'name': 'Customer', 'is_company': True, **vals})
        return cls.Profile.create({
            'partner_id': partner.id, 'company_id': (company or cls.company_a).id, 'user_id': (user or cls.user_sales).id,
            'tier_id': tier.id if tier else False,
        })

    def _run(self, day):
        return self.run_cron('fulfilment.care.task', '_cron_care', as_of=day)

    def _tasks(self, profiles, **wanted):
        tasks = self.Task.search([('profile_id', 'in', profiles.ids)])
        return tasks.filtered(lambda one: all(one[name] == value for name, value in wanted.items()))

    def _contact_made(self, profile, day, kind='visit', **vals):
        when = datetime(day.year, day.month, day.day, 9)
        return self._log(when, kind=kind, partner_id=profile.partner_id.id, logged_on=when + timedelta(hours=1), **vals)


@tagged('post_install', '-at_install')
class TestCareOracle(CareCommon):

    def test_each_period_has_exactly_what_the_plan_asks_for(self):
        """A year of rounds over random plans and contacts, against counting by hand."""
        chance = random.Random(20260101)
        users = self.user_sales | self.user_sales_2 | self.user_leader
        plans = {
            self._tier(*lines): lines for lines in (
                [('visit', 1, 'quarter'), ('call', 1, 'month')], [('visit', 1, 'half'), ('call', 1, 'quarter')],
                [('followup', 1, 'year')], [('call', 3, 'month'), ('visit', 2, 'half'), ('followup', 2, 'quarter')],
            )
        }
        profiles = self.Profile.concat(*(
            self._profile(tier, user=users[number % 3]) for number in range(3) for tier in plans
        ))
        made = []
        day = FIRST
        while day.year == 2026:
            self._run(day)
            for profile in profiles:
                if chance.random() < 0.12:
                    kind = chance.choice(['visit', 'call', 'followup', 'meeting'])
                    self._contact_made(profile, day, kind)
                    made.append((profile, kind, day))
            day += timedelta(days=chance.choice((1, 3, 6)))
        self._run(date(2027, 1, 1))
        for profile in profiles:
            for kind, number, period in plans[profile.tier_id]:
                for begin, end in periods_between(FIRST, date(2026, 12, 31), period):
                    tasks = self._tasks(profile, kind=kind, period_start=begin, period=period)
                    contacts = sum(1 for who, what, on in made if who == profile and what == kind and begin <= on <= end)
                    expected = Counter({'done': min(contacts, number), 'missed': number - min(contacts, number)})
                    with self.subTest(kind=kind, period=period, begin=begin):
                        self.assertEqual(Counter(tasks.mapped('state')), +expected)
                        self.assertTrue(all(begin <= task.date_planned <= end for task in tasks))
        self.Profile._refresh(profiles.partner_id, as_of=date(2026, 12, 31), companies=self.company_a)
        for profile in profiles:
            judged = [task.state for task in self._tasks(profile) if task.period_end <= date(2026, 12, 31)]
            self.assertEqual(profile.care_task_count, len(judged))
            self.assertAlmostEqual(profile.care_kept_rate, round(100 * judged.count('done') / len(judged), 2), 2)
        # The pivot's average is the same rate.
        [[rate]] = self.Task._read_group([('profile_id', 'in', profiles.ids), ('period_end', '<=', '2026-12-31')], [], ['kept_rate:avg'])
        judged = self._tasks(profiles).filtered(lambda one: one.period_end <= date(2026, 12, 31)).mapped('state')
        self.assertAlmostEqual(rate, 100 * judged.count('done') / len(judged), 2)

    def test_spread_by_load_on_working_days(self):
        tier = self._tier(('call', 1, 'month'))
        profiles = self.Profile.concat(*(self._profile(tier) for _number in range(44)))
        self._run(FIRST)
        tasks = self._tasks(profiles)
        load = Counter(tasks.mapped('date_planned'))
        worked = [on for on, _spells in self.env['fulfilment.workday']._working_days(
            self.company_a.resource_calendar_id, FIRST, date(2026, 2, 1),
        )]
        self.assertEqual(set(load), set(worked))
        self.assertLessEqual(max(load.values()) - min(load.values()), 1)
        self.assertEqual([task.date_planned for task in tasks.sorted(lambda one: one.profile_id.id)[:3]], worked[:3])
        self.assertEqual(set(tasks.activity_id.mapped('user_id')), {self.user_sales})
        self.assertEqual(tasks.activity_id.mapped('date_deadline'), tasks.mapped('date_planned'))
