"""PostgreSQL: settings that break what an outbox promises, or make it slow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import text

from typedbus.adapters.sqlalchemy.outbox.operating_access import Turn
from typedbus.adapters.sqlalchemy.outbox.verifying_limits import Limits
from typedbus.outbox.reports import Finding, Severity

_OLDEST: Final = (14, 0)
_DURABLE: Final = {
    "fsync": "the data of a crashed machine may be broken",
    "full_page_writes": "a page that was half written in a crash stays so",
    "synchronous_commit": "what was committed may be gone after a crash",
}


def _is_new_enough(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """PostgreSQL is of a version that an outbox knows."""
    version = turn.connection.dialect.server_version_info or _OLDEST
    if version < _OLDEST:
        shown = ".".join(map(str, version))
        yield Finding(Severity.BROKEN, f"it is PostgreSQL {shown}", "upgrade to 14 or later")


def _what_is_committed_stays(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """What is committed survives a crash."""
    for name, harm in _DURABLE.items():
        value = _setting(turn, name)
        if value == "off":
            yield Finding(Severity.BROKEN, f"{name} is off: {harm}", f"set {name} = on")


def _setting(turn: Turn, name: str) -> str:
    return str(turn.connection.scalar(text("SELECT current_setting(:name)"), {"name": name}))


def _rows_are_cleared_away(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """Autovacuum is on."""
    remedy = "turn it on: an outbox leaves rows behind that only it takes away"
    if _setting(turn, "autovacuum") == "off":
        yield Finding(Severity.WARNING, "autovacuum is off", remedy)
    for table in (turn.tables.pending, turn.tables.delivery):
        options = turn.connection.scalar(
            text("SELECT reloptions FROM pg_class WHERE oid = to_regclass(:name)"),
            {"name": _name_of(turn, table)},
        )
        if "autovacuum_enabled=false" in (options or ()):
            yield Finding(Severity.WARNING, f"autovacuum is off for {table.name}", remedy)


def _name_of(turn: Turn, table: Any) -> str:  # Any: a Table
    return str(turn.connection.dialect.identifier_preparer.format_table(table))


def _nothing_is_held_up(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """No transaction holds up autovacuum for long."""
    long = turn.connection.execute(
        text(
            "SELECT pid, coalesce(usename, '?'), now() - xact_start FROM pg_stat_activity "
            "WHERE (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL) "
            "AND xact_start < now() - CAST(:long AS interval) "
            "AND backend_type = 'client backend' ORDER BY xact_start"
        ),
        {"long": limits.open_for},
    )
    for pid, user, age in long:
        yield Finding(
            Severity.WARNING,
            f"a transaction of {user} (pid {pid}) is open for {age}: rows that are done with stay "
            f"and make reading slow",
            "end it; set idle_in_transaction_session_timeout",
        )
    prepared = turn.connection.execute(
        text(
            "SELECT gid, now() - prepared FROM pg_prepared_xacts "
            "WHERE prepared < now() - CAST(:long AS interval)"
        ),
        {"long": limits.open_for},
    )
    for gid, age in prepared:
        yield Finding(
            Severity.WARNING,
            f"the prepared transaction {gid!r} is open for {age}: rows that are done with stay",
            "COMMIT PREPARED or ROLLBACK PREPARED it",
        )


def _numbers_go_up(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """The numbers of events go up with the order in which they are drawn."""
    sequence = turn.connection.scalar(
        text("SELECT pg_get_serial_sequence(:name, 'id')"),
        {"name": _name_of(turn, turn.tables.event)},
    )
    if sequence is None:
        problem = f"the numbers of {turn.tables.event.name} come from no sequence of its own"
        yield Finding(Severity.WARNING, problem, "make id an identity column, with CACHE 1")
        return
    cache = turn.connection.scalar(
        text("SELECT seqcache FROM pg_sequence WHERE seqrelid = to_regclass(:name)"),
        {"name": sequence},
    )
    if cache is not None and cache > 1:
        yield Finding(
            Severity.BROKEN,
            f"{sequence} caches {cache} numbers: sessions hand them out in no order, and events "
            f"of a key may be handled in the wrong one",
            f"ALTER SEQUENCE {sequence} CACHE 1",
        )


def _sessions_are_its_own(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """A connection is a session of its own."""
    told = _pid_told(turn)
    pid = turn.connection.scalar(text("SELECT pg_backend_pid()"))
    if told is not None and told != pid:
        yield Finding(
            Severity.WARNING,
            "a pooler stands between: what a session holds, and is told, may not reach the relay, "
            "so another one takes over by the time-out alone, and events are found by polling",
            "let the relay connect to PostgreSQL itself, or by a pool in session mode",
        )


def _pid_told(turn: Turn) -> int | None:
    """Return the process id that the server, or who stands before it, told the driver."""
    driver: Any = turn.connection.connection.driver_connection
    for tell in ("get_backend_pid", "get_server_pid"):  # psycopg2, asyncpg
        if callable(getattr(driver, tell, None)):
            return int(getattr(driver, tell)())
    info = getattr(driver, "info", None)  # psycopg
    return getattr(info, "backend_pid", None)


CHECKS: Final = (
    _is_new_enough,
    _what_is_committed_stays,
    _rows_are_cleared_away,
    _nothing_is_held_up,
    _numbers_go_up,
    _sessions_are_its_own,
)
