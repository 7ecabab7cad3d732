"""Where Odoo 19 comes from: given, already installed, Debian's archive, or the public repository."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from . import debian_archive
from .console import Failure, need_disk, say, step
from .paths import cache, cached, complete_or_absent, digest, setup_lock
from .processes import run_logged

SERIES = "19.0"
REPOSITORY = "https://github.com/odoo/odoo"
NETWORK = "check the network and run the same command again, or name an Odoo 19 you have with --odoo PATH"


@dataclass(frozen=True)
class OdooSource:
    """The folder to put on PYTHONPATH, the addons folders beside it, and where they came from."""

    python_path: str
    addons: tuple
    origin: str
    version: str

    @property
    def identity(self) -> str:
        """What databases made with this Odoo are named by."""
        release = Path(self.python_path, "odoo", "release.py")
        return digest(self.version, str(release.resolve()), release.stat().st_mtime_ns)

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> OdooSource:
        values = json.loads(text)
        return cls(**{**values, "addons": tuple(values["addons"])})


def find(given: str | None = None) -> OdooSource:
    """Return the first Odoo 19 of: the given path, this machine's, the cached one, a download."""
    if given:
        return from_path(given)
    return installed() or fetched()


def from_path(path: Path | str) -> OdooSource:
    """Open an Odoo named by the user: a checkout, a package folder or its parent, or the odoo(-bin) script."""
    path = Path(path).expanduser().absolute()
    title = "Opening the given Odoo"
    starts = [path, path.parent] if path.is_file() or path.name == "odoo" else [path]
    for parent in starts:
        if (parent / "odoo" / "release.py").exists():
            return describe(parent, str(path), title)
    package = _package_of_script(path) if path.is_file() else None
    if package:
        return describe(_alone(package), str(path), title)
    raise Failure(title, f"{path} holds no odoo/release.py", f"give --odoo the folder of an Odoo {SERIES} checkout")


def describe(parent: Path, origin: str, title: str = "Opening Odoo") -> OdooSource:
    """Check the version below a folder and collect its addons folders."""
    version = _version(parent)
    if not version.startswith(SERIES):
        raise Failure(title, f"{origin} is Odoo {version or 'of an unknown version'}", f"give --odoo an Odoo {SERIES}")
    addons = [folder for folder in (parent / "odoo" / "addons", parent / "addons") if (folder / "web").is_dir()]
    if not addons:
        raise Failure(title, f"{origin} lacks the standard addons", "use a complete Odoo: the web addon must be in it")
    return OdooSource(str(parent), tuple(str(folder) for folder in addons), origin, version)


def _version(parent: Path) -> str:
    try:
        text = Path(parent, "odoo", "release.py").read_text(encoding="utf-8")
    except OSError:
        return ""
    match = re.search(r"^version_info\s*=\s*\((\d+),\s*(\d+)", text, re.MULTILINE)
    return ".".join(match.groups()) if match else ""


def installed() -> OdooSource | None:
    """Find an Odoo 19 that a Python of this machine imports, or that is on PATH."""
    pythons = [getattr(sys, "_base_executable", None) or sys.executable]
    for python in pythons:
        package = _package_of_python(python)
        if package and _version(package.parent).startswith(SERIES):
            return describe(_alone(package), str(package))
    for name in ("odoo", "odoo-bin"):
        script = shutil.which(name)
        package = _package_of_script(Path(script)) if script else None
        if package and _version(package.parent).startswith(SERIES):
            return describe(_alone(package), str(script))
    return None


def _package_of_python(python: str) -> Path | None:
    """Find the folder of the odoo package in a Python, without loading it."""
    question = "import importlib.util as u; s = u.find_spec('odoo'); print(list(s.submodule_search_locations)[0] if s else '')"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        answer = subprocess.run(
            [python, "-c", question], capture_output=True, text=True, timeout=60, cwd="/", env=environment, check=False
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return None
    return Path(answer) if answer and Path(answer, "release.py").exists() else None


def _package_of_script(script: Path) -> Path | None:
    """Find the package an odoo or odoo-bin script starts: beside it, or in the Python of its first line."""
    script = script.resolve()
    if (script.parent / "odoo" / "release.py").exists():
        return script.parent / "odoo"
    try:
        first = script.read_bytes()[:300].splitlines()[0].decode()
    except (OSError, IndexError, UnicodeDecodeError):
        return None
    if not first.startswith("#!"):
        return None
    words = first[2:].split()
    python = shutil.which(words[-1]) if words and words[0].endswith("/env") else (words[0] if words else None)
    return _package_of_python(python) if python else None


def _alone(package: Path) -> Path:
    """Return a folder holding nothing but this package: its neighbours must not hide the pinned Python packages."""
    package = package.resolve()
    checkout = package.parent
    if (checkout / "odoo-bin").exists():
        return checkout
    folder = cached("odoo", f"link-{digest(str(package))}")
    link = folder / "odoo"
    if not link.is_symlink():
        link.symlink_to(package, target_is_directory=True)
    return folder


def fetched() -> OdooSource:
    """Return the cached download, after downloading if need be."""
    target = cache() / "odoo" / SERIES
    mark = target / "source.json"
    if not mark.exists():
        with setup_lock():
            if not mark.exists():
                need_disk(str(target), 4, "Fetching Odoo 19")
                with complete_or_absent(target) as building:
                    origin, inside = _fetch(building)
                    (building / "source.json").write_text(json.dumps({"origin": origin, "inside": inside}), encoding="utf-8")
    told = json.loads(mark.read_text(encoding="utf-8"))
    return describe(target / told["inside"], told["origin"])


def _fetch(folder: Path) -> tuple[str, str]:
    """Fill the folder and tell where from and where in it Odoo lies."""
    if debian_archive.usable():
        try:
            with step("Fetching Odoo 19 from Debian's archive"):
                return "Debian archive", str(debian_archive.fetch(folder).relative_to(folder))
        except Failure as failure:
            say(f"  {failure} Trying the public repository instead.")
            shutil.rmtree(folder)
            folder.mkdir()
    if not shutil.which("git"):
        raise Failure("Fetching Odoo 19", "neither Debian's archive nor git is at hand", "install git or use --odoo PATH")
    with step("Fetching Odoo 19 from its public repository"):
        run_logged(
            ["git", "clone", "--quiet", "--depth", "1", "--branch", SERIES, REPOSITORY, folder / "odoo"],
            "Fetching Odoo 19", NETWORK, "odoo-clone", env={**os.environ, "GIT_TERMINAL_PROMPT": "0"},
        )
    return REPOSITORY, "odoo"
