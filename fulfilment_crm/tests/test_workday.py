from datetime import date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import TransactionCase, tagged

# State Council notice on public holidays 2026: first and last day off.
HOLIDAYS = (('2026-01-01', '2026-01-03'), ('2026-02-15', '2026-02-23'), ('2026-04-04', '2026-04-06'), ('2026-05-01', '2026-05-05'),
            ('2026-06-19', '2026-06-21'), ('2026-09-25', '2026-09-27'), ('2026-10-01', '2026-10-07'))
MAKE_UP = ('2026-01-04', '2026-02-14', '2026-02-28', '2026-05-09', '2026-09-20', '2026-10-10')


@tagged('post_install', '-at_install')
class TestWorkday(TransactionCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.calendar = cls.env['resource.calendar'].create({'name': 'China', 'tz': 'Asia/Shanghai', 'company_id': False})
        cls.Workday = cls.env['fulfilment.workday']

    def _china_2026(self):
        self.env['resource.calendar.leaves'].create([{
            'name': 'Holiday', 'calendar_id': self.calendar.id, 'company_id': False, 'resource_id': False,
            'date_from': datetime.fromisoformat(first) - timedelta(hours=8),
            'date_to': datetime.fromisoformat(last) + timedelta(hours=15, minutes=59, seconds=59),
        } for first, last in HOLIDAYS])
        self.Workday.create([
            {'name': 'Make-up day', 'date': day, 'calendar_id': self.calendar.id, 'company_id': False} for day in MAKE_UP
        ])

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
