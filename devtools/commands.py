"""The command line: what each command needs, and one sentence for what goes wrong."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import subprocess
import sys
import traceback
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import python_env
from .console import Failure, complain
from .paths import ROOT, cache, cached, in_cache

if TYPE_CHECKING:
    from .runtime import Runtime

COMMON = "options of every command"
# What --odoo means to ./dev test when it names no Odoo.
COMPARE = "compare"

# How much the measurements take, and what of.
SIZES = {
    "size": "milestones due on one day", "orders": "orders to draft from", "milestones": "milestones in views",
    "customers": "customers with a ledger", "tickets": "open tickets", "warned": "customers under the warning rules",
}


def _common(**more: Any) -> ArgumentParser:
    """Return a parser of the options that every command has; ``more`` lets --odoo mean something of its own when it names no Odoo."""
    common = argparse.ArgumentParser(add_help=False)
    group = common.add_argument_group(COMMON)
    text = "use this Odoo 19: a checkout, or its odoo-bin"
    if more:
        text += "; without PATH: run Odoo's own tests without and with the addon (also --part odoo)"
    group.add_argument("--odoo", metavar="PATH", help=text, **more)
    group.add_argument("--db-host", metavar="HOST", help="use this PostgreSQL (also PGHOST) instead of the embedded one")
    group.add_argument("--db-port", metavar="PORT", help="its port (PGPORT)")
    group.add_argument("--db-user", metavar="ROLE", help="a role that may create databases, not postgres (PGUSER)")
    group.add_argument("--db-password", metavar="PASSWORD", help="its password (PGPASSWORD)")
    return common


def parser() -> ArgumentParser:
    top = argparse.ArgumentParser(
        prog="./dev",
        description="Sets up, shows, tests and measures the addon. Everything is kept in the cache: "
        "$FULFILMENT_CACHE, or $XDG_CACHE_HOME/fulfilment_crm, or ~/.cache/fulfilment_crm.",
    )
    common, comparing = _common(), _common(nargs="?", const=COMPARE)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, text: str, **more: Any) -> ArgumentParser:
        return commands.add_parser(name, help=text, description=text, parents=[comparing if name == "test" else common], **more)

    demo = add("demo", "Load the demo company, run a day of scheduled actions, and serve it on 127.0.0.1.")
    demo.add_argument("--once", action="store_true", help="all but serving: print what the day did, one line an effect")
    demo.add_argument("--port", type=int, help="serve on this port instead of 8069")
    demo.add_argument("--fresh", action="store_true", help="make the demo database again even if the addon did not change")
    test = add(
        "test", "Run addon tests, tours in Chromium, tests from outside and lint.",
        epilog="PATTERN is part of the name of a test file, class or method, such as credit, TestGate or test_credit_gate:*.test_hold; "
        "case does not matter, * and ? stand for anything. Without it everything runs. The last line has the totals.",
    )
    test.add_argument("pattern", nargs="?", metavar="PATTERN", help="only the tests this means")
    test.add_argument("--part", choices=("addon", "tours", "outside", "races", "lint", "odoo"), help="only this part")
    test.add_argument("--quick", action="store_true", help="only the addon's own tests, without those that take longest")
    test.add_argument("--zone", metavar="ZONE", help="let all companies work in this time zone, such as Asia/Shanghai")
    add("lint", "Check the code: ruff, pylint-odoo and Odoo's own rules.")
    shell = add("shell", "Open Odoo's Python shell on the demo database (other options of odoo shell after --).")
    shell.add_argument("rest", nargs="*", metavar="-- …", help=argparse.SUPPRESS)
    psql = add("psql", "Open psql on the demo database (options of psql after --).")
    psql.add_argument("rest", nargs="*", metavar="-- …", help=argparse.SUPPRESS)
    add("i18n", "Export the addon's terms and update its Chinese translation file, keeping what is translated.")
    bench = add(
        "bench",
        "Run the measurements in benchmarks/: reminders, contracts, views, profile, gate, tickets, care, alerts, rewards, start, "
        "collection.",
    )
    bench.add_argument("names", nargs="*", metavar="NAME", help="only these")
    for number, text in SIZES.items():
        bench.add_argument(f"--{number}", type=int, metavar="N", help=text)
    return top


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments ask for and return the exit code."""
    options = parser().parse_args(arguments)
    # Being ended must leave as little behind as Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if not python_env.is_current():
            python_env.start_again(arguments)
        return run(options)
    except Failure as failure:
        complain(str(failure))
    except KeyboardInterrupt:
        complain("Interrupted; nothing is broken, the same command goes on from here.")
        return 130
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            return _unexpected(error)
        complain("Writing to the disk failed: it is full; free some space or set FULFILMENT_CACHE to a folder on a larger disk.")
    except Exception as error:
        return _unexpected(error)
    return 1


def _unexpected(error: BaseException) -> int:
    """Even a fault of the tool is told in one sentence; the rest lies in the log."""
    log = cached("logs") / "fault.log"
    log.write_text(traceback.format_exc(), encoding="utf-8")
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    complain(f"./dev itself failed: {reason}; read {in_cache(log)} in {cache()} and try again.")
    return 1


def run(options: Namespace) -> int:
    """Inside the environment: find Odoo and PostgreSQL, then do what was asked."""
    from . import database, demo, i18n, lint, odoo_source, templates, testing
    from .paths import new_log_folder
    from .processes import check_port
    from .runtime import Runtime, need_addon

    need_addon()
    if options.odoo == COMPARE:
        options.odoo, options.part = None, "odoo"
    if options.command == "demo" and not options.once:
        check_port(options.port or demo.DEFAULT_PORT)
    odoo = odoo_source.find(options.odoo)
    with database.server(options) as server:
        runtime = Runtime(odoo, server)
        templates.tell(runtime)
        templates.tidy(runtime)
        try:
            if options.command == "demo":
                return demo.run(runtime, options.once, options.port, options.fresh)
            if options.command == "test":
                return testing.run(runtime, options.pattern, options.part, options.zone, options.quick)
            if options.command == "lint":
                return lint.command(runtime, new_log_folder())
            if options.command == "i18n":
                return i18n.run(runtime)
            if options.command == "bench":
                return bench(runtime, options)
            return interactive(runtime, options.command, demo.ensure(runtime), options.rest)
        finally:
            templates.tidy(runtime)


def interactive(runtime: Runtime, command: str, name: str, rest: Sequence[str]) -> int:
    """Run a shell or psql on the demo database; Ctrl-C belongs to it."""
    if command == "psql":
        from shutil import which

        program = which("psql", path=runtime.environment()["PATH"])
        if not program:
            raise Failure("Starting psql", "there is none on PATH", "install the PostgreSQL client (Debian: postgresql-client)")
        line = [program, *rest, name]
    else:
        line = runtime.command("shell", "-d", name, "--no-http", *rest)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return subprocess.run(line, env=runtime.environment(), cwd=cache(), check=False, preexec_fn=_take_interrupts).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def _take_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def bench(runtime: Runtime, options: Namespace) -> int:
    """benchmarks/run.py with everything it needs in its environment."""
    script = ROOT / "benchmarks" / "run.py"
    if not script.exists():
        raise Failure("Starting the benchmarks", "benchmarks/run.py is missing", "restore it with git checkout")
    environment = runtime.environment()
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), runtime.odoo.python_path])
    sizes = [f"--{name}={value}" for name in SIZES if (value := getattr(options, name))]
    return subprocess.run([sys.executable, str(script), *options.names, *sizes], cwd=ROOT, env=environment, check=False).returncode
