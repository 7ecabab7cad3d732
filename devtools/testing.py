"""./dev test: addon tests, tours, tests from outside and lint, each with its totals, and one line at the end."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import browser, lint, odoo_log, odoo_process, odoo_tests, selection, templates
from .console import Failure, say
from .paths import ADDON_NAME, ROOT, in_cache, new_log_folder
from .processes import ending, free_port

if TYPE_CHECKING:
    from .runtime import Runtime

# Lanes side by side, one a core; whatever measures what happens at the same instant comes after them and has the machine to itself.
ROUNDS = ((("addon",), ("lint", "tours", "outside")), (("races",),))
PARTS = ("addon", "tours", "outside", "races", "lint")


@dataclass
class Outcome:
    """What came of one part."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)

    def fail(self, name: str, lines: Sequence[str] = ()) -> None:
        self.failed += 1
        self.failures.append((name, list(lines)))

    def __add__(self, other: Outcome) -> Outcome:
        return Outcome(
            self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped, self.failures + other.failures
        )

    def totals(self) -> str:
        text = f"{self.passed} passed, {self.failed} failed"
        return f"{text}, {self.skipped} skipped" if self.skipped else text


# The parts that can run in another time zone, and what puts everybody there: working hours and users, those still to be made included.
ZONED = ("addon", "tours")
MOVE = """
zone = %s
for model in ('resource.calendar', 'res.partner'):
    env['ir.default'].set(model, 'tz', zone)
env['resource.calendar'].search([]).tz = zone
env['res.users'].with_context(active_test=False).search([]).partner_id.tz = zone
env.cr.commit()
result = zone
"""


def run(runtime: Runtime, pattern: str | None = None, part: str | None = None, zone: str | None = None, quick: bool = False) -> int:
    """Run the parts; returns the exit code.

    :param zone: time zone of all companies and users in the addon's own tests; that of the database when missing
    :param bool quick: only the addon's own tests, without the heavy ones
    """
    part = "addon" if quick else part
    logs = new_log_folder()
    say(f"- Logs: {in_cache(logs)}")
    more: dict[str, Any] = {**({"zone": zone} if zone else {}), **({"quick": True} if quick else {})}
    whole = not part and not pattern
    if whole:
        with contextlib.suppress(Failure):  # told by the parts
            templates.with_addon(runtime)  # both lanes copy it
    telling = threading.Lock()
    total = Outcome()
    for lanes in ROUNDS if whole else (([part] if part else PARTS,),):
        with ThreadPoolExecutor(len(lanes)) as pool:
            total += sum(pool.map(lambda names: _lane(names, runtime, pattern, logs, more, telling), lanes), Outcome())
    if not total.passed and not total.failed:
        total.fail("nothing ran")
        say(f"FAILED no test was run{f': none matches {pattern}' if pattern else ''}")
    say(total.totals())
    return 0 if total.failed == 0 else 1


def _lane(
    names: Sequence[str], runtime: Runtime, pattern: str | None, logs: Path, more: dict[str, Any], telling: threading.Lock,
) -> Outcome:
    """Run parts one after the other, and tell what came of each."""
    total = Outcome()
    for name in names:
        start = time.monotonic()
        try:
            own = {key: value for key, value in more.items() if name in (ZONED if key == "zone" else ("addon",))}
            outcome = globals()[f"_{name}"](runtime, pattern, logs, **own)
        except Failure as failure:
            outcome = Outcome()
            outcome.fail(name, [str(failure)])
        if outcome is None:
            continue
        with telling:
            for failed, lines in outcome.failures:
                say(f"FAILED {failed}")
                for line in odoo_log.tail(lines):
                    say(f"    {line}")
            say(f"{name}: {outcome.totals()} ({time.monotonic() - start:.0f} s)")
        total += outcome
    return total


def _addon(runtime: Runtime, pattern: str | None, logs: Path, zone: str | None = None, quick: bool = False) -> Outcome | None:
    """Run the addon's own tests, on an update of the installed addon, so that updating is tried as well."""
    tags = selection.tags(pattern, quick=quick)
    if not tags:
        return None
    say("Addon tests")
    return _odoo_tests(runtime, "addon", ["-u", ADDON_NAME, "--test-tags", tags], logs, zone=zone)


def _tours(runtime: Runtime, pattern: str | None, logs: Path, zone: str | None = None) -> Outcome | None:
    """Run the tours in a browser. A tour that is skipped proves nothing, so it counts as failed."""
    tags = selection.tags(pattern, tours=True)
    if not tags:
        return None
    say("Tours")
    browser.ensure()
    browser.ensure_printing()
    return _odoo_tests(
        runtime, "tours", ["--test-tags", tags, "--screenshots", str(logs / "screenshots")], logs, skips_fail=True, zone=zone
    )


def _odoo_tests(
    runtime: Runtime, part: str, arguments: Sequence[Any], logs: Path, skips_fail: bool = False, zone: str | None = None,
) -> Outcome:
    database = templates.scratch(runtime, templates.with_addon(runtime), part)
    log = logs / f"{part}.log"
    reader = odoo_log.Reader(ModuleLines())
    options = ["-d", database, "--stop-after-init", "--http-port", free_port(), "--max-cron-threads", "0"]
    try:
        if zone:
            odoo_process.script(database, MOVE % repr(zone), log=log, runtime=runtime)
        code = odoo_process.run([*options, *arguments], log, reader.feed, runtime)
    finally:
        reader.on_event(None, None)
        runtime.database.drop(database)
    return judge(reader, code, skips_fail, in_cache(log))


def judge(reader: odoo_log.Reader, code: int, skips_fail: bool, log: str) -> Outcome:
    """Turn what the log told into an outcome; silence is not success."""
    outcome = Outcome(passed=reader.passed)
    for name, lines in reader.failures.items():
        outcome.fail(name, lines)
    for text in reader.errors:
        first, *rest = text.split("\n")
        outcome.fail(f"log: {first[:200]}", rest)
    for name, reason in reader.skipped.items():
        if skips_fail:
            outcome.fail(f"{name} was skipped: {reason}")
        else:
            outcome.skipped += 1
    if not reader.finished:
        outcome.fail(f"Odoo ended before its tests did (exit code {code}, {log})")
    elif not reader.started and not outcome.failed:
        outcome.fail(f"no test was run ({log})")
    elif code and not outcome.failed:
        outcome.fail(f"Odoo ended with exit code {code} ({log})")
    return outcome


class ModuleLines:
    """Progress: one line a test module, when it is through."""

    def __init__(self) -> None:
        self.module: str | None = None
        self.begin()

    def begin(self) -> None:
        self.count = self.failed = 0
        self.start = time.monotonic()

    def __call__(self, kind: str | None, name: str) -> None:
        module = name.split(":")[0] if name else None
        if module != self.module:
            self.flush()
            self.module = module
        if kind == "started":
            self.count += 1
        elif kind == "failed":
            self.failed += 1

    def flush(self) -> None:
        if self.module and (self.count or self.failed):
            failed = f", {self.failed} failed" if self.failed else ""
            say(f"  {self.module}: {self.count} run{failed} ({time.monotonic() - self.start:.0f} s)")
        self.begin()


def _outside(runtime: Runtime, pattern: str | None, logs: Path) -> Outcome | None:
    """Run the unittest modules in tests/, which meet Odoo only by process, HTTP and API."""
    say("Tests from outside")
    return _from_outside(runtime, pattern, logs, "outside")


def _races(runtime: Runtime, pattern: str | None, logs: Path) -> Outcome | None:
    """Run those of them that measure what happens at the same instant."""
    say("Races")
    return _from_outside(runtime, pattern, logs, "races")


def _from_outside(runtime: Runtime, pattern: str | None, logs: Path, part: str) -> Outcome | None:
    result = logs / f"{part}.json"
    command = [sys.executable, "-m", "devtools.outside", str(result), part, pattern or ""]
    environment = runtime.environment()
    environment["PYTHONPATH"] = str(ROOT)
    with open(logs / f"{part}.log", "w", encoding="utf-8") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True, errors="replace"
        )
        with ending(process):
            for line in process.stdout or ():
                log.write(line)
                if line.startswith("  test_"):
                    say(line.rstrip("\n"))
            code = process.wait()
    outcome = Outcome()
    if not result.exists():
        outcome.fail(f"the tests from outside ended early (exit code {code}, {in_cache(logs / f'{part}.log')})")
        return outcome
    told = json.loads(result.read_text(encoding="utf-8"))
    outcome.passed, outcome.skipped = told["passed"], told["skipped"]
    for name, trace in told["failures"]:
        outcome.fail(name, trace.splitlines())
    if not (outcome.passed or outcome.failed or outcome.skipped):
        if pattern:
            return None
        outcome.fail("no test from outside was run")
    return outcome


def _odoo(runtime: Runtime, pattern: str | None, logs: Path) -> Outcome:
    """Odoo's own tests, without and with the addon; asked for by name, since they take long."""
    outcome = Outcome()
    odoo_tests.run(runtime, logs, outcome)
    return outcome


def _lint(runtime: Runtime, pattern: str | None, logs: Path) -> Outcome | None:
    """Every tool is one check."""
    if pattern and not selection.matches(pattern, "lint", *lint.CHECKS):
        return None
    say("Lint")
    outcome = Outcome()
    for name, lines in lint.run(runtime, logs):
        if lines is None:
            outcome.skipped += 1
        elif lines:
            outcome.fail(name, lines)
        else:
            outcome.passed += 1
    return outcome
