"""Running Odoo: to its end, as a server, as a script in its shell, or inside this process."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import runtime as runtimes
from .console import Failure
from .paths import cache, cached, in_cache
from .processes import ending, free_port, stop

if TYPE_CHECKING:
    from .runtime import Runtime

BEGIN, END = "<<<fulfilment-result>>>", "<<<fulfilment-end>>>"


def run(arguments: Sequence[Any], log: Path, on_line: Callable[[str], None] | None = None, runtime: Runtime | None = None) -> int:
    """Run `odoo …` to its end; every line goes to the log and to on_line. Returns the exit code."""
    runtime = runtime or runtimes.current()
    with open(log, "a", encoding="utf-8") as output:
        process = subprocess.Popen(
            runtime.command(*arguments), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", cwd=cache(), env=runtime.environment(),
        )
        with ending(process):
            for line in process.stdout or ():
                output.write(line)
                output.flush()
                if on_line:
                    on_line(line.rstrip("\n"))
            return process.wait()


def script(database: str, code: str, timeout: float | None = None, log: Path | None = None, runtime: Runtime | None = None) -> Any:
    """Run Python in `odoo shell` and return what it assigned to `result` (anything JSON can hold).

    `env` is there as in the shell; what is to stay must be committed by the code.
    """
    runtime = runtime or runtimes.current()
    log = Path(log or cached("logs") / f"script-{os.getpid()}.log")
    process = start_script(database, code, runtime=runtime)
    with ending(process):
        try:
            output, _ = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            output = None
    if output is None:
        raise Failure("Running a script in Odoo", f"no end after {timeout} s", "look whether another process holds a lock")
    with open(log, "a", encoding="utf-8") as handle:
        handle.write(output)
    if process.returncode or END not in output:
        raise Failure("Running a script in Odoo", _reason(output, process.returncode), f"read {in_cache(log)}")
    return json.loads(output.rpartition(BEGIN)[2].partition(END)[0])


def start_script(database: str, code: str, runtime: Runtime | None = None) -> subprocess.Popen:
    """Start the process of `script`, for those who want to watch or kill it."""
    runtime = runtime or runtimes.current()
    wrapped = f"{code}\nimport json as _json\nprint({BEGIN!r} + _json.dumps(globals().get('result'), default=str) + {END!r}, flush=True)\n"
    process = subprocess.Popen(
        runtime.command("shell", "-d", database, "--no-http"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, errors="replace", cwd=cache(), env=runtime.environment(),
    )
    with contextlib.suppress(BrokenPipeError):
        if process.stdin:
            process.stdin.write(wrapped)
            process.stdin.close()
    process.stdin = None
    return process


def _reason(output: str, code: int) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    # The last line of a traceback names the error.
    named = [line for line in lines if "Error" in line.split(":")[0] or "Exception" in line.split(":")[0]]
    return ((named or lines or [f"exit code {code}"])[-1])[:300]


@dataclass
class Server:
    """A running Odoo."""

    database: str
    port: int
    process: subprocess.Popen
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """Die without tidying up, workers too, as in a power cut."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def wait_until_up(self, patience: float = 120) -> None:
        end = time.monotonic() + patience
        while time.monotonic() < end:
            if self.process.poll() is not None:
                reason = _reason(self.log.read_text(errors="replace"), self.process.returncode)
                raise Failure("Starting Odoo", reason, f"read {in_cache(self.log)}")
            with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError, http.client.HTTPException):
                with urllib.request.urlopen(f"{self.url}/web/health", timeout=5) as answer:
                    if answer.status == 200:
                        return
            time.sleep(0.2)
        raise Failure("Starting Odoo", f"no answer on {self.url} after {patience} s", f"read {in_cache(self.log)}")


@contextlib.contextmanager
def server(
    database: str, port: int | None = None, workers: int = 0, extra_args: Sequence[Any] = (), runtime: Runtime | None = None,
    patience: float = 120,
) -> Iterator[Server]:
    """Start a real Odoo server on one database, yield it when it answers and stop it afterwards."""
    runtime = runtime or runtimes.current()
    port = port or free_port()
    log = cached("logs", "servers") / f"{database}-{port}.log"
    arguments = ["-d", database, "--db-filter", f"^{database}$", "--http-port", port, "--gevent-port", free_port(), "--workers", workers]
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen(
            runtime.command(*arguments, *extra_args), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            cwd=cache(), env=runtime.environment(), start_new_session=True,
        )
        running = Server(database, port, process, log)
        try:
            running.wait_until_up(patience)
            yield running
        finally:
            stop(process)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def open_env(database: str, commit: bool = False, runtime: Runtime | None = None) -> Iterator[Any]:
    """Yield an Odoo environment of the superuser inside this process; roll back at the end unless commit is asked for."""
    runtime = runtime or runtimes.current()
    runtime.activate()
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-d", database, "--no-http"], setup_logging=True)
    registry = Registry(database)
    with registry.cursor() as cursor:
        yield api.Environment(cursor, SUPERUSER_ID, {})
        if not commit:
            cursor.rollback()


