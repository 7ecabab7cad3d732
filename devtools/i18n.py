"""./dev i18n: exports the addon's terms and brings the Chinese file up to date without losing a translation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import polib

from . import odoo_process, templates
from .console import Failure, say, step
from .paths import ADDON, ADDON_NAME, cached, in_cache

if TYPE_CHECKING:
    from .runtime import Runtime

LANGUAGE = "zh_CN"
# Odoo stamps these at every export; a file that says nothing else new stays as it was.
STAMPS = ("POT-Creation-Date", "PO-Revision-Date")


def run(runtime: Runtime) -> int:
    database = templates.scratch(runtime, templates.with_addon(runtime), "i18n")
    exported = cached("i18n") / f"{ADDON_NAME}.pot"
    log = cached("logs") / "i18n.log"
    log.unlink(missing_ok=True)
    with step("Exporting the terms"):
        arguments = ["i18n", "export", "-d", database, "-o", exported, ADDON_NAME]
        if odoo_process.run(arguments, log, runtime=runtime):
            raise Failure("Exporting the terms", "Odoo could not export them", f"read {in_cache(log)}")
    runtime.database.drop(database)
    folder = ADDON / "i18n"
    folder.mkdir(exist_ok=True)
    template = polib.pofile(str(exported))
    save(template, folder / f"{ADDON_NAME}.pot")
    target = folder / f"{LANGUAGE}.po"
    old = polib.pofile(str(target)) if target.exists() else None
    merged = merge(template, old)
    save(merged, target)
    empty = sum(1 for entry in merged if not entry.msgstr)
    say(f"{len(merged)} terms, {empty} without a translation in {target.name}")
    return 0


def merge(template: Any, old: Any = None, language: str = LANGUAGE) -> Any:
    """Return the template's terms in its order, with the translations of the old file; terms that are gone are dropped."""
    merged = polib.POFile(wrapwidth=template.wrapwidth)
    merged.header = template.header
    merged.metadata = {**template.metadata, **(dict(old.metadata) if old else {}), "Language": language}
    known = {(entry.msgctxt, entry.msgid): entry for entry in old or () if not entry.obsolete}
    for entry in template:
        if entry.obsolete:
            continue
        before = known.get((entry.msgctxt, entry.msgid))
        merged.append(
            polib.POEntry(
                msgid=entry.msgid,
                msgctxt=entry.msgctxt,
                msgstr=before.msgstr if before else "",
                occurrences=entry.occurrences,
                comment=entry.comment,
                tcomment=before.tcomment if before else "",
                flags=[flag for flag in entry.flags if flag != "fuzzy"],
            )
        )
    return merged


def save(catalogue: Any, path: Path) -> None:
    """Write only what changed, so that diffs show terms and not dates."""
    if path.exists() and _terms(str(catalogue)) == _terms(path.read_text(encoding="utf-8")):
        return
    catalogue.save(str(path), newline="\n")


def _terms(text: str) -> list[str]:
    return [line for line in text.splitlines() if not any(line.startswith(f'"{stamp}') for stamp in STAMPS)]
