"""./dev bench: each subject on a throw-away database of its own, measured side by side."""

import argparse
import importlib
import logging
import sys

from devtools import odoo_process, runtime, templates
from devtools.console import Failure, complain, say, step

SUBJECTS = (
    "reminders", "contracts", "views", "profile", "gate", "tickets", "care", "alerts", "rewards", "start", "accounts", "events",
    "collection", "breach", "oversight",
)


def parser():
    top = argparse.ArgumentParser(prog="./dev bench", description="Measures the addon; what is compared is measured in one run.")
    top.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(SUBJECTS)}")
    top.add_argument("--size", type=int, default=10_000, help="milestones due on one day (10,000)")
    top.add_argument("--orders", type=int, default=500, help="orders to draft contracts from (500)")
    top.add_argument("--customers", type=int, default=10_000, help="customers with a ledger (10,000)")
    top.add_argument("--milestones", type=int, default=200_000, help="milestones in the views (200,000)")
    top.add_argument("--tickets", type=int, default=100_000, help="open tickets (100,000)")
    top.add_argument("--warned", type=int, default=100_000, help="customers under the warning rules (100,000)")
    return top


def main():
    options = parser().parse_args()
    place = runtime.current()
    unknown = [name for name in options.names if name not in SUBJECTS]
    if unknown:
        raise Failure("Starting the benchmarks", f"there is no {unknown[0]}", f"name some of {', '.join(SUBJECTS)}")
    try:
        template = templates.with_addon(place)
        for name in options.names or SUBJECTS:
            say("\n" + measure(place, template, name, options))
    finally:
        templates.tidy(place)


def measure(place, template, name, options):
    """Measure one subject and return its table."""
    database = templates.scratch(place, template, f"bench_{name}")
    with step(f"Measuring {name}"), odoo_process.open_env(database, runtime=place) as env:
        # Imported here: Odoo is on the path from now on.
        from benchmarks.measure import table

        # Mails of a benchmark are never sent, and nothing but the measured work belongs into the output.
        logging.disable(logging.WARNING)
        subject = importlib.import_module(f"benchmarks.{name}")
        # As on a database whose administrator has switched everything on, whatever it raises.
        companies = env["res.company"].search([])
        env["fulfilment.switch"]._switch_all(companies)
        companies.fulfilment_alerts_at_once = 10_000_000
        rows = subject.run(env, options)
        return table(subject.TITLE.format(**vars(options)), rows)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        complain(str(failure))
        sys.exit(1)
