"""Everything a process needs to run Odoo: which Odoo, which server, which configuration.

It is handed to tests and benchmarks by environment variables; `current()` reads it back.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .console import Failure
from .database import DatabaseServer
from .odoo_source import OdooSource
from .paths import ADDON, ROOT, cache, cached, digest

VARIABLE = "FULFILMENT_RUNTIME"


@dataclass(frozen=True)
class Runtime:
    odoo: OdooSource
    database: DatabaseServer

    def configuration(self) -> Path:
        """Odoo's configuration file, named by its content so that two runs never change each other's."""
        lines = ["[options]", f"addons_path = {','.join([*self.odoo.addons, str(ROOT)])}", f"data_dir = {cached('data')}"]
        lines += ["http_interface = 127.0.0.1", "max_cron_threads = 0"]
        for part in ("host", "port", "user", "password"):
            if value := getattr(self.database, part):
                lines.append(f"db_{part} = {value}")
        text = "\n".join(lines) + "\n"
        path = cached("configuration") / f"odoo-{digest(text)}.conf"
        if not path.exists():
            building = path.with_suffix(f".{os.getpid()}")
            building.touch(mode=0o600)
            building.write_text(text, encoding="utf-8")
            building.rename(path)
        return path

    def environment(self) -> dict[str, str]:
        """Return the environment of every child: Odoo, PostgreSQL, and where tools may put their own caches."""
        values = {name: value for name, value in os.environ.items() if not name.startswith(("PGDATABASE", "ODOO_"))}
        folder = cache()
        programs = [str(Path(sys.executable).parent), values.get("PATH", ""), self.database.programs]
        values.update(
            self.database.environment(),
            PATH=os.pathsep.join(part for part in programs if part),
            PYTHONPATH=self.odoo.python_path,
            PYTHONPYCACHEPREFIX=str(folder / "pycache"),
            PYTHONUNBUFFERED="1",
            ODOO_RC=str(self.configuration()),
            RUFF_CACHE_DIR=str(folder / "ruff"),
            PYLINTHOME=str(folder / "pylint"),
        )
        values[VARIABLE] = json.dumps({"odoo": self.odoo.to_json(), "database": vars(self.database)})
        return values

    def activate(self) -> None:
        """Make this very process one of those children."""
        os.environ.update(self.environment())
        if self.odoo.python_path not in sys.path:
            sys.path.insert(0, self.odoo.python_path)

    def command(self, *arguments: Any) -> list[str]:
        return [sys.executable, "-m", "odoo", *map(str, arguments)]


def current() -> Runtime:
    """Return the runtime that ./dev gave to this process."""
    told = os.environ.get(VARIABLE)
    if not told:
        raise Failure("Reading the runtime", "this was not started by ./dev", "run ./dev test or ./dev bench")
    values = json.loads(told)
    return Runtime(OdooSource.from_json(values["odoo"]), DatabaseServer(**values["database"]))


def need_addon() -> None:
    """Most commands are about the addon, so it has to be there."""
    if not (ADDON / "__manifest__.py").exists():
        raise Failure("Reading the addon", f"{ADDON.name}/__manifest__.py is missing", "restore it with git checkout")
