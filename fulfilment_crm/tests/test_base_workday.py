from datetime import date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged


@tagged('post_install', '-at_install')
class TestWorkday(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env['resource.calendar'].create({'name': 'China', 'tz': 'Asia/Shanghai', 'company_id': False})
        cls.Workday = cls.env['fulfilment.workday']

    def _china_2026(self):
        self.Workday.action_load_china(calendar=self.calendar.id)

    def _day_after(self, start, days):
        """The local date on which ``days`` working days after noon of ``start`` are over."""
        end = self.Workday._deadline(self.calendar, datetime.fromisoformat(f'{start} 04:00:00'), days, 'working_day')
        return (end + timedelta(hours=8)).date()

    def test_known_answers_china_2026(self):
        self._china_2026()
        for start, end in (('2026-09-30', date(2026, 10, 10)), ('2026-09-18', date(2026, 9, 22)),
                           ('2026-02-13', date(2026, 2, 25)), ('2026-09-23', date(2026, 9, 29))):
            with self.subTest(start=start):
                self.assertEqual(self._day_after(start, 3), end)

    def test_loading_twice_adds_nothing(self):
        self._china_2026()
        days, leaves = self.Workday.search_count([]), self.env['resource.calendar.leaves'].search_count([])
        self._china_2026()
        self.assertEqual((self.Workday.search_count([]), self.env['resource.calendar.leaves'].search_count([])), (days, leaves))

    def test_without_make_up_days_the_answer_differs(self):
        self._china_2026()
        self.Workday.search([('calendar_id', '=', self.calendar.id)]).unlink()
        self.assertEqual(self._day_after('2026-09-30', 3), date(2026, 10, 12))

    def test_clock_hours_and_calendar_days(self):
        start = datetime(2026, 2, 27, 15, 0)
        self.assertEqual(self.Workday._deadline(self.calendar, start, 24, 'hour'), datetime(2026, 2, 28, 15, 0))
        self.assertEqual(self.Workday._deadline(self.calendar, start, 2, 'day'), datetime(2026, 3, 1, 15, 0))

    def test_working_hours_skip_lunch_and_weekend(self):
        friday = datetime(2026, 3, 6, 3, 0)  # 11:00 in Shanghai; 8-12 and 13-17 are worked
        self.assertEqual(self.Workday._deadline(self.calendar, friday, 2, 'working_hour'), datetime(2026, 3, 6, 6, 0))
        self.assertEqual(self.Workday._deadline(self.calendar, friday, 6, 'working_hour'), datetime(2026, 3, 9, 1, 0))
        self.assertEqual(self.Workday._deadline(self.calendar, friday, 0, 'working_hour'), friday)

    def test_working_hours_on_a_make_up_day(self):
        self._china_2026()
        friday_evening = datetime(2026, 2, 13, 12, 0)
        self.assertEqual(self.Workday._deadline(self.calendar, friday_evening, 1, 'working_hour'), datetime(2026, 2, 14, 1, 0))

    def test_the_day_is_counted_where_the_calendar_is(self):
        self._china_2026()
        late_utc = datetime(2026, 9, 17, 17, 0)  # Friday 18 September, 1:00 in Shanghai
        end = self.Workday._deadline(self.calendar, late_utc, 3, 'working_day')
        self.assertEqual((end + timedelta(hours=8)).date(), date(2026, 9, 22))

    def test_leap_day(self):
        end = self.Workday._deadline(self.calendar, datetime(2028, 2, 28, 4, 0), 1, 'working_day')
        self.assertEqual(end.date(), date(2028, 2, 29))

    def test_calendar_without_working_time(self):
        self.calendar.attendance_ids.unlink()
        with self.assertRaisesRegex(UserError, 'China'):
            self.Workday._deadline(self.calendar, datetime(2026, 3, 6), 3, 'working_day')

    def test_unknown_unit(self):
        with self.assertRaises(ValueError):
            self.Workday._deadline(self.calendar, datetime(2026, 3, 6), 3, 'fortnight')

    def test_years_without_data_are_named(self):
        self.assertEqual(self.Workday._years_without_data(self.calendar, 2026, 2027), [])
        self._china_2026()
        self.assertEqual(self.Workday._years_without_data(self.calendar, 2026, 2027), [2027])

    def _company(self, name, parent=None):
        company = self.env['res.company'].create({
            'name': name, 'parent_id': parent.id if parent else False, 'resource_calendar_id': self.calendar.id,
        })
        self.calendar.company_id = False  # Odoo gives a calendar to the company it is named for
        return company

    def _holiday(self, day, company):
        leave = self.env['resource.calendar.leaves'].with_company(company).create({
            'name': 'Holiday', 'calendar_id': False, 'resource_id': False, 'date_from': f'{day} 00:00:00', 'date_to': f'{day} 15:00:00',
        })
        self.assertEqual(leave.company_id, company)

    def test_another_company_s_holidays_change_nothing(self):
        """Two companies share their working hours; holidays and extra days are each its own, whoever asks."""
        ours, theirs = self._company('Ours'), self._company('Theirs')
        branch = self._company('Branch', parent=ours)
        start = datetime(2026, 3, 2, 4, 0)  # a Monday
        self._holiday('2026-03-03', theirs)
        self._holiday('2026-03-04', ours)
        self.Workday.create({'name': 'Extra', 'date': '2026-03-07', 'company_id': theirs.id, 'calendar_id': self.calendar.id})
        for asking in (ours, theirs, self.env.company):
            workday = self.Workday.with_company(asking)
            for company, days, day in (
                (ours, 1, date(2026, 3, 3)), (ours, 2, date(2026, 3, 5)), (branch, 2, date(2026, 3, 5)), (theirs, 1, date(2026, 3, 4)),
                (ours, 4, date(2026, 3, 9)), (theirs, 4, date(2026, 3, 7)),
            ):
                with self.subTest(asking=asking.name, company=company.name, days=days):
                    self.assertEqual(workday._deadline(self.calendar, start, days, 'working_day', company).date(), day)

    def test_flexible_hours_are_the_same_every_weekday(self):
        flexible = self.env['resource.calendar'].create({
            'name': 'Flexible', 'tz': 'UTC', 'company_id': False, 'schedule_type': 'flexible', 'hours_per_day': 8.0,
            'full_time_required_hours': 40.0,
        })
        company = self._company('Flexible')
        for weekday in range(7):
            start = datetime(2026, 3, 2, 4, 0) + timedelta(days=weekday)
            expected, left = start.date(), 3
            while left:
                expected += timedelta(days=1)
                left -= expected.weekday() < 5
            with self.subTest(start=start):
                end = self.Workday._deadline(flexible, start, 3, 'working_day', company)
                self.assertEqual(end, datetime.combine(expected, datetime.min.time()) + timedelta(hours=16))
                # However far the search looks, and from whatever day.
                far = self.Workday._deadline(flexible, start, 100, 'working_day', company)
                self.assertLess(far.weekday(), 5)
        self.assertEqual(
            self.Workday._deadline(flexible, datetime(2026, 3, 6, 15, 0), 2, 'working_hour', company), datetime(2026, 3, 9, 9, 0),
        )
        self._holiday('2026-03-09', company)  # until 15:00, which leaves an hour of it
        self.assertEqual(
            self.Workday._deadline(flexible, datetime(2026, 3, 6, 15, 0), 3, 'working_hour', company), datetime(2026, 3, 10, 9, 0),
        )
