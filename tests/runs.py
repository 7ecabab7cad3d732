"""Scheduled actions in processes of their own: run to the end, killed in the middle, or two at the same instant."""

import contextlib
import threading
import time

from devtools import odoo_process
from devtools.odoo_process import END
from tests.harness import OutsideCase

# Sessions wait for each other by this advisory lock of the database.
GATE = 190190
READY = "<<<fulfilment-ready>>>"
RUN = """
from odoo import fields
print({ready!r}, flush=True)
env.cr.execute('SELECT pg_advisory_lock_shared(%s)', [{gate}])
env.cr.execute('SELECT pg_advisory_unlock_shared(%s)', [{gate}])
env.cr.rollback()
env[{model!r}].{method}(as_of=fields.Date.to_date({day!r}))
result = True
"""
# Nothing that is counted here takes longer, however slow the machine.
PATIENCE = 600


class RunCase(OutsideCase):
    """What a run did is read by plain SQL, never through the code under test. Every test has a copy of one world."""

    at_the_same_instant = True
    model = method = action = world = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        odoo_process.script(cls.database, cls.world, runtime=cls.runtime)

    def setUp(self):
        super().setUp()
        self.database = self.new_database(self._testMethodName, template=self.database)

    def code(self, day):
        """Return the script of one run for a day."""
        return RUN.format(ready=READY, gate=GATE, model=self.model, method=self.method, day=str(day))

    def run_to_end(self, day):
        """Run once and leave only when it ended well."""
        with self.started_script(self.code(day)) as process:
            told = Output(process)
            self.assert_ended(told)

    def kill_when(self, day, started):
        """Run, and kill the process with SIGKILL as soon as `started()` says that something is in the database."""
        with self.started_script(self.code(day)) as process:
            told = Output(process)
            end = time.monotonic() + PATIENCE
            while not started():
                self.assertIsNone(process.poll(), f"the run ended before it could be killed\n{told.end}")
                self.assertLess(time.monotonic(), end, "nothing was committed in time")
                time.sleep(0.005)
            process.kill()
            process.wait()
            told.join()
        self.assertNotIn(END, told.text, "the run came to its end before it was killed")
        self.wait_for_sessions()

    def race(self, day):
        """Two processes do the same run; the gate opens when both stand before it."""
        with contextlib.ExitStack() as stack:
            gate = stack.enter_context(contextlib.closing(self.runtime.database.connect(self.database)))
            with gate.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", (GATE,))
                told = [Output(stack.enter_context(self.started_script(self.code(day)))) for _number in range(2)]
                for one in told:
                    self.assertTrue(one.ready.wait(PATIENCE), one.end)
                cursor.execute("SELECT pg_advisory_unlock(%s)", (GATE,))
            for one in told:
                self.assert_ended(one)
        first, second = self.runs(day)
        self.assertLessEqual(max(first["started_on"], second["started_on"]), min(first["finished_on"], second["finished_on"]))

    def assert_ended(self, told):
        """Check that the process came to its end, and nobody had to be told of anything."""
        told.process.wait(PATIENCE)
        told.join()
        self.assertEqual(told.process.returncode, 0, told.end)
        self.assertIn(END, told.text, told.end)
        self.assertFalse([line for line in told.lines if line.startswith("Traceback")], told.end)

    def assert_counts(self, *rows):
        """Check numbers of rows: ``(what, statement that counts, number)``."""
        for what, statement, number in rows:
            with self.subTest(what=what):
                self.assertEqual(self.query(statement), [(number,)])

    def wait_for_sessions(self):
        """Wait until the server notices that a process is gone; until then its transaction is open."""
        end = time.monotonic() + PATIENCE
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        while self.query(others, (self.database,)) != [(0,)]:
            self.assertLess(time.monotonic(), end, "the session of the killed process does not end")
            time.sleep(0.05)

    def runs(self, day):
        """Return the log of the runs for a day, oldest first."""
        names = ("id", "started_on", "finished_on", "counts")
        statement = f"SELECT {', '.join(names)} FROM fulfilment_run WHERE action = %s AND as_of = %s ORDER BY id"
        return [dict(zip(names, row, strict=True)) for row in self.query(statement, (self.action, day))]

    def counted(self, day):
        """Return what all runs for a day say they did, together: `{effect: count}` without zeros."""
        total = {}
        for run in self.runs(day):
            for effect, count in (run["counts"] or {}).items():
                total[effect] = total.get(effect, 0) + count
        return {effect: count for effect, count in total.items() if count}

    def assert_finished(self, day, flags):
        """Which runs for a day came to their end, oldest first, and that none set a record aside."""
        self.assertEqual([bool(run["finished_on"]) for run in self.runs(day)], flags)
        self.assertEqual(self.query("SELECT action, res_model, res_id, message FROM fulfilment_problem"), [])


class Output:
    """What a process prints, read all the time so that it never waits for a reader."""

    def __init__(self, process):
        self.process, self.lines, self.ready = process, [], threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)
            if READY in line:
                self.ready.set()

    def join(self):
        self._thread.join(PATIENCE)

    @property
    def text(self):
        return "".join(self.lines)

    @property
    def end(self):
        """What is worth reading when something went wrong."""
        return "".join(line[:1000] for line in self.lines[-30:])
