"""The tooling itself: its sentences, its reading of logs, its merging of translations."""

import argparse
import contextlib
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import polib

from devtools import (
    commands,
    console,
    database,
    debian_archive,
    demo,
    i18n,
    lint,
    odoo_log,
    odoo_source,
    paths,
    processes,
    python_env,
    selection,
    testing,
)

STAMP = "2026-01-02 03:04:05,678 4711"
LOGGER = "odoo.addons.fulfilment_crm.tests"


def line(text, level="INFO", logger=f"{LOGGER}.test_credit_gate"):
    return f"{STAMP} {level} some_db {logger}: {text} "


def read(*lines):
    reader = odoo_log.Reader()
    for one in lines:
        reader.feed(one)
    return reader


def summary(failed=0, errors=0, total=1):
    return line(f"{failed} failed, {errors} error(s) of {total} tests when loading database 'some_db'", logger="odoo.tests.result")


class TestSentences(unittest.TestCase):
    def one_sentence(self, failure, *words):
        text = str(failure)
        self.assertNotIn("\n", text)
        self.assertTrue(text.endswith("."), text)
        self.assertIn(" failed: ", text)
        for word in words:
            self.assertIn(word, text)

    def test_wrong_python(self):
        for version in ((3, 9), (3, 14), (2, 7)):
            with self.assertRaises(console.Failure) as caught:
                python_env.check_python(version)
            self.one_sentence(caught.exception, f"Python {version[0]}.{version[1]}", "3.10 to 3.13")
        for version in ((3, 10), (3, 13, 2)):
            python_env.check_python(version)

    def test_port_taken(self):
        with contextlib.closing(socket.socket()) as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            with self.assertRaises(console.Failure) as caught:
                processes.check_port(port)
        self.one_sentence(caught.exception, f"127.0.0.1:{port}", "--port")
        processes.check_port(processes.free_port())
        with self.assertRaises(console.Failure):
            processes.check_port(70000)

    def test_disk_too_small(self):
        with mock.patch.object(shutil, "disk_usage", return_value=mock.Mock(free=5e8)), self.assertRaises(console.Failure) as caught:
            console.need_disk("/no/such/folder", 4, "Fetching Odoo 19")
        self.one_sentence(caught.exception, "0.5 GB", "FULFILMENT_CACHE")

    def test_failed_program_is_quoted_by_its_telling_line(self):
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, FULFILMENT_CACHE=folder):
            code = "print('E: no network'); print('tidying up'); raise SystemExit(3)"
            with self.assertRaises(console.Failure) as caught:
                processes.run_logged([sys.executable, "-c", code], "Fetching", "check the network", "fetch")
            self.one_sentence(caught.exception, "E: no network", "exit code 3", "check the network")
            with self.assertRaises(console.Failure) as caught:
                processes.run_logged(["no-such-program"], "Fetching", "install it", "fetch")
            self.one_sentence(caught.exception, "no-such-program", "install it")

    def test_given_odoo_is_checked(self):
        with tempfile.TemporaryDirectory() as folder:
            with self.assertRaises(console.Failure) as caught:
                odoo_source.find(folder)
            self.one_sentence(caught.exception, "release.py", "--odoo")
            package = Path(folder, "odoo")
            (package / "addons" / "web").mkdir(parents=True)
            (package / "release.py").write_text("version_info = (18, 0, 0, 'final', 0, '')\n")
            with self.assertRaises(console.Failure) as caught:
                odoo_source.find(folder)
            self.one_sentence(caught.exception, "18.0", "19.0")
            (package / "release.py").write_text("version_info = (19, 0, 0, 'final', 0, '')\n")
            found = odoo_source.find(folder)
            self.assertEqual((found.python_path, found.version), (folder, "19.0"))
            self.assertEqual(odoo_source.OdooSource.from_json(found.to_json()), found)

    def test_server_out_of_reach(self):
        options = argparse.Namespace(db_host="127.0.0.1", db_port=str(processes.free_port()), db_user="somebody", db_password=None)
        with self.assertRaises(console.Failure) as caught:
            database.named(options)
        self.one_sentence(caught.exception, "Connecting to PostgreSQL", "--db-host")

    def test_fault_of_the_tool_itself(self):
        told = io.StringIO()
        with (
            tempfile.TemporaryDirectory() as folder,
            mock.patch.dict(os.environ, FULFILMENT_CACHE=folder),
            mock.patch.object(python_env, "is_current", side_effect=ValueError("two\nlines")),
            contextlib.redirect_stderr(told),
        ):
            self.assertEqual(commands.main(["lint"]), 1)
        self.assertEqual(len(told.getvalue().splitlines()), 1)
        self.assertNotIn("Traceback", told.getvalue())

    def test_full_disk_and_interruption(self):
        for error, words, code in ((OSError(28, "No space left"), "FULFILMENT_CACHE", 1), (KeyboardInterrupt(), "Interrupted", 130)):
            told = io.StringIO()
            with mock.patch.object(python_env, "is_current", side_effect=error), contextlib.redirect_stderr(told):
                self.assertEqual(commands.main(["lint"]), code)
            self.assertIn(words, told.getvalue())


class TestLog(unittest.TestCase):
    def test_passed(self):
        reader = read(line("Starting TestGate.test_hold ..."), line("Starting TestGate.test_pass ..."), summary(total=2))
        outcome = testing.judge(reader, 0, False, "log")
        self.assertEqual(outcome.totals(), "2 passed, 0 failed")

    def test_failed_with_its_trace_and_without_odoos_repetitions(self):
        reader = read(
            line("Starting TestGate.test_hold ..."),
            line("=" * 70),
            line("FAIL: TestGate.test_hold", "ERROR"),
            "Traceback (most recent call last):",
            "AssertionError: 1 != 2",
            line("Module fulfilment_crm: 1 failures, 0 errors of 1 tests", "ERROR", "odoo.modules.loading"),
            line("1 failed, 0 error(s) of 1 tests when loading database 'some_db'", "ERROR", "odoo.tests.result"),
        )
        outcome = testing.judge(reader, 1, False, "log")
        self.assertEqual(outcome.totals(), "0 passed, 1 failed")
        name, trace = outcome.failures[0]
        self.assertEqual(name, "test_credit_gate: TestGate.test_hold")
        self.assertIn("AssertionError: 1 != 2", trace)

    def test_subtests_of_a_test_count_once(self):
        reader = read(
            line("Starting TestGate.test_hold ..."),
            line("FAIL: Subtest TestGate.test_hold (grade='A')", "ERROR"),
            line("FAIL: Subtest TestGate.test_hold (grade='B')", "ERROR"),
            summary(2),
        )
        self.assertEqual(testing.judge(reader, 1, False, "log").totals(), "0 passed, 1 failed")

    def test_failed_class(self):
        reader = read(line(f"ERROR: setUpClass ({LOGGER}.test_credit_gate.TestGate)", "ERROR"), "KeyError: 'x'", summary(0, 1, 0))
        self.assertEqual(testing.judge(reader, 1, False, "log").totals(), "0 passed, 1 failed")

    def test_skipped_tour_is_a_failure(self):
        lines = [line("Starting TestTour.test_day ..."), line("skipped TestTour.test_day : Chrome executable not found"), summary()]
        outcome = testing.judge(read(*lines), 0, True, "log")
        self.assertEqual(outcome.totals(), "0 passed, 1 failed")
        self.assertIn("Chrome executable not found", outcome.failures[0][0])
        self.assertEqual(testing.judge(read(*lines), 0, False, "log").totals(), "0 passed, 0 failed, 1 skipped")

    def test_class_skipped_as_a_whole(self):
        reader = read(line(f"skipped setUpClass ({LOGGER}.test_tour.TestTour) : no browser"), summary(total=0))
        self.assertEqual(testing.judge(reader, 0, True, "log").failed, 1)

    def test_errors_beside_the_tests(self):
        reader = read(
            line("Starting TestGate.test_hold ..."), line("A read-only route wrote", "ERROR", "odoo.sql_db"), "Traceback", summary()
        )
        outcome = testing.judge(reader, 0, False, "log")
        self.assertEqual(outcome.totals(), "1 passed, 1 failed")
        self.assertEqual(outcome.failures[0], ("log: odoo.sql_db: A read-only route wrote", ["Traceback"]))

    def test_nothing_ran_or_no_end(self):
        self.assertEqual(testing.judge(read(summary(total=0)), 0, False, "log").failed, 1)
        self.assertEqual(testing.judge(read(line("Starting TestGate.test_hold ...")), -9, False, "log").failed, 1)
        self.assertEqual(testing.judge(read(line("Starting TestGate.test_hold ..."), summary()), 255, False, "log").failed, 1)

    def test_last_line(self):
        self.assertRegex(testing.Outcome(3, 1, 2).totals(), r"\A\d+ passed, \d+ failed, \d+ skipped\Z")

    def test_lint_takes_only_findings_about_the_addon(self):
        lines = [
            "TestDocstring.test_docstring (module='sms', method='a')", "cannot parse",
            "TestDocstring.test_docstring (module='fulfilment_crm', method='b')", "cannot parse either",
        ]
        self.assertEqual(lint.our_findings(lines), lines[2:])
        foreign = "/home/me/.cache/fulfilment_crm"
        self.assertEqual(lint.our_findings([f'  File "{foreign}/odoo/x.py", line 3'], (foreign,)), [])


class TestSelection(unittest.TestCase):
    TESTS = (
        selection.Test("test_credit_gate", "TestGate", "test_hold", False),
        selection.Test("test_credit_gate", "TestGate", "test_release", False),
        selection.Test("test_value_tier", "TestTier", "test_release", False),
        selection.Test("test_tours", "TestTours", "test_credit_tour", True),
    )

    def test_patterns(self):
        for pattern, count, tours in (("credit", 2, 1), ("TestTier", 1, 0), ("test_credit_gate", 2, 0), ("TestGate.test_hold", 1, 0)):
            found = selection.tags(pattern, tests=self.TESTS)
            self.assertEqual(found.count("/fulfilment_crm:"), count, pattern)
            found = selection.tags(pattern, tours=True, tests=self.TESTS) or ""
            self.assertEqual(found.count("fulfilment_tour/fulfilment_crm:"), tours, pattern)
        self.assertIsNone(selection.tags("nothing", tests=self.TESTS))
        self.assertEqual(selection.tags(), "/fulfilment_crm,-fulfilment_tour")
        self.assertEqual(selection.tags(quick=True), "/fulfilment_crm,-fulfilment_tour,-fulfilment_heavy")

    def test_written_tests(self):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "test_a.py").write_text("@tagged('post_install', 'fulfilment_tour')\nclass TestA:\n    def test_b(self): pass\n")
            self.assertEqual(selection.written_tests(Path(folder)), [selection.Test("test_a", "TestA", "test_b", True)])


class TestTranslations(unittest.TestCase):
    def catalogue(self, *pairs):
        made = polib.POFile()
        made.metadata = {"Content-Type": "text/plain; charset=UTF-8", "POT-Creation-Date": "2026-01-01 00:00+0000"}
        made += [polib.POEntry(msgid=term, msgstr=text, occurrences=[("model:ir.model,name:x", "0")]) for term, text in pairs]
        return made

    def test_merge_keeps_adds_and_drops(self):
        merged = i18n.merge(self.catalogue(("Contract", ""), ("Tier", "")), self.catalogue(("Contract", "合同"), ("Gone", "没有了")))
        self.assertEqual([(entry.msgid, entry.msgstr) for entry in merged], [("Contract", "合同"), ("Tier", "")])
        self.assertEqual(merged.metadata["Language"], "zh_CN")

    def test_only_a_new_date_is_no_change(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "x.pot")
            first = self.catalogue(("Contract", ""))
            i18n.save(first, path)
            before = path.read_bytes()
            first.metadata["POT-Creation-Date"] = "2027-01-01 00:00+0000"
            i18n.save(first, path)
            self.assertEqual(path.read_bytes(), before)


class TestDay(unittest.TestCase):
    def test_one_line_an_effect(self):
        rows = [
            {"action": "ir_cron_profile", "effect": "profiles refreshed", "count": 3, "failed": False, "detail": ""},
            {"action": "ir_cron_reminders", "effect": "reminders sent", "count": 2, "failed": False, "detail": "", "found": 2},
        ]
        self.assertEqual(demo.report(rows), (["profiles refreshed: 3", "reminders sent: 2"], 0))

    def test_failures(self):
        failed = {"action": "ir_cron_credit", "effect": "assessments", "count": 0, "failed": True, "detail": "KeyError"}
        wrong = {"action": "ir_cron_rewards", "effect": "rewards", "count": 2, "failed": False, "detail": "", "found": 1}
        lines, count = demo.report([failed, wrong])
        self.assertEqual(count, 2)
        self.assertIn("KeyError", lines[0])
        self.assertIn("2 reported and 1 found", lines[1])
        self.assertEqual(demo.report([])[1], 1)


class TestSetUp(unittest.TestCase):
    def test_interrupted_folder_is_absent(self):
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder, "thing")
            with self.assertRaises(KeyboardInterrupt), paths.complete_or_absent(target) as building:
                (building / "half").touch()
                raise KeyboardInterrupt
            self.assertEqual(list(Path(folder).iterdir()), [])
            with paths.complete_or_absent(target) as building:
                (building / "whole").touch()
            self.assertTrue((target / "whole").exists())

    def test_two_wait_for_each_other(self):
        with tempfile.TemporaryDirectory() as folder:
            code = "from devtools import paths\nwith paths.setup_lock(): print('in', flush=True)"
            environment = {**os.environ, "FULFILMENT_CACHE": folder, "PYTHONPATH": str(paths.ROOT)}
            with mock.patch.dict(os.environ, FULFILMENT_CACHE=folder), paths.setup_lock():
                other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment)
                self.assertIn("waiting", other.stdout.readline())
                self.assertIsNone(other.poll())
            self.assertEqual(other.communicate(timeout=30)[0], "in\n")

    def test_debian_source_in_both_spellings(self):
        with tempfile.TemporaryDirectory() as folder:
            parts = Path(folder, "sources.list.d")
            parts.mkdir()
            Path(folder, "sources.list").write_text(
                "# deb http://old.example stable main\n"
                "deb [arch=amd64] http://a.example bookworm main\n"
            )
            self.assertEqual(debian_archive.configured_source(folder, "bookworm").uri, "http://a.example")
            (parts / "debian.sources").write_text(
                "Types: deb\n# a note\nURIs: http://b.example/debian\nSuites: bookworm bookworm-updates\nComponents: main\n"
                "Signed-By: /etc/keys/b.gpg\n"
            )
            expected = debian_archive.Source("http://b.example/debian", "/etc/keys/b.gpg")
            self.assertEqual(debian_archive.configured_source(folder, "bookworm"), expected)
            self.assertIsNone(debian_archive.configured_source(folder + "/none", "bookworm"))

    def test_options_name_a_server(self):
        none = argparse.Namespace(db_host=None, db_port=None, db_user=None, db_password=None)
        with mock.patch.dict(os.environ):
            for name in ("PGHOST", "PGPORT", "PGSERVICE"):
                os.environ.pop(name, None)
            self.assertFalse(database.is_named(none))
            os.environ["PGHOST"] = "db.example"
            self.assertTrue(database.is_named(none))

    def test_help_names_every_command(self):
        text = commands.parser().format_help()
        for name in ("demo", "test", "lint", "shell", "psql", "i18n", "bench"):
            self.assertRegex(text, re.compile(rf"^\s+{name}\s", re.MULTILINE))
