"""./dev demo: a database with the demo company, a day of scheduled actions, and a server to look at it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

from . import odoo_log, odoo_process, templates
from .console import Failure, say, step
from .database import BUILD_PREFIX
from .paths import ADDON, ADDON_NAME, cache, cached, checkout_digest, files_digest, in_cache, setup_lock
from .processes import check_port, ending, free_port

if TYPE_CHECKING:
    from .runtime import Runtime

DEFAULT_PORT = 8069
RUN_MODEL = "fulfilment.run"
FAILED = "demo data failed to install"
# Every action commits for itself; a row may carry a check, which is counted afterwards in the database as it then is.
DAY = f"""
rows = env['{RUN_MODEL}']._day()
env.cr.commit()
env.invalidate_all()
for row in rows:
    check = row.get('check')
    if check:
        row['found'] = env[check['model']].with_context(active_test=False).search_count(check['domain'])
result = rows
"""
PEOPLE = """
users = env['res.users'].search([('share', 'in', [True, False])])
names = users.get_external_id()
result = [
    {'login': user.login, 'name': user.name, 'portal': user.share}
    for user in users if names[user.id].startswith('fulfilment_crm.')
]
"""


def name() -> str:
    return f"fulfilment_demo_{checkout_digest()}"


def ensure(runtime: Runtime, fresh: bool = False) -> str:
    """Return the name of the demo database of this checkout, made again when the addon's files changed."""
    made_from = templates.dependencies(runtime, demo=True) + "+" + files_digest(ADDON)
    with setup_lock():
        if not fresh and runtime.database.noted(name()) == made_from:
            return name()
        title = "Making the demo database"
        building = runtime.database.copy(templates.dependencies(runtime, demo=True), f"{BUILD_PREFIX}_demo")
        log = cached("logs") / "demo-install.log"
        log.unlink(missing_ok=True)
        try:
            with step(title):
                reader = odoo_log.Reader()
                options = ["-d", building, "-i", ADDON_NAME, "--with-demo", "--stop-after-init", "--no-http"]
                code = odoo_process.run(options, log, reader.feed, runtime)
                if code or reader.errors:
                    raise Failure(title, templates.first_trouble(reader, code), f"read {in_cache(log)}")
                if failed := [text for text in reader.warnings if FAILED in text]:  # Odoo goes on without them
                    raise Failure(title, failed[0].strip().split("\n")[-1], f"read {in_cache(log)}")
            runtime.database.drop(name())
            runtime.database.rename(building, name())
            runtime.database.note(name(), made_from)
        finally:
            if runtime.database.exists(building):
                runtime.database.drop(building)
    return name()


def run(runtime: Runtime, once: bool = False, port: int | None = None, fresh: bool = False) -> int:
    """Run a day of the demo, then serve it unless ``once``; return the exit code."""
    if not once:
        check_port(port or DEFAULT_PORT)
    database = ensure(runtime, fresh)
    failed = day(runtime, database)
    if once:
        return 1 if failed else 0
    return serve(runtime, database, port or DEFAULT_PORT)


def day(runtime: Runtime, database: str) -> int:
    """Run a day of scheduled actions and print one line an effect. Return the number of failures."""
    with step("Running a day of scheduled actions"):
        rows = odoo_process.script(database, DAY, log=cached("logs") / "demo-day.log", runtime=runtime)
    lines, failed = report(rows)
    for line in lines:
        say(line)
    return failed


def report(rows: list[dict[str, Any]]) -> tuple[list[str], int]:
    """Return the lines to print and how many rows failed."""
    lines, failed = [], 0
    if not rows:
        return ["FAILED the day did nothing"], 1
    for row in rows:
        trouble = None
        if row.get("failed"):
            trouble = row.get("detail") or "failed"
        elif "found" in row and row["found"] != row["count"]:
            trouble = f"{row['count']} reported and {row['found']} found"
        if trouble:
            failed += 1
            lines.append(f"FAILED {row.get('action')}: {row['effect']}: {trouble}")
        else:
            detail = f" ({row['detail']})" if row.get("detail") else ""
            lines.append(f"{row['effect']}: {row['count']}{detail}")
    return lines, failed


def serve(runtime: Runtime, database: str, port: int) -> int:
    """Serve until Ctrl-C."""
    people = odoo_process.script(database, PEOPLE, runtime=runtime)
    log = cached("logs") / "demo-server.log"
    # The demo's own scheduled actions run while it is served.
    arguments = ["-d", database, "--db-filter", f"^{database}$", "--http-port", port, "--gevent-port", free_port()]
    arguments += ["--max-cron-threads", "1"]
    with open(log, "w", encoding="utf-8") as output:
        process = subprocess.Popen(
            runtime.command(*arguments), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            cwd=cache(), env=runtime.environment(),
        )
        with ending(process):
            odoo_process.Server(database, port, process, log).wait_until_up()
            say(f"\nhttp://127.0.0.1:{port}  log in as admin, password admin")
            for person in people:
                kind = "portal customer" if person["portal"] else "employee"
                say(f"  or as {person['login']} ({person['name']}, {kind}), password the same as the login")
            say(f"Log: {in_cache(log)}. Ctrl-C ends it.")
            try:
                return process.wait()
            except KeyboardInterrupt:
                say("Ending …")
                return 0
