"""Seconds and queries of a piece of work, and the table they are shown in."""

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Row:
    """One line of the table; what is None stays empty."""

    what: str
    seconds: float
    processor: float
    queries: int
    number: int = None
    ratio: float = None

    def to(self, other):
        """Return this as a share of the other, by the processor's time: seconds also count what else the machine did."""
        return self.processor / other.processor

    def cells(self):
        each = self.number or 1
        return (
            self.what,
            f"{self.seconds:.2f}",
            f"{self.processor:.2f}",
            f"{1000 * self.processor / each:.2f}",
            f"{self.queries:,}",
            f"{self.queries / each:.2f}" if self.number else "",
            "" if self.ratio is None else f"{self.ratio:.3f}",
        )


HEAD = ("", "seconds", "of CPU", "ms CPU each", "queries", "each", "ratio")


def measured(env, what, work, number=None):
    """Do the work on cold records, down to the last row written, and say what it took."""
    env.flush_all()
    env.invalidate_all()
    queries, start, processor = env.cr.sql_log_count, time.perf_counter(), processor_time(env)
    work()
    env.flush_all()
    return Row(what, time.perf_counter() - start, processor_time(env) - processor, env.cr.sql_log_count - queries, number)


def processor_time(env):
    """Seconds of the processor this process has used, and its session of the database where that runs on the same Linux machine."""
    return time.process_time() + session_time(env.cr)


def session_time(cr):
    pid = cr._cnx.info.backend_pid
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def best(env, what, work, number=None, times=5):
    """Return the quickest of several goes, for work that is short and changes nothing."""
    return min((measured(env, what, work, number) for _go in range(times)), key=lambda row: row.seconds)


def table(title, rows):
    """Return the rows under their title as plain text."""
    cells = [HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [
        "  ".join([line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))])
        for line in cells
    ]
    return "\n".join([title, *(f"  {line.rstrip()}" for line in lines)])
