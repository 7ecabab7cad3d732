"""Starting other programs so that their output is kept and Ctrl-C leaves none behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .console import Failure
from .paths import cached, in_cache


def run_logged(command: Sequence[Any], step: str, remedy: str, log_name: str, **options: Any) -> Path:
    """Run to the end with the output in a log; a failure quotes its last telling line."""
    log = cached("logs") / f"{log_name}.log"
    with open(log, "w", encoding="utf-8", errors="replace") as output:
        try:
            process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, **options
            )
        except OSError as error:
            raise Failure(step, f"{command[0]}: {error.strerror}", remedy) from error
        with ending(process):
            code = process.wait()
    if code:
        raise Failure(step, f"{last_line(log)} (exit code {code}, {in_cache(log)})", remedy)
    return log


def last_line(log: Path) -> str:
    """Return the line of a log which most likely names the trouble."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    telling = [line for line in lines if line.lower().startswith(("e:", "error", "fatal", "err:"))]
    return ((telling or lines or ["no output"])[-1])[:300]


@contextlib.contextmanager
def ending(process: subprocess.Popen, patience: float = 10) -> Iterator[subprocess.Popen]:
    """Whatever happens inside, the process and its children are gone afterwards."""
    try:
        yield process
    finally:
        if process.poll() is None:
            stop(process, patience)


def stop(process: subprocess.Popen, patience: float = 10) -> None:
    """End a process in order, and if it will not, by force."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check_port(port: int) -> None:
    """Say in time that somebody else listens there."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise Failure(
                "Opening the port",
                f"127.0.0.1:{port} cannot be used ({getattr(error, 'strerror', None) or error})",
                f"stop what listens there or add --port {port + 1 if port < 65535 else 8069}",
            ) from error


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
