"""Reading Odoo's log: which tests ran, which failed and why, and what else went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

LINE = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d+ (?P<pid>\d+) (?P<level>[A-Z]+) (?P<db>\S+) (?P<logger>[\w.\-]+): (?P<text>.*)$")
STARTING = re.compile(r"^Starting (\S+) \.\.\.")
FAILED = re.compile(r"^(FAIL|ERROR): (?:Subtest )?(.+)$")
SKIPPED = re.compile(r"^skipped (\S+).*? : (.*)$")
SUMMARY = re.compile(r"^(\d+) failed, (\d+) error\(s\) of (\d+) tests")
# Odoo repeats failures it has already reported in these.
REPEATED = re.compile(r"^(Module \S+: \d+ failures?, \d+ errors? of \d+ tests|\d+ failed, \d+ error\(s\) of|At least one test failed)")


class Reader:
    """Feed it line by line; it keeps the count and tells `on_event(kind, name)` what happens."""

    def __init__(self, on_event: Callable[..., Any] | None = None) -> None:
        self.on_event = on_event or (lambda kind, name: None)
        self.started: list[str] = []
        self.failures: dict[str, list[str]] = {}
        self.skipped: dict[str, str] = {}
        self.errors: list[str] = []
        self.warnings: list[str] = []
        self.summary: tuple[int, ...] | None = None
        self._block: Callable[[str], None] | None = None

    def feed(self, line: str) -> None:
        match = LINE.match(line)
        if not match:
            if self._block is not None:
                self._block(line)
            return
        self._block = None
        level, logger, text = match["level"], match["logger"], match["text"].rstrip()
        where = logger.rpartition(".")[2]
        if found := SUMMARY.match(text):
            self.summary = tuple(map(int, found.groups()))
        if found := STARTING.match(text):
            self.started.append(f"{where}: {found[1]}")
            self.on_event("started", self.started[-1])
        elif found := SKIPPED.match(text):
            self._skip(f"{where}: {found[1]}", found[2])
        elif level == "ERROR" and (found := FAILED.match(text)):
            self._fail(where, found[2])
        elif level in ("ERROR", "CRITICAL") and not REPEATED.match(text):
            self._collect(self.errors, f"{logger}: {text}")
        elif level == "WARNING":
            self._collect(self.warnings, f"{logger}: {text}")

    def _skip(self, name: str, reason: str) -> None:
        self.skipped[name] = reason
        self.on_event("skipped", name)

    def _fail(self, where: str, described: str) -> None:
        # A subtest's parameters are told in its traceback; the test counts once.
        name = f"{where}: {described.split(' (')[0] if not described.startswith('setUp') else described}"
        lines = self.failures.setdefault(name, [])
        if "(" in described:
            lines.append(described)
        self._block = lines.append
        self.on_event("failed", name)

    def _collect(self, into: list[str], text: str) -> None:
        into.append(text)
        place = len(into) - 1

        def more(line: str) -> None:
            into[place] += "\n" + line

        self._block = more

    @property
    def passed(self) -> int:
        return len(set(self.started) - set(self.failures) - set(self.skipped))

    @property
    def finished(self) -> bool:
        """Whether Odoo came to the end of its tests."""
        return self.summary is not None


def tail(lines: Iterable[str], count: int = 12) -> list[str]:
    """Return the telling end of a traceback."""
    kept = [line for line in lines if line.strip()]
    return kept[-count:]
