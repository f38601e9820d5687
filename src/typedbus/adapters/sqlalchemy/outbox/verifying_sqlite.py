"""SQLite: settings that break what an outbox promises, or make it slow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import text

from typedbus.adapters.sqlalchemy.outbox.operating_access import Turn
from typedbus.adapters.sqlalchemy.outbox.verifying_limits import Limits
from typedbus.outbox.reports import Finding, Severity

_OLDEST: Final = (3, 35)
_FULL: Final = 2
_SHORT: Final = 1000


def _is_new_enough(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """SQLite is of a version that an outbox knows."""
    version = turn.connection.dialect.server_version_info or _OLDEST
    if version < _OLDEST:
        shown = ".".join(map(str, version))
        yield Finding(Severity.BROKEN, f"it is SQLite {shown}", "upgrade to 3.35 or later")


def _what_is_committed_stays(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """What is committed survives a crash."""
    if not turn.connection.scalar(
        text("SELECT file FROM pragma_database_list WHERE name = 'main'")
    ):
        yield Finding(
            Severity.BROKEN,
            "the database is in memory: what is owed ends with the process",
            "give it a file",
        )
        return
    journal = str(_pragma(turn, "journal_mode"))
    if journal in ("off", "memory"):
        yield Finding(
            Severity.BROKEN,
            f"journal_mode is {journal}: a crash in a commit breaks the file",
            "PRAGMA journal_mode = WAL",
        )
    elif journal != "wal":
        yield Finding(
            Severity.WARNING,
            f"journal_mode is {journal}: whoever reads makes the relay and publishers wait",
            "PRAGMA journal_mode = WAL",
        )
    if int(str(_pragma(turn, "synchronous"))) < _FULL:
        yield Finding(
            Severity.BROKEN,
            "synchronous is less than FULL: what was committed may be gone after a power cut",
            "PRAGMA synchronous = FULL on each connection",
        )


def _writers_wait(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """Writers wait for each other."""
    patience = int(str(_pragma(turn, "busy_timeout")))
    if patience < _SHORT:
        yield Finding(
            Severity.WARNING,
            f"busy_timeout is {patience} ms: publishing fails with 'database is locked' while "
            f"another transaction writes",
            "connect_args={'timeout': 5}, or PRAGMA busy_timeout = 5000 on each connection",
        )


def _pragma(turn: Turn, name: str) -> object:
    return turn.connection.exec_driver_sql(f"PRAGMA {name}").scalar()


CHECKS: Final = (_is_new_enough, _what_is_committed_stays, _writers_wait)
