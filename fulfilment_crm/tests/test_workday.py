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
