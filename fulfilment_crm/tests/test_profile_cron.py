"""The rounds over all customers: repeated, interrupted, month ends, and where customers stand among each other."""
from datetime import date, timedelta
from unittest.mock import patch

from odoo import api
from odoo.tests import tagged

from odoo.addons.fulfilment_crm.models.profile import profile_cron

from .common_profile import TODAY, ProfileCommon


def ago(days):
    return TODAY - timedelta(days=days)


class CronCommon(ProfileCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A company that is younger than the last round is looked at as a whole.
        cls.env.cr.execute("UPDATE res_company SET create_date = create_date - interval '1 day'")

    def run_cron(self, as_of=TODAY, model='fulfilment.profile', method='_cron_profile'):
        """Run a scheduled action as the scheduler does, with commits, inside the transaction of the test; returns its run."""
        self.env.invalidate_all(flush=True)
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            getattr(api.Environment(cr, api.SUPERUSER_ID, {})[model], method)(as_of=as_of)
        self.env.invalidate_all()
        return self.env['fulfilment.run'].search([], order='id desc', limit=1)

    def _profile_of(self, partner):
        return self.Profile.search([('partner_id', '=', partner.id), ('company_id', '=', self.company.id)])

    def _fails_for(self, *partners):
        """Refreshing one of these customers raises."""
        refresh = type(self.Profile)._refresh

        def broken(profile, some=None, as_of=None, companies=None):
            if some is not None and set(some.ids) & {partner.id for partner in partners}:
                raise ValueError('Broken customer')
            return refresh(profile, some, as_of=as_of, companies=companies)
        return patch.object(type(self.Profile), '_refresh', broken)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestProfileCron(CronCommon):

    def test_twice_writes_once(self):
        self._invoice(self.customer, 100, ago(10))
        self._invoice(self.other, 50, ago(10))
        run = self.run_cron()
        self.assertTrue(run.finished_on)
        self.assertGreaterEqual(run.counts['profiles updated'], 2)
        self.assertGreaterEqual(run.counts['month ends kept'], 2)
        written = self._profile_of(self.customer).refreshed_on
        self.assertFalse(self.run_cron().counts)
        self.assertEqual(self._profile_of(self.customer).refreshed_on, written)

    def test_later_the_same_day_only_what_changed(self):
        self._invoice(self.customer, 100, ago(10))
        self.run_cron()
        self._invoice(self.other, 50, ago(10))
        with patch.object(type(self.Profile), '_compute_all', side_effect=AssertionError('everybody again')):
            run = self.run_cron()
        self.assertEqual(run.counts['profiles updated'], 1)
        self.assertEqual(self._profile_of(self.other).receivable_open, 50)

    def test_the_next_day_everybody(self):
        self._invoice(self.customer, 100, ago(10))
        self.run_cron()
        self.assertEqual(self._profile_of(self.customer).overdue_days_open, 10)
        run = self.run_cron(TODAY + timedelta(days=1))
        self.assertGreaterEqual(run.counts['profiles updated'], 1)
        self.assertEqual(self._profile_of(self.customer).overdue_days_open, 11)

    def test_a_failing_computation_falls_back_to_customers(self):
        self._invoice(self.customer, 100, ago(10))
        self._invoice(self.other, 50, ago(10))
        third = self._make_customer('Third')
        self._invoice(third, 3, ago(10))
        with patch.object(type(self.Profile), '_compute_all', side_effect=ValueError('No memory')), self._fails_for(self.other), \
                self.assertLogs('odoo.addons.fulfilment_crm', 'WARNING'):
            run = self.run_cron()
        self.assertTrue(run.finished_on)
        self.assertEqual(run.problem_ids.mapped(lambda one: (one.res_model, one.res_id)), [('res.partner', self.other.id)])
        self.assertIn('Broken customer', run.problem_ids.message)
        self.assertEqual(self._profile_of(self.customer).receivable_open, 100)
        self.assertEqual(self._profile_of(third).receivable_open, 3)
        self.assertFalse(self._profile_of(self.other))
        # What comes right is solved, when the customer is looked at again and when everybody is.
        problem = run.problem_ids
        self._entry('general', self.other, 1, ago(1))
        for day in (TODAY, TODAY + timedelta(days=1)):
            problem.state = 'open'
            self.run_cron(day)
            self.assertEqual(problem.state, 'solved', day)
            self.assertEqual(self._profile_of(self.other).receivable_open, 51)

    def test_a_failing_slice_falls_back_to_customers(self):
        customers = [self._make_customer(f'Customer {number}') for number in range(5)]
        for customer in customers:
            self._entry('general', customer, 100, ago(10))
        write = type(self.Profile)._write_slice

        def broken(profile, low, high, begun):
            if low <= customers[2].id <= high:
                raise ValueError('Broken slice')
            return write(profile, low, high, begun)

        with patch.object(profile_cron, 'SLICE', 2), patch.object(type(self.Profile), '_write_slice', broken), \
                self._fails_for(customers[2]), self.assertLogs('odoo.addons.fulfilment_crm', 'WARNING'):
            run = self.run_cron()
        self.assertEqual(run.problem_ids.mapped('res_id'), [customers[2].id])
        self.assertEqual([bool(self._profile_of(customer)) for customer in customers], [True, True, False, True, True])

    def test_what_was_refreshed_meanwhile_stays(self):
        self._invoice(self.customer, 100, ago(10))
        self._invoice(self.other, 100, ago(10))
        self.Profile._refresh(as_of=TODAY)
        self.env.flush_all()
        compute, case = type(self.Profile)._compute_all, self

        def slow(profile, company, day):
            result = compute(profile, company, day)
            if company == case.company:
                # While the round goes on, an invoice is posted and somebody looks at the customer.
                env = profile.env
                case._entry.__func__(type('World', (), {
                    'env': env, 'company': company, '_journal': lambda *a: case._journal(*a).with_env(env),
                    '_account': lambda *a: case._account(*a).with_env(env),
                }), 'general', case.customer.with_env(env), 900, ago(1))
                profile._refresh(case.customer.with_env(env), as_of=day, companies=company)
            return result

        self.customer.street = 'Harbour Road'
        self.other.street = 'Harbour Road'
        with patch.object(type(self.Profile), '_compute_all', slow):
            self.run_cron()
        self.assertEqual(self._profile_of(self.customer).receivable_open, 1000)
        self.assertEqual(self._profile_of(self.other).file_completeness, 10)

    def test_a_failing_standing_or_month_end_is_told_and_made_up(self):
        self._invoice(self.customer, 100, ago(100))
        History = type(self.env['fulfilment.profile.history'])
        picture = History._picture

        def broken(history, company, day, today, partners=None):
            if day == date(2025, 12, 31):
                raise ValueError('Broken month')
            return picture(history, company, day, today, partners)

        with patch.object(History, '_picture', broken):
            run = self.run_cron()
        self.assertIn('Broken month', run.problem_ids.mapped('message'))
        self.run_cron()
        pictures = self.env['fulfilment.profile.history'].search([('partner_id', '=', self.customer.id)], order='date')
        self.assertEqual(
            pictures.mapped('date'), [date(2025, 10, 31), date(2025, 11, 30), date(2025, 12, 31), date(2026, 1, 31), date(2026, 2, 28)],
        )
        self.assertFalse(self.env['fulfilment.problem'].search([('state', '=', 'open'), ('action', '=', 'profile')]))
        with patch.object(type(self.Profile), '_refresh_ranking', side_effect=ValueError('Broken ranking')):
            run = self.run_cron(TODAY + timedelta(days=1))
        self.assertIn('Broken ranking', run.problem_ids.mapped('message'))


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestMonthEnds(CronCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.History = cls.env['fulfilment.profile.history']
        cls._invoice(cls.customer, 100, date(2023, 6, 30), paid_on=date(2024, 7, 15))
        cls._invoice(cls.customer, 70, date(2025, 5, 31))
        cls._order(cls.customer, 30, date(2025, 11, 3))

    def _pictures(self):
        return self.History.search([('partner_id', '=', self.customer.id), ('company_id', '=', self.company.id)], order='date')

    def test_two_years_back_filled_once_and_never_changed(self):
        self.run_cron()
        pictures = self._pictures()
        self.assertEqual(len(pictures), 24)
        self.assertEqual((pictures[0].date, pictures[-1].date), (date(2024, 3, 31), date(2026, 2, 28)))
        self.assertEqual(pictures.filtered(lambda one: one.date == date(2024, 6, 30)).receivable_overdue, 100)
        self.assertEqual(pictures.filtered(lambda one: one.date == date(2024, 7, 31)).receivable_overdue, 0)
        # Entered late: the past stays as it was pictured.
        self._invoice(self.customer, 5000, date(2025, 5, 31))
        self.run_cron(TODAY + timedelta(days=1))
        self.assertEqual(self._pictures(), pictures)
        self.assertEqual(pictures[-1].receivable_overdue, 70)
        self.assertEqual(self.History._picture(self.company, date(2026, 2, 28), TODAY), 0)
        self.run_cron(date(2026, 4, 1))
        added = self._pictures() - pictures
        self.assertEqual(added.date, date(2026, 3, 31))
        self.assertEqual(added.receivable_overdue, 5070)

    def test_pictures_are_what_a_refresh_of_that_day_gives(self):
        self.run_cron()
        names = [name for name, field in self.Profile._figures().items() if field.past]
        for picture in self._pictures():
            profile = self.profile(self.customer, picture.date)
            self.assertEqual({name: picture[name] for name in names}, {name: profile[name] for name in names}, picture.date)

    def test_what_the_ledger_cannot_tell(self):
        self.run_cron()
        names = [name for name, field in self.Profile._figures().items() if not field.past]
        *past, latest = self._pictures()
        for picture in past:
            self.assertEqual({picture[name] for name in names} - {False}, {None}, picture.date)
        # The month has only just ended: what is true today stands for it.
        profile = self._profile_of(self.customer)
        self.assertEqual({name: latest[name] for name in names}, {name: profile[name] for name in names})
        self.assertIsNotNone(latest.file_completeness)
        self.assertEqual(latest.revenue_rank, 1)

    def test_months_without_the_scheduler_are_made_up(self):
        self.run_cron()
        self.run_cron(date(2026, 6, 10))
        self.assertEqual(
            self._pictures()[-3:].mapped('date'), [date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)],
        )
        self.assertIsNone(self._pictures()[-1].file_completeness)


@tagged('post_install', '-at_install', 'fulfilment_heavy')
class TestStanding(CronCommon):

    def _customers(self, *turnovers, **vals):
        """Profiles of customers with these turnovers."""
        return self.Profile.sudo().create([{
            'partner_id': self._make_customer(f'Customer {number}').id, 'company_id': self.company.id,
            'currency_id': self.company.currency_id.id,
            'revenue_12m': turnover, 'margin_12m': turnover, **{name: values[number] for name, values in vals.items()},
        } for number, turnover in enumerate(turnovers)])

    def _stand(self):
        self.env.flush_all()
        return self.Profile._refresh_ranking(self.company)

    def test_pareto_known_answer(self):
        profiles = self._customers(500, 300, 80, 60, 30, 15, 10, 5)
        self._stand()
        self.assertEqual(profiles.mapped('pareto_class'), ['A', 'A', 'B', 'B', 'B', 'C', 'C', 'C'])
        self.assertEqual(profiles.mapped('revenue_rank'), list(range(1, 9)))
        self.assertEqual(profiles.mapped('revenue_share'), [50, 30, 8, 6, 3, 1.5, 1, 0.5])
        self.assertEqual(profiles.mapped('revenue_share_sum'), [50, 80, 88, 94, 97, 98.5, 99.5, 100])
        self.assertEqual(self._stand(), 0)
        self.company.write({'fulfilment_pareto_a': 50, 'fulfilment_pareto_b': 90})
        self._stand()
        self.assertEqual(profiles.mapped('pareto_class'), ['A', 'B', 'B', 'B', 'C', 'C', 'C', 'C'])
        self.company.write({'fulfilment_pareto_b': 95, 'fulfilment_pareto_a': 80})
        self._stand()

    def test_a_sole_customer_is_a(self):
        profile = self._customers(7)
        self._stand()
        self.assertRecordValues(
            profile, [{'pareto_class': 'A', 'revenue_rank': 1, 'revenue_share': 100, 'margin_rank': 1, 'margin_share': 100}],
        )

    def test_without_turnover_nobody_has_a_class(self):
        profiles = self._customers(0, None, -50)
        self._stand()
        self.assertEqual(profiles.mapped('pareto_class'), [False] * 3)
        self.assertEqual([one.revenue_share for one in profiles], [None] * 3)
        self.assertEqual([one.revenue_rank for one in profiles], [1, None, 1])

    def test_equals_share_a_rank(self):
        profiles = self._customers(100, 100, 50)
        self._stand()
        self.assertEqual(profiles.mapped('revenue_rank'), [1, 1, 3])
        self.assertEqual(profiles.mapped('margin_share'), [40, 40, 20])

    def test_fifths_from_one_to_five(self):
        profiles = self._customers(
            *range(1, 11), last_invoice_on=[ago(100 - number) for number in range(10)], invoice_count_12m=list(range(10, 0, -1)),
        )
        self._stand()
        self.assertEqual(profiles.mapped('recency_score'), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        self.assertEqual(profiles.mapped('frequency_score'), [5, 5, 4, 4, 3, 3, 2, 2, 1, 1])
        self.assertEqual(profiles.mapped('money_score'), [1, 1, 2, 2, 3, 3, 4, 4, 5, 5])
        self.assertEqual(
            profiles.mapped('segment'),
            ['at_risk', 'at_risk', 'at_risk', 'at_risk', 'regular', 'regular', 'new', 'new', 'new', 'new'],
        )

    def test_segments(self):
        days, counts = [5, 5, 1, 1, 3], [5, 1, 5, 1, 4]
        profiles = self._customers(
            *[1] * 5, last_invoice_on=[ago(10 - day) for day in days], invoice_count_12m=counts,
        )
        self._stand()
        # Recency: 4, 5, 1, 2, 3 and frequency: 4, 1, 5, 2, 3 by the order of the customers among equals.
        self.assertEqual([(one.recency_score, one.frequency_score) for one in profiles], [(4, 4), (5, 1), (1, 5), (2, 2), (3, 3)])
        self.assertEqual(profiles.mapped('segment'), ['champion', 'new', 'at_risk', 'lost', 'regular'])
        nobody = self._customers(10)
        self._stand()
        self.assertFalse(nobody.segment)

    def test_quadrants_by_medians(self):
        profiles = self._customers(100, 90, 10, 5, 50, quotation_rate=[80, 10, 90, 5, None])
        self._stand()
        # Medians of the four that have both: contribution 50, quotations won 45.
        self.assertEqual(profiles.mapped('value_quadrant'), ['partner', 'sleeping', 'eager', 'marginal', False])

    def test_companies_are_apart(self):
        second = self._make_company('Second Inc.')
        profiles = self._customers(100, 50)
        other = profiles[0].copy({'partner_id': self.other.id, 'company_id': second.id})
        other.revenue_12m = 10 ** 6
        self._stand()
        self.Profile._refresh_ranking(second)
        self.assertEqual(profiles.mapped('revenue_rank'), [1, 2])
        self.assertEqual(other.revenue_share, 100)
