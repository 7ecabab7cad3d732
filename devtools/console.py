"""What the developer sees: steps with their time, and failures in one sentence."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path


class Failure(Exception):
    """A step that could not be done: says which, why, and what to do about it."""

    def __init__(self, step: str, reason: str, remedy: str) -> None:
        super().__init__(step, reason, remedy)
        self.step, self.reason, self.remedy = step, reason, remedy

    def __str__(self) -> str:
        reason = " ".join(str(self.reason).split()).rstrip(".")
        return f"{self.step} failed: {reason}; {self.remedy.rstrip('.')}."


def say(text: str = "") -> None:
    """Print at once, also when the output is a pipe."""
    print(text, flush=True)


def complain(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextlib.contextmanager
def step(title: str) -> Iterator[None]:
    """Show a step while it runs (a clock on a terminal) and the seconds it took."""
    start = time.monotonic()
    ticking = threading.Event()
    live = sys.stdout.isatty()

    def tick() -> None:
        while not ticking.wait(1):
            print(f"\r- {title} … {time.monotonic() - start:.0f} s", end="", flush=True)

    if live:
        print(f"- {title} …", end="", flush=True)
        clock = threading.Thread(target=tick, daemon=True)
        clock.start()
    else:
        say(f"- {title} …")
    outcome = "interrupted or failed"
    try:
        yield
        outcome = "done"
    finally:
        ticking.set()
        seconds = time.monotonic() - start
        if live:
            clock.join()
            say(f"\r- {title} … {outcome}, {seconds:.0f} s")
        elif outcome != "done" or seconds >= 1:
            say(f"  {outcome}, {seconds:.0f} s")


def need_disk(path: Path | str, gigabytes: float, step_title: str) -> None:
    """Refuse to begin what the disk cannot hold."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    free = shutil.disk_usage(path).free / 1e9
    if free < gigabytes:
        raise Failure(
            step_title,
            f"{free:.1f} GB are free where the cache lies and {gigabytes} GB are needed",
            "free some space or set FULFILMENT_CACHE to a folder on a larger disk",
        )
