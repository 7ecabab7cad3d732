"""./dev lint: ruff, mypy, pylint-odoo, and Odoo's own house rules as far as they concern the addon."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import odoo_log, odoo_process, templates
from .console import say
from .paths import ADDON, ADDON_NAME, ROOT, cache, cached, in_cache
from .processes import ending, free_port

if TYPE_CHECKING:
    from .runtime import Runtime

CHECKS = ("ruff", "mypy", "pylint-odoo", "odoo-pylint", "odoo-test-lint")
# What Odoo's test_lint asks of pylint over all of its addons, asked here of this one only.
ODOO_CHECKS = (
    "used-before-assignment", "undefined-variable", "eval-used", "unreachable", "function-redefined",
    "sql-injection", "missing-gettext", "gettext-variable", "gettext-placeholders", "gettext-repr", "raise-unlink-override",
)
ODOO_PLUGINS = (
    "_pylint_path_setup", "pylint.extensions.bad_builtin", "_odoo_checker_sql_injection", "_odoo_checker_gettext",
    "_odoo_checker_unlink_override",
)


def run(runtime: Runtime, logs: Path) -> Iterator[tuple[str, list[str] | None]]:
    """Yield (check, complaints) of every check; None instead of complaints when a tool is not there."""
    for name in CHECKS:
        complaints = globals()[f"_{name.replace('-', '_')}"](runtime, logs)
        if complaints is None:
            say(f"  {name}: not available here")
        else:
            say(f"  {name}: {'clean' if not complaints else f'{len(complaints)} complaint' + 's' * (len(complaints) > 1)}")
        yield name, complaints


def _tool(runtime: Runtime, logs: Path, name: str, command: Sequence[Any], **environment: Any) -> list[str]:
    """Run a tool and return the lines it complains with; none when it is content."""
    log = logs / f"{name}.log"
    process = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        env={**runtime.environment(), **environment},
    )
    with ending(process):
        output, _ = process.communicate()
    log.write_text(output, encoding="utf-8")
    if process.returncode == 0:
        return []
    lines = [line for line in output.splitlines() if line.strip() and not line.startswith("***")]
    if len(lines) > 12:
        lines.append(f"all of it: {in_cache(log)}")
    return lines or [f"exit code {process.returncode}"]


def _ruff(runtime: Runtime, logs: Path) -> list[str]:
    return _tool(runtime, logs, "ruff", [sys.executable, "-m", "ruff", "check", "--output-format", "concise", "--quiet", "."])


def _mypy(runtime: Runtime, logs: Path) -> list[str] | None:
    """Types of the arithmetic and of what ./dev does; models get theirs from Odoo as they are loaded."""
    if not importlib.util.find_spec("mypy"):
        return None
    return _tool(runtime, logs, "mypy", [sys.executable, "-m", "mypy", "--cache-dir", cached("mypy"), "--no-error-summary"])


def _pylint_odoo(runtime: Runtime, logs: Path) -> list[str]:
    command = [sys.executable, "-m", "pylint", f"--rcfile={ROOT / 'pyproject.toml'}", "--score=n", "--reports=n", ADDON.name]
    return _tool(runtime, logs, "pylint-odoo", command)


def _odoo_pylint(runtime: Runtime, logs: Path) -> list[str] | None:
    """Odoo's own pylint checkers, which lie in its test_lint module."""
    checkers = next((folder for base in runtime.odoo.addons if (folder := Path(base, "test_lint", "tests")).is_dir()), None)
    if not checkers:
        return None
    command = [
        sys.executable, "-m", "pylint", f"--rcfile={os.devnull}", "--disable=all,useless-option-value", f"--enable={','.join(ODOO_CHECKS)}",
        f"--load-plugins={','.join(ODOO_PLUGINS)}", "--bad-functions=input", "--reports=n", "--score=n",
        "--msg-template={path}:{line}: {msg} ({msg_id})", ADDON.name,
    ]
    return _tool(
        runtime, logs, "odoo-pylint", command,
        PYTHONPATH=os.pathsep.join([str(checkers), runtime.odoo.python_path]),
        ADDONS_PATH=os.pathsep.join([*runtime.odoo.addons, str(ROOT)]),
    )


def _odoo_test_lint(runtime: Runtime, logs: Path) -> list[str] | None:
    """Odoo's test_lint on a database with the addon; what it finds in Odoo itself is not ours to mend."""
    if not any(Path(base, "test_lint").is_dir() for base in runtime.odoo.addons):
        return None
    database = templates.scratch(runtime, templates.with_addon(runtime), "lint")
    log = logs / "odoo-test-lint.log"
    reader = odoo_log.Reader()
    # Its pylint and eslint tests walk all of Odoo for minutes (the former is a check of its own here); test_checkers tests the checkers.
    tags = "/test_lint,-/test_lint:TestPyLint,-/test_lint:TestESLint,-/test_lint/tests/test_checkers.py"
    options = ["-d", database, "-i", "test_lint", "--test-tags", tags, "--stop-after-init", "--http-port", free_port()]
    try:
        odoo_process.run(options, log, reader.feed, runtime)
    finally:
        runtime.database.drop(database)
    foreign = (str(cache()), runtime.odoo.python_path)
    complaints = []
    for name, lines in reader.failures.items():
        ours = our_findings(lines, foreign)
        if ours:
            complaints += [name, *ours]
    complaints += [error.split("\n")[0] for error in reader.errors if concerns_addon(error.split("\n")[0], foreign)]
    if not reader.finished or not reader.started:
        complaints.append(f"Odoo's own lint did not run to its end ({in_cache(log)})")
    return complaints


def our_findings(lines: Iterable[str], foreign: Sequence[str] = ()) -> list[str]:
    """Return the lines about the addon in the reports of a test; all of a report whose subject is in the addon."""
    found, subject = [], False
    for line in lines:
        if line.startswith("Test") and "(" in line:
            subject = concerns_addon(line, foreign)
        if line.strip() and (subject or concerns_addon(line, foreign)):
            found.append(line.strip())
    return found


def concerns_addon(text: str, foreign: Sequence[str] = ()) -> bool:
    """Whether a finding names the addon, one of its models or one of its files; the cache's own path may hold its name too."""
    for path in foreign:
        text = text.replace(path, "")
    return any(word in text for word in (ADDON_NAME, "fulfilment.", "fulfilment_"))


def command(runtime: Runtime, logs: Path) -> int:
    """./dev lint: print the complaints; returns the exit code."""
    failed = 0
    for _name, complaints in run(runtime, logs):
        for line in complaints or ():
            say(f"    {line}")
        failed += bool(complaints)
    return 1 if failed else 0
