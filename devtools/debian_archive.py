"""Odoo 19 out of Debian's archive, through the machine's own Debian source and apt's signature check.

Nothing is installed: a private apt configuration downloads the packages and they are unpacked into the cache.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from .console import Failure
from .processes import run_logged

KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
FROM_SID = ("odoo-19", "libjs-jquery", "libjs-jquery-form", "libjs-underscore", "fonts-roboto-unhinted", "fonts-montserrat", "fonts-ocr-b")
# The same fonts in sid lack the very files that Odoo links to.
FROM_STABLE = ("fonts-font-awesome", "fonts-inconsolata")
PACKAGE_ROOT = Path("usr/lib/python3/dist-packages")
# Debian leaves this file out (background blur in video calls); without it the backend's assets do not build.
LEFT_OUT = "addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
STEP = "Fetching Odoo 19 from Debian's archive"


@dataclass(frozen=True)
class Source:
    uri: str
    signed_by: str


def usable() -> bool:
    """Whether this is a Debian with the tools and a source to ask."""
    tools = all(shutil.which(tool) for tool in ("apt-get", "dpkg-deb"))
    return bool(tools and _release().get("ID") == "debian" and configured_source())


def _release(path: str = "/etc/os-release") -> dict[str, str]:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return {}
    return {name: value.strip('"') for name, _, value in (line.partition("=") for line in lines)}


def configured_source(folder: str = "/etc/apt", codename: str | None = None) -> Source | None:
    """Find the machine's own source of its Debian release."""
    codename = codename or _release().get("VERSION_CODENAME", "")
    suites = {codename, "stable", "sid", "unstable", "testing"} - {""}
    for path in sorted(Path(folder, "sources.list.d").glob("*.sources")):
        for stanza in _stanzas(path):
            words = {key: value.split() for key, value in stanza.items()}
            known = "deb" in words.get("types", ()) and suites & set(words.get("suites", ())) and "main" in words.get("components", ())
            if known and stanza.get("enabled", "yes").lower() != "no":
                signed = stanza.get("signed-by", "")
                return Source(words["uris"][0], signed if signed.startswith("/") else KEYRING)
    for path in [Path(folder, "sources.list"), *sorted(Path(folder, "sources.list.d").glob("*.list"))]:
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            found = _one_line(line, suites)
            if found:
                return found
    return None


def _stanzas(path: Path) -> Iterator[dict[str, str]]:
    """Yield the paragraphs of a deb822 file as dictionaries with lower-case keys."""
    stanza: dict[str, str] = {}
    key: str | None = None
    for line in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if "uris" in stanza:
                yield stanza
            stanza, key = {}, None
        elif line[0] in " \t" and key:
            stanza[key] += " " + line.strip()
        else:
            key, _, value = line.partition(":")
            key = key.strip().lower()
            stanza[key] = value.strip()


def _one_line(line: str, suites: Collection[str]) -> Source | None:
    words = line.split("#")[0].split()
    if not words or words[0] != "deb":
        return None
    options = ""
    if len(words) > 1 and words[1].startswith("["):
        end = next((number for number, word in enumerate(words) if word.endswith("]")), None)
        if end is None:
            return None
        options, words = " ".join(words[1 : end + 1]).strip("[]"), [words[0], *words[end + 1 :]]
    if len(words) < 4 or words[2] not in suites or "main" not in words[3:]:
        return None
    signed = [word.partition("=")[2] for word in options.split() if word.startswith("signed-by=/")]
    return Source(words[1], signed[0] if signed else KEYRING)


def fetch(folder: Path) -> Path:
    """Download and unpack below the folder; return the folder that holds the odoo package."""
    private = folder / "apt"
    packages, root = folder / "packages", folder / "root"
    for part in (private / "lists" / "partial", private / "cache" / "archives" / "partial", packages, root):
        part.mkdir(parents=True)
    stable = _release().get("VERSION_CODENAME") or "stable"
    if stable in ("sid", "forky") and not _release().get("VERSION_ID"):
        stable = "stable"
    options = _apt_options(private, stable)
    remedy = "check the network and run the same command again, or name an Odoo 19 you have with --odoo PATH"
    run_logged(["apt-get", *options, "update"], STEP, remedy, "apt-update")
    names = [f"{name}/sid" for name in FROM_SID] + [f"{name}/{stable}" for name in FROM_STABLE]
    run_logged(["apt-get", *options, "download", *names], STEP, remedy, "apt-download", cwd=packages)
    for package in sorted(packages.glob("*.deb")):
        run_logged(
            ["dpkg-deb", "--extract", package, root], STEP, "free some disk space and run the same command again", "unpack"
        )
    shutil.rmtree(packages)
    shutil.rmtree(private)
    parent = root / PACKAGE_ROOT
    left_out = parent / "odoo" / LEFT_OUT
    if not left_out.exists():
        left_out.parent.mkdir(parents=True, exist_ok=True)
        left_out.touch()
    missing = [link for link in root.rglob("*") if link.is_symlink() and not link.exists()]
    if missing:
        raise Failure(STEP, f"{len(missing)} files are missing, such as {missing[0].name}", "use --odoo PATH")
    return parent


def _apt_options(private: Path, stable: str) -> list[str]:
    source = configured_source()
    if not source:
        raise Failure(
            "Fetching Odoo", "this machine has no source of its own Debian release", "add one to /etc/apt and run the same command again"
        )
    sources = private / "archive.sources"
    sources.write_text(
        f"Types: deb\nURIs: {source.uri}\nSuites: sid {stable}\nComponents: main\nSigned-By: {source.signed_by}\n", encoding="utf-8"
    )
    settings = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": private / "lists",
        "Dir::Cache": private / "cache",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
    }
    if os.geteuid() == 0:
        settings["APT::Sandbox::User"] = "root"  # apt's own user cannot look into a private cache
    return [word for name, value in settings.items() for word in ("-o", f"{name}={value}")]
