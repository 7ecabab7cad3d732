"""Two reminder runs at the same instant remind everybody once."""

from tests.reminder_world import DAY, DUE, ReminderCase, later


class TestRemindersRace(ReminderCase):
    def test_two_runs_at_the_same_instant(self):
        days = []
        for day in (DAY, later(4)):
            days.append(day)
            before = len(self.expected(*days[:-1]))
            self.assertGreaterEqual(len(self.expected(*days)) - before, DUE)
            with self.subTest(day=day):
                self.race(day)
                self.assert_finished(day, [True, True])
                self.assert_once(*days)
