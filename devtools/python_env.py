"""The private Python environment with the pinned packages, by uv where it is there, else by pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from .console import Failure, need_disk, step
from .paths import ROOT, cache, digest, setup_lock
from .processes import run_logged

SUPPORTED = ((3, 10), (3, 13))
REQUIREMENTS = ROOT / "devtools" / "requirements.txt"


def check_python(version: Sequence[int] | None = None) -> None:
    """Odoo 19 starts on Python 3.10 to 3.13 only."""
    found = (version[0], version[1]) if version else (sys.version_info.major, sys.version_info.minor)
    if not SUPPORTED[0] <= found <= SUPPORTED[1]:
        raise Failure(
            "Checking Python",
            f"this is Python {found[0]}.{found[1]} and Odoo 19 needs 3.10 to 3.13",
            "install python3.12 and run python3.12 dev again",
        )


def folder() -> Path:
    version = "{}.{}".format(*sys.version_info[:2])
    return cache() / f"venv-{version}-{digest(REQUIREMENTS.read_text(encoding='utf-8'))}"


def ensure() -> Path:
    """Return the environment's Python, after making the environment if need be."""
    check_python()
    venv = folder()
    python = venv / "bin" / "python"
    # A virtual environment cannot be renamed, so a mark inside tells a complete one.
    mark = venv / "complete"
    if mark.exists() and python.exists():
        return python
    with setup_lock():
        if mark.exists() and python.exists():
            return python
        need_disk(str(venv), 1, "Preparing Python packages")
        with step("Preparing Python packages"):
            shutil.rmtree(venv, ignore_errors=True)
            _install(venv, python)
            mark.touch()
        for old in venv.parent.glob(venv.name.rsplit("-", 1)[0] + "-*"):
            if old != venv:
                shutil.rmtree(old, ignore_errors=True)
    return python


def _install(venv: Path, python: Path) -> None:
    remedy = "check the network (a proxy or package index is taken from pip's and uv's own settings) and run the same command again"
    uv = _usable_uv()
    if uv:
        base = getattr(sys, "_base_executable", None) or sys.executable
        run_logged([uv, "venv", "--python", base, venv], "Making the Python environment", remedy, "venv")
        command = [uv, "pip", "install", "--python", python, "--requirement", REQUIREMENTS]
    else:
        run_logged(
            [sys.executable, "-m", "venv", venv],
            "Making the Python environment",
            "install Python's venv module (Debian: apt-get install python3-venv) and run the same command again",
            "venv",
        )
        command = [python, "-m", "pip", "install", "--disable-pip-version-check", "--requirement", REQUIREMENTS]
    run_logged(command, "Installing Python packages", remedy, "packages")


def _usable_uv() -> str | None:
    """Find a uv that really starts: version managers leave shims that do not."""
    uv = shutil.which("uv")
    if uv and subprocess.run([uv, "--version"], capture_output=True, check=False).returncode == 0:
        return uv
    return None


def is_current() -> bool:
    """Whether this very process runs in the environment."""
    return Path(sys.prefix).absolute() == folder().absolute()


def start_again(arguments: Sequence[str]) -> None:
    """Replace this process by the same command in the environment."""
    python = str(ensure())
    os.environ["PYTHONPYCACHEPREFIX"] = str(cache() / "pycache")
    os.environ.pop("PYTHONHOME", None)
    sys.stdout.flush()
    os.execv(python, [python, str(ROOT / "dev"), *arguments])
