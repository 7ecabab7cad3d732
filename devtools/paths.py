"""Where things lie: the checkout and the cache. Nothing is ever written to the checkout."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .console import Failure, say

ROOT = Path(__file__).resolve().parent.parent
ADDON_NAME = "fulfilment_crm"
ADDON = ROOT / ADDON_NAME


def cache() -> Path:
    """Return the cache folder, from the environment or the XDG default."""
    chosen: Path | str | None = os.environ.get("FULFILMENT_CACHE")
    if not chosen:
        chosen = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / ADDON_NAME
    folder = Path(chosen).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            "Opening the cache", f"{folder}: {error.strerror}", "set FULFILMENT_CACHE to a folder you can write"
        ) from error
    return folder


def cached(*parts: Any) -> Path:
    """Return a folder inside the cache, made when missing."""
    folder = cache().joinpath(*parts)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def in_cache(path: Path | str) -> str:
    """Return a path as it is told to the developer."""
    try:
        return f"<cache>/{Path(path).relative_to(cache())}"
    except ValueError:
        return str(path)


def digest(*ingredients: Any) -> str:
    """Return a short name for what something was made from."""
    return hashlib.sha256(repr(ingredients).encode()).hexdigest()[:12]


def checkout_digest() -> str:
    return digest(str(ROOT))[:8]


def files_digest(folder: Path) -> str:
    """Return a digest that changes whenever a file below the folder changes."""
    total = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(str(path.relative_to(folder)).encode())
            total.update(path.read_bytes())
    return total.hexdigest()[:12]


_held = 0


@contextlib.contextmanager
def setup_lock() -> Iterator[None]:
    """One ./dev at a time prepares things; the others wait. Falls with its process, however that ends."""
    global _held
    if _held:
        yield
        return
    with open(cache() / "setup.lock", "w", encoding="utf-8") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("- Another ./dev is preparing things; waiting for it …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        _held += 1
        try:
            yield
        finally:
            _held -= 1


@contextlib.contextmanager
def complete_or_absent(target: Path) -> Iterator[Path]:
    """Yield a temporary folder that takes the target's name only when the block succeeds."""
    target = Path(target)
    building = target.with_name(f"{target.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        yield building
        shutil.rmtree(target, ignore_errors=True)
        building.rename(target)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def new_log_folder() -> Path:
    """Make a folder for the logs of one run; older ones are removed but for the last nine."""
    logs = cached("logs")
    for old in sorted(p for p in logs.iterdir() if p.is_dir())[:-9]:
        shutil.rmtree(old, ignore_errors=True)
    folder = logs / f"{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
    folder.mkdir()
    return folder
