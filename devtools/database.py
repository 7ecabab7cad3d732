"""PostgreSQL: the user's server when one is named, else an embedded one that lives in the cache."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from argparse import Namespace
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2 import errors, sql

from . import embedded_postgres
from .console import Failure
from .paths import cache
from .processes import is_alive

MINIMUM = 130000
RUN_PREFIX = "fulfilment_run"
BUILD_PREFIX = "fulfilment_building"


@dataclass(frozen=True)
class DatabaseServer:
    """How to reach a server, and the few things done with whole databases."""

    host: str = ""
    port: str = ""
    user: str = ""
    password: str = ""
    programs: str = ""

    def environment(self) -> dict[str, str]:
        """Return the variables by which psql, Odoo and libpq find the server."""
        values = {"PGHOST": self.host, "PGPORT": self.port, "PGUSER": self.user, "PGPASSWORD": self.password}
        return {name: value for name, value in values.items() if value}

    def connect(self, name: str = "postgres") -> Any:
        given = {"host": self.host, "port": self.port, "user": self.user, "password": self.password}
        connection = psycopg2.connect(dbname=name, **{key: value for key, value in given.items() if value})
        connection.autocommit = True
        return connection

    def query(self, statement: str, values: Sequence[Any] = (), name: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement outside a transaction; its rows, if it has any."""
        connection = self.connect(name)
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def names(self) -> set[str]:
        return {row[0] for row in self.query("SELECT datname FROM pg_database")}

    def exists(self, name: str) -> bool:
        return name in self.names()

    def create(self, name: str) -> None:
        """Create an empty database as Odoo makes it, with the one extension Odoo likes where the server has it."""
        identifier = sql.Identifier(name)
        self.drop(name)
        self.query(sql.SQL("CREATE DATABASE {} ENCODING 'unicode' LC_COLLATE 'C' TEMPLATE template0").format(identifier))
        if self.query("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"):
            with contextlib.suppress(errors.InsufficientPrivilege):
                self.query("CREATE EXTENSION IF NOT EXISTS pg_trgm", name=name)

    def copy(self, template: str, name: str) -> str:
        """createdb -T; replaces what has the name."""
        self.drop(name)
        self._close(template)
        try:
            self.query(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
        except errors.DiskFull as error:
            raise Failure("Copying a database", "the disk is full", "free some space and run the same command again") from error
        return name

    def drop(self, name: str) -> None:
        self._close(name)
        self.query(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        shutil.rmtree(cache() / "data" / "filestore" / name, ignore_errors=True)

    def rename(self, old: str, new: str) -> None:
        self._close(old)
        self.query(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(old), sql.Identifier(new)))
        shutil.rmtree(cache() / "data" / "filestore" / old, ignore_errors=True)

    def note(self, name: str, text: str) -> None:
        """Write on a database what it was made from."""
        self.query(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(name), sql.Literal(text)))

    def noted(self, name: str) -> str | None:
        rows = self.query("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", (name,))
        return rows[0][0] if rows else None

    def drop_abandoned(self) -> None:
        """Remove the databases of processes that ended without tidying up."""
        for name in self.names():
            match = re.match(rf"(?:{RUN_PREFIX}|{BUILD_PREFIX})_(\d+)_", name)
            if match and not is_alive(int(match.group(1))):
                self.drop(name)

    def _close(self, name: str) -> None:
        """End the sessions that would keep a database from being copied or dropped.

        Only clients: an autovacuum worker may not be ended by everybody, and PostgreSQL sends it away by itself.
        """
        self.query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = %s AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
            (name,),
        )


@contextlib.contextmanager
def server(options: Namespace) -> Iterator[DatabaseServer]:
    """Yield the server for this command; an embedded one stops with its last user."""
    if is_named(options):
        yield named(options)
        return
    with embedded_postgres.running() as place:
        yield DatabaseServer(**place)


def is_named(options: Namespace) -> bool:
    """Whether the user named a server, by option or by a variable of libpq."""
    by_option = any(getattr(options, f"db_{part}", None) for part in ("host", "port", "user", "password"))
    return bool(by_option or os.environ.get("PGHOST") or os.environ.get("PGPORT") or os.environ.get("PGSERVICE"))


def named(options: Namespace) -> DatabaseServer:
    """Return the user's own server, after checking that Odoo can work on it."""
    title = "Connecting to PostgreSQL"
    values = {}
    for part in ("host", "port", "user", "password"):
        values[part] = str(getattr(options, f"db_{part}", None) or os.environ.get(f"PG{part.upper()}") or "")
    found = DatabaseServer(programs=os.path.dirname(shutil.which("psql") or ""), **values)
    try:
        rows = found.query(
            "SELECT current_setting('server_version_num')::int, current_user, rolcreatedb OR rolsuper "
            "FROM pg_roles WHERE rolname = current_user"
        )
    except psycopg2.OperationalError as error:
        raise Failure(
            title, str(error), "correct --db-host, --db-port, --db-user, --db-password or the PG* variables, or leave them out"
        ) from error
    version, user, may_create = rows[0]
    if version < MINIMUM:
        raise Failure(title, f"the server is PostgreSQL {version // 10000}", "Odoo 19 needs 13 or newer: name another server or none")
    if user == "postgres":
        remedy = "create a role (createuser --createdb odoo) and use --db-user odoo"
        raise Failure(title, "Odoo refuses to work as the role postgres", remedy)
    if not may_create:
        raise Failure(title, f"the role {user} may not create databases", f"allow it: ALTER ROLE {user} CREATEDB")
    return found
