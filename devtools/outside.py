"""Runs the unittest modules in tests/ and writes what came of them as JSON: `python -m devtools.outside RESULT PART [PATTERN]`."""

from __future__ import annotations

import json
import sys
import time
import traceback
import unittest
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from .paths import ROOT
from .selection import matches


def cases(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for entry in suite:
        if isinstance(entry, unittest.TestSuite):
            yield from cases(entry)
        else:
            yield entry


def wanted(case: unittest.TestCase, part: str, pattern: str) -> bool:
    """Whether a test belongs to the part, "races" or "outside", and matches; a module that cannot be imported is always told."""
    if getattr(case, "at_the_same_instant", False) != (part == "races"):
        return False
    return not pattern or "_FailedTest" in case.id() or matches(pattern, case.id(), *case.id().split("."))


def main(result_path: str, part: str, pattern: str = "") -> None:
    suite = unittest.TestLoader().discover(str(ROOT / "tests"), top_level_dir=str(ROOT))
    chosen = sorted((case for case in cases(suite) if wanted(case, part, pattern)), key=lambda case: type(case).__module__)
    told: dict[str, Any] = {"passed": 0, "skipped": 0, "failures": []}
    for module, members in groupby(chosen, key=lambda case: type(case).__module__):
        start = time.monotonic()
        result = unittest.TestResult()
        unittest.TestSuite(members).run(result)
        # A test with several failing subtests is one failed test.
        failed: dict[str, str] = {}
        for case, trace in result.failures + result.errors:
            name = getattr(case, "test_case", case).id()
            failed[name] = "\n".join(filter(None, [failed.get(name), trace]))
        for case in result.unexpectedSuccesses:
            failed[case.id()] = "was expected to fail"
        inside = sum(1 for name in failed if not name.startswith(("setUp", "tearDown")))
        told["failures"] += list(failed.items())
        told["skipped"] += len(result.skipped)
        told["passed"] += max(0, result.testsRun - inside - len(result.skipped))
        count = f"{result.testsRun} run" + (f", {len(failed)} failed" if failed else "")
        print(f"  {module.rpartition('.')[2]}: {count} ({time.monotonic() - start:.0f} s)", flush=True)
        for name, trace in failed.items():
            print(f"{name}\n{trace}", flush=True)
    Path(result_path).write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception:
        traceback.print_exc()
        sys.exit(2)
