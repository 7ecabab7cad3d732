"""Databases that are copied instead of built again: one with what the addon depends on, one with the addon in it."""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from . import odoo_log, odoo_process
from .console import Failure, need_disk, say, step
from .database import BUILD_PREFIX, RUN_PREFIX
from .paths import ADDON, ADDON_NAME, cache, cached, checkout_digest, digest, files_digest, in_cache, setup_lock
from .runtime import need_addon

if TYPE_CHECKING:
    from .runtime import Runtime

# Raise it when the way templates are built changes.
FORMAT = 1
LANGUAGES = "en_US,zh_CN"
# A copied database does not bring its filestore along, so attachments go into the database.
ATTACHMENTS_INTO_DATABASE = """
env['ir.config_parameter'].set_param('ir_attachment.location', 'db')
env['ir.attachment'].force_storage()
env.cr.commit()
result = True
"""
BUILD_ASSETS = """
env['ir.qweb']._pregenerate_assets_bundles()
env.cr.commit()
result = True
"""


def depends() -> list[str]:
    """Return the modules the addon's manifest asks for."""
    need_addon()
    manifest = ast.literal_eval((ADDON / "__manifest__.py").read_text(encoding="utf-8"))
    return sorted(manifest["depends"])


def dependencies(runtime: Runtime, demo: bool = False) -> str:
    """Return the name of the template with everything but the addon; with demo data also with the languages of the demo."""
    modules = depends()
    ingredients = (FORMAT, runtime.odoo.identity, sys.version_info[:2], modules, demo and LANGUAGES)
    name = f"fulfilment_{'demo' if demo else 'deps'}_{digest(ingredients)}"
    if runtime.database.exists(name):
        return name
    with setup_lock():
        if not runtime.database.exists(name):
            options = ["--with-demo", f"--load-language={LANGUAGES}"] if demo else []
            title = "Installing the Odoo modules the addon builds on" + (" with demo data" if demo else "")
            need_disk(str(cache()), 2, title)
            with step(f"{title} (once)"):
                _build(runtime, name, modules, options, title)
    return name


def _build(runtime: Runtime, name: str, modules: Sequence[str], options: Sequence[str], title: str) -> None:
    runtime.database.drop_abandoned()
    building = f"{BUILD_PREFIX}_{os.getpid()}_{digest(name)}"
    log = cached("logs") / f"{name}.log"
    log.unlink(missing_ok=True)
    try:
        reader = odoo_log.Reader()
        runtime.database.create(building)
        arguments = ["-d", building, "-i", ",".join(modules), *options, "--stop-after-init", "--no-http"]
        code = odoo_process.run(arguments, log, reader.feed, runtime)
        if code or reader.errors:
            raise Failure(title, first_trouble(reader, code), f"read {in_cache(log)}, then run the same command again")
        odoo_process.script(building, ATTACHMENTS_INTO_DATABASE, log=log, runtime=runtime)
        runtime.database.rename(building, name)
    finally:
        if runtime.database.exists(building):
            runtime.database.drop(building)


def first_trouble(reader: odoo_log.Reader, code: int) -> str:
    return reader.errors[0].split("\n")[0] if reader.errors else f"Odoo ended with exit code {code}"


class AddonTroubles(Failure):
    """The addon does not install, or not silently."""


def with_addon(runtime: Runtime) -> str:
    """Return the name of this checkout's template with the addon installed and no demo data; made again when the addon changed.

    Warnings about the addon count as failures: they are promises of later ones.
    """
    made_from = dependencies(runtime) + "+" + files_digest(ADDON)
    name = f"fulfilment_addon_{checkout_digest()}"
    with setup_lock():
        if runtime.database.noted(name) == made_from:
            return name
        building = runtime.database.copy(dependencies(runtime), f"{BUILD_PREFIX}_{os.getpid()}_addon")
        log = cached("logs") / "addon-install.log"
        log.unlink(missing_ok=True)
        try:
            with step("Installing the addon"):
                reader = odoo_log.Reader()
                code = odoo_process.run(["-d", building, "-i", ADDON_NAME, "--stop-after-init", "--no-http"], log, reader.feed, runtime)
                troubles = reader.errors + [line for line in reader.warnings if "fulfilment" in line]
                if code or troubles:
                    raise AddonTroubles("Installing the addon", (troubles or [f"exit code {code}"])[0], f"read {in_cache(log)}")
                # Browser tests and servers would each build the assets again.
                odoo_process.script(building, BUILD_ASSETS, log=log, runtime=runtime)
            runtime.database.drop(name)
            runtime.database.rename(building, name)
            runtime.database.note(name, made_from)
        finally:
            if runtime.database.exists(building):
                runtime.database.drop(building)
    return name


def scratch(runtime: Runtime, template: str, purpose: str) -> str:
    """Make a throw-away copy; its name tells its process, so that it can be removed when that is gone."""
    with setup_lock():
        return runtime.database.copy(template, f"{RUN_PREFIX}_{os.getpid()}_{purpose}")


def tidy(runtime: Runtime, keep: Collection[str] = ()) -> None:
    """Remove this process's throw-away databases and those of processes that are gone."""
    for name in runtime.database.names():
        if name.startswith(f"{RUN_PREFIX}_{os.getpid()}_") and name not in keep:
            runtime.database.drop(name)
    runtime.database.drop_abandoned()


def tell(runtime: Runtime) -> None:
    say(f"- Odoo {runtime.odoo.version} ({runtime.odoo.origin}), PostgreSQL at {runtime.database.host or 'the default address'}")
