"""A reminder run that is killed in the middle and started again reminds everybody once."""

from tests.reminder_world import DAY, DUE, ReminderCase


class TestRemindersCrash(ReminderCase):
    def test_killed_twice_and_run_to_the_end(self):
        for share in (0, 0.5):
            before = self.reminded()
            self.kill_when(DAY, lambda share=share, before=before: self.reminded() > max(before, share * DUE))
            self.assertGreater(self.reminded(), before)
            self.assertLess(self.reminded(), len(self.expected(DAY)))
        self.run_to_end(DAY)
        self.assert_finished(DAY, [False, False, True])
        self.assert_once(DAY)

        self.run_to_end(DAY)
        self.assert_once(DAY)
