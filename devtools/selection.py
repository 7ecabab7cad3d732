"""Which addon tests a PATTERN means, told to Odoo as test tags."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .paths import ADDON, ADDON_NAME

TOUR_TAG = "fulfilment_tour"
HEAVY_TAG = "fulfilment_heavy"  # what takes longest; the rest is for every day


@dataclass(frozen=True)
class Test:
    file: str
    klass: str
    method: str
    tour: bool


def matches(pattern: str, *names: Any) -> bool:
    """Part of a name, without regard to case; * and ? as in file names; of several, parted by commas, any."""
    if "," in pattern:
        return any(matches(part, *names) for part in pattern.split(",") if part)
    pattern = pattern.lower()
    if any(sign in pattern for sign in "*?["):
        return any(fnmatch.fnmatch(name.lower(), pattern) for name in names)
    return any(pattern in name.lower() for name in names)


def written_tests(folder: Path | None = None) -> list[Test]:
    """Read the tests in the addon's files without running them."""
    found = []
    for path in sorted((folder or ADDON / "tests").glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef):
                continue
            words = {word.value for mark in node.decorator_list for word in ast.walk(mark) if isinstance(word, ast.Constant)}
            for method in node.body:
                if isinstance(method, ast.FunctionDef) and method.name.startswith("test"):
                    found.append(Test(path.stem, node.name, method.name, TOUR_TAG in words))
    return found


def tags(pattern: str | None = None, tours: bool = False, tests: Iterable[Test] | None = None, quick: bool = False) -> str | None:
    """Odoo's --test-tags for the part, or None when the pattern means none of its tests.

    :param bool quick: without the heavy ones
    """
    lead = f"{TOUR_TAG}/{ADDON_NAME}" if tours else f"/{ADDON_NAME}"
    without = [*([] if tours else [f"-{TOUR_TAG}"]), *([f"-{HEAVY_TAG}"] if quick else [])]
    if not pattern:
        return ",".join([lead, *without])
    wanted = []
    for test in written_tests() if tests is None else tests:
        full = f"{test.file}:{test.klass}.{test.method}"
        if test.tour == tours and matches(pattern, test.file, test.klass, test.method, full, f"{test.klass}.{test.method}"):
            wanted.append(f"{lead}:{test.klass}.{test.method}")
    return ",".join([*wanted, *without]) if wanted else None
