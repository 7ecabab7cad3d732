"""./dev test --odoo: Odoo's own tests without the addon, with it and everything off, and with every mechanism on.

What fails only with the addon is a fault of ours, unless devtools/odoo_held.txt names it with its reason.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import browser, odoo_log, odoo_process, templates
from .console import say, step
from .paths import ROOT, cached, digest, in_cache
from .processes import free_port

if TYPE_CHECKING:
    from .runtime import Runtime

MODULES = ("account", "calendar", "crm", "loyalty", "mail", "portal", "sale", "survey")
HELD = ROOT / "devtools" / "odoo_held.txt"
# Every company there is, and every one that a test makes, holds orders against every rule and has all mechanisms switched on.
SWITCH_ON = """
switches = [
    name for name, field in env['res.company']._fields.items()
    if name.startswith('fulfilment_') and field.type == 'boolean' and field.store
]
for name in switches:
    env['ir.default'].set('res.company', name, True)
env['res.company'].search([]).write(dict.fromkeys(switches, True))
env['fulfilment.credit.rule'].with_context(active_test=False).search([]).active = True
env.cr.commit()
result = switches
"""


def held() -> dict[str, str]:
    """Read the tests that a rule of ours rightly stops while everything is on: ``{name: reason}``, one a line as NAME -- REASON."""
    lines = HELD.read_text(encoding="utf-8").splitlines()
    pairs = [line.rpartition(" -- ")[::2] for line in lines if line.strip() and not line.startswith("#")]
    return dict(pairs)


def run(runtime: Runtime, logs: Path, outcome: Any) -> None:
    """Compare the runs and put what came of them into the outcome."""
    browser.ensure()
    browser.ensure_printing()
    bare = _bare(runtime, logs)
    runs = {"off": None, "on": SWITCH_ON}
    for name, script in runs.items():
        told = _run(runtime, templates.with_addon(runtime), f"odoo-{name}", logs, script)
        new = {test: lines for test, lines in told["failed"].items() if test not in bare["failed"]}
        excused = held() if name == "on" else {}
        for test, lines in new.items():
            if test not in excused:
                outcome.fail(f"with the addon {name}: {test}", lines)
        missing = set(bare["ran"]) - set(told["ran"])
        for test in sorted(missing)[:20]:
            outcome.fail(f"with the addon {name}: {test} did not run")
        outcome.passed += len(set(told["ran"]) - set(told["failed"]))
        say(f"  {name}: {len(told['ran'])} ran, {len(new)} fail only with the addon, {len(set(new) & set(excused))} of them named")
    say(f"  without the addon: {len(bare['ran'])} ran, {len(bare['failed'])} fail")


def _bare(runtime: Runtime, logs: Path) -> dict[str, Any]:
    """Return the run without the addon, kept for as long as Odoo and its modules are the same."""
    template = templates.dependencies(runtime)
    kept = cached("odoo-tests") / f"{digest(template, MODULES)}.json"
    if not kept.exists():
        kept.write_text(json.dumps(_run(runtime, template, "odoo-without", logs, None)), encoding="utf-8")
    return json.loads(kept.read_text(encoding="utf-8"))


def _run(runtime: Runtime, template: str, purpose: str, logs: Path, script: str | None) -> dict[str, Any]:
    log = logs / f"{purpose}.log"
    database = templates.scratch(runtime, template, purpose.replace("-", "_"))
    reader = odoo_log.Reader()
    try:
        if script:
            odoo_process.script(database, script, log=log, runtime=runtime)
        arguments = ["-d", database, "--stop-after-init", "--http-port", free_port(), "--max-cron-threads", "0"]
        arguments += ["-u", ",".join(MODULES), "--test-tags", ",".join(f"/{module}" for module in MODULES)]
        with step(f"Odoo's own tests: {purpose} ({in_cache(log)})"):
            odoo_process.run(arguments, log, reader.feed, runtime)
    finally:
        runtime.database.drop(database)
    return {"ran": sorted(set(reader.started)), "failed": {name: lines[-12:] for name, lines in reader.failures.items()}}
