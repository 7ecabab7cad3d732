"""Warning rules tried on the past: exactly the hits, misses and leads that the history holds."""
import random
from datetime import date, timedelta
from statistics import median

from dateutil.relativedelta import relativedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import FulfilmentCommon

# Month ends, the last one being February 2026.
MONTHS = [date(2024, 3, 1) + relativedelta(months=index + 1, days=-1) for index in range(24)]


@tagged('post_install', '-at_install')
class TestReplay(FulfilmentCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env['fulfilment.warning.rule'].create({
            'name': 'Pays later and later', 'domain': "[('payment_index', '<', 60)]", 'company_id': cls.company_a.id,
        })

    @classmethod
    def _make_history(cls, rows, company=None):
        """``{customer: {month number: vals}}``; months that are not named have no row."""
        return cls.env['fulfilment.profile.history'].sudo().create([
            {'partner_id': partner.id, 'company_id': (company or cls.company_a).id, 'date': MONTHS[month], **vals}
            for partner, months in rows.items() for month, vals in months.items()
        ])

    @classmethod
    def _customers(cls, number):
        return cls.env['res.partner'].create([{'name': f'Customer {index}', 'is_company': True} for index in range(number)])

    def replay(self, user=None, **vals):
        replay = self.env['fulfilment.warning.replay'].with_user(user or self.user_leader).create({
            'rule_id': self.rule.id, 'company_id': self.company_a.id, 'amount': 10000.0, 'within_days': 90, **vals,
        })
        replay.action_run()
        return replay

    def test_what_came_soon_does_not_flatter(self):
        """Of three warnings of which one has come true before its days are over, nothing is known of how often they are right."""
        customers = self._customers(3)
        good, bad = {'payment_index': 80}, {'payment_index': 50}
        self._make_history({customer: {21: good, 22: bad, 23: bad} for customer in customers})
        self.env['fulfilment.profile.history'].sudo().search([
            ('partner_id', '=', customers[0].id), ('date', '=', MONTHS[23]),
        ]).receivable_overdue = 20000.0
        replay = self.replay()
        self.assertEqual((replay.hit_count, replay.open_count, replay.false_count, replay.precision), (1, 2, 0, 0.0))

    def test_who_was_fitted_before_is_not_warned_of_anew(self):
        customer = self._customers(1)
        self._make_history({customer: {month: {'payment_index': 50} for month in range(24)}})
        self.assertEqual((self.replay().fired_count, self.replay(months=6).fired_count), (1, 0))

    def test_known_answers(self):
        """Index 50 is a warning; 20,000 overdue an event. Within 90 days: March to May of a warning at the end of February."""
        right, late, false, already, missed, again, waiting, calm = self._customers(8)
        good, bad, event = {'payment_index': 80}, {'payment_index': 50}, {'payment_index': 50, 'receivable_overdue': 20000.0}
        self._make_history({
            # Warned at month 4, event at month 6: 30 June + 31 July days = a lead of 61 or so, worked out below.
            right: {3: good, 4: bad, 5: bad, 6: event, 7: event, 8: good},
            # Warned at month 4, and the event four months later, while the warning still stands: not right, but foreseen.
            late: {4: bad, 5: bad, 6: bad, 7: bad, 8: event},
            false: {4: bad, 5: good, 6: good},
            # The amount is exceeded already when the warning comes, and no event follows.
            already: {3: {'payment_index': 80, 'receivable_overdue': 20000.0}, 4: event, 5: event, 6: good},
            missed: {5: good, 6: {'payment_index': 80, 'receivable_overdue': 20000.0}, 7: good},
            # A month without a row ends what went before: a second warning.
            again: {4: bad, 6: bad, 7: {'payment_index': 50, 'receivable_overdue': 10000.01}, 8: good},
            waiting: {22: good, 23: bad},
            calm: {month: {**good, 'receivable_overdue': 10000.0} for month in range(24)},
        })
        replay = self.replay()
        leads = sorted([
            (MONTHS[6] - MONTHS[4]).days,  # right
            (MONTHS[7] - MONTHS[6]).days,  # again, second warning
        ])
        self.assertEqual((MONTHS[7] - MONTHS[4]).days, 92, "just too late for the first warning of “again”")
        self.assertRecordValues(replay, [{
            'month_count': 24, 'date_from': MONTHS[0], 'date_to': MONTHS[23],
            'fired_count': 7, 'customer_count': 6, 'hit_count': 2, 'false_count': 3, 'already_count': 1, 'open_count': 1,
            'precision': 40.0, 'lead_days': median(leads),
            # right, late, already (month 3), missed, again
            'event_count': 5, 'foreseen_count': 3, 'missed_count': 2, 'recall': 60.0,
        }])
        self.assertEqual(replay.details['right'], sorted([right.id, again.id]))
        self.assertEqual(replay.details['wrong'], sorted([late.id, false.id, again.id]))
        self.assertEqual(replay.details['missed'], sorted([already.id, missed.id]))
        [month] = [one for one in replay.details['months'] if one['month'] == str(MONTHS[4])]
        self.assertEqual((month['fired'], month['hit']), (5, 1))
        self.assertIn('<rect', replay.chart)
        self.assertEqual(replay.with_context(customers='missed').action_open_customers()['domain'][0][2], replay.details['missed'])

    def test_edges_of_days_and_amount(self):
        [customer] = self._customers(1)
        self._make_history({customer: {
            3: {'payment_index': 50}, 4: {'payment_index': 50}, 5: {'payment_index': 50, 'receivable_overdue': 10000.0},
        }})
        days = (MONTHS[5] - MONTHS[3]).days
        self.assertEqual(self.replay().event_count, 0, "10,000 is not more than 10,000")
        self.assertEqual(self.replay(amount=9999.99, within_days=days).hit_count, 1)
        self.assertEqual(self.replay(amount=9999.99, within_days=days - 1).hit_count, 0)

    def test_no_data_warns_of_nothing(self):
        [customer] = self._customers(1)
        self._make_history({customer: {3: {}, 4: {'payment_index': 0}}})
        self.assertEqual(self.replay().fired_count, 1)

    def test_other_companies_stay_out(self):
        [customer] = self._customers(1)
        self._make_history({customer: {3: {'payment_index': 50}}}, company=self.company_b)
        self._make_history({customer: {4: {'payment_index': 80}}})
        self.assertEqual(self.replay().fired_count, 0)
        with self.assertRaises(AccessError):
            self.replay(company_id=self.company_b.id)

    def test_what_cannot_be_tried(self):
        with self.assertRaisesRegex(UserError, 'no month ends yet'):
            self.replay()
        [customer] = self._customers(1)
        self._make_history({customer: {3: {'payment_index': 50, 'ticket_open_count': 2}, 9: {}}})
        self.rule.domain = "[('is_long_term', '=', True), ('payment_index', '<', 60)]"
        with self.assertRaisesRegex(UserError, 'Long-term relation.*do not keep'):
            self.replay()
        self.rule.domain = "[('ticket_open_count', '>', 1)]"
        self.assertIn('known from', self.replay().without_history)
        self.rule.domain = "[('credit_used', '>', 90)]"
        self.assertIn('from now on only', self.replay().without_history)
        contracts = self.env['fulfilment.warning.rule'].create({
            'name': 'Ends', 'model': 'fulfilment.contract', 'domain': "[('days_to_end', '<', 60)]",
        })
        with self.assertRaisesRegex(UserError, 'single records'):
            self.replay(rule_id=contracts.id)

    def test_who_may_try(self):
        [customer] = self._customers(1)
        self._make_history({customer: {3: {'payment_index': 50}}})
        for user in (self.user_leader, self.user_credit, self.user_inspector, self.user_manager):
            self.assertEqual(self.replay(user).fired_count, 1)
        for user in (self.user_sales, self.user_service):
            with self.assertRaises(AccessError):
                self.replay(user)

    def test_random_histories(self):
        """Against a slow calculation, customer by customer and month by month."""
        chance = random.Random(11)
        customers = self._customers(60)
        rows = {
            customer: {
                month: {
                    'payment_index': chance.choice([None, 40, 59.99, 60, 90]),
                    'receivable_overdue': chance.choice([0, 0, 0, 10000, 10000.01, 50000]),
                } for month in range(24) if chance.random() < 0.9
            } for customer in customers
        }
        self._make_history(rows)
        for within in (28, 31, 90, 200):
            expected = _slowly(rows, within, 10000.0)
            replay = self.replay(within_days=within)
            found = {name: replay[name] for name in expected}
            self.assertEqual(found, expected, within)

    def test_as_many_queries_for_all_customers(self):
        rows = {customer: {month: {'payment_index': 50} for month in range(6)} for customer in self._customers(2)}
        self._make_history(rows)
        self.replay()
        with self.assertQueryCount(30):
            self.replay()
        self._make_history({customer: {month: {'payment_index': 50} for month in range(6)} for customer in self._customers(50)})
        self.env.invalidate_all()
        self.rule.read(['name', 'domain'])
        with self.assertQueryCount(30):
            self.replay()


def _slowly(rows, within, amount):
    """What a replay should say, worked out one customer and month at a time."""
    counts = dict.fromkeys(('fired_count', 'hit_count', 'false_count', 'already_count', 'open_count', 'event_count', 'foreseen_count'), 0)
    counts['missed_count'] = 0
    leads = []
    for months in rows.values():
        def over(month, months=months):
            return (months.get(month, {}).get('receivable_overdue') or 0) > amount

        def fits(month, months=months):
            index = months.get(month, {}).get('payment_index')
            return index is not None and index < 60
        events = [month for month in range(1, 24) if over(month) and not over(month - 1)]
        for month in range(24):
            if fits(month) and not fits(month - 1):
                counts['fired_count'] += 1
                after = [later for later in events if later > month and (MONTHS[later] - MONTHS[month]).days <= within]
                if after:
                    counts['hit_count'] += 1
                    leads.append((MONTHS[after[0]] - MONTHS[month]).days)
                elif over(month):
                    counts['already_count'] += 1
                elif MONTHS[month] + timedelta(days=within) > MONTHS[23]:
                    counts['open_count'] += 1
                else:
                    counts['false_count'] += 1
        for month in events:
            counts['event_count'] += 1
            seen = any(fits(earlier) and (MONTHS[month] - MONTHS[earlier]).days <= within for earlier in range(month))
            counts['foreseen_count' if seen else 'missed_count'] += 1
    return {**counts, 'lead_days': round(median(leads), 1) if leads else 0.0}
