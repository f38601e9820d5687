"""Processes: when one started, which tells it from the next one that has its number."""

from __future__ import annotations

from pathlib import Path


def started_at(pid: int) -> str:
    """Return when the process of that number started, in whatever form the system tells it.

    An empty text where it does not tell, or where there is no such process.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""
    # The name of the program, in parentheses, may hold anything. The 22nd field is the start.
    return stat.rpartition(")")[2].split()[19]
