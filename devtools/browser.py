"""The browser for tours and the printer for PDFs; installed by apt where that is allowed."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from .console import Failure, say, step
from .processes import run_logged

# The names by which Odoo's tests look for it.
BROWSERS = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")
MAC_BROWSERS = ("/Applications/Google Chrome.app", "/Applications/Chromium.app")
PRINTING = ("wkhtmltopdf", "pdftotext")
APT = {"wkhtmltopdf": "wkhtmltopdf", "pdftotext": "poppler-utils"}


def find() -> str | None:
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    return next((path for path in MAC_BROWSERS if Path(path).exists()), None)


def ensure() -> None:
    """Chromium and Chinese fonts for the tours, or one sentence what to install."""
    packages = [] if find() else ["chromium"]
    if not _chinese_font():
        packages.append("fonts-noto-cjk")
    if packages and _may_install():
        _apt_install(packages)
    if not find():
        raise Failure(
            "Looking for a browser", "the tours need Chromium or Chrome and none is on PATH",
            "install it (Debian: apt-get install chromium fonts-noto-cjk) and run the same command again",
        )


def ensure_printing() -> None:
    """PDFs are printed where wkhtmltopdf is; without it those tests say that they were skipped."""
    missing = [APT[name] for name in PRINTING if not shutil.which(name)]
    if not missing:
        return
    if _may_install():
        try:
            _apt_install(missing)
            return
        except Failure as failure:
            say(f"  {failure}")
    say(f"  PDFs are not printed here: {' and '.join(missing)} is not installed.")


def _chinese_font() -> bool:
    if platform.system() == "Darwin":
        return True
    if not shutil.which("fc-list"):
        return any(Path("/usr/share/fonts").glob("**/*CJK*"))
    return bool(subprocess.run(["fc-list", ":lang=zh-cn"], capture_output=True, text=True, check=False).stdout.strip())


def _may_install() -> bool:
    return os.geteuid() == 0 and bool(shutil.which("apt-get"))


def _apt_install(packages: Sequence[str]) -> None:
    title = f"Installing {' '.join(packages)}"
    remedy = f"check the network, then apt-get install {' '.join(packages)}"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    wait = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
    with step(title):
        run_logged(["apt-get", *wait, "update"], title, remedy, "apt-update-system", env=environment)
        run_logged(["apt-get", *wait, "install", "-y", "--no-install-recommends", *packages], title, remedy, "apt-install", env=environment)
