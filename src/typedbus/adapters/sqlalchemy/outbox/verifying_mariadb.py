"""MariaDB: settings that break what an outbox promises, or make it slow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import bindparam, text

from typedbus.adapters.sqlalchemy.outbox.operating_access import Turn
from typedbus.adapters.sqlalchemy.outbox.verifying_limits import Limits
from typedbus.outbox.reports import Finding, Severity

_OLDEST: Final = (10, 6)


def _is_new_enough(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """It is a MariaDB of a version that an outbox knows."""
    dialect = turn.connection.dialect
    version = tuple(part for part in dialect.server_version_info or () if isinstance(part, int))
    is_mariadb = getattr(dialect, "is_mariadb", False)
    if not is_mariadb or version < _OLDEST:
        name = f"{'MariaDB' if is_mariadb else 'MySQL'} {'.'.join(map(str, version))}"
        yield Finding(Severity.BROKEN, f"it is {name}", "use MariaDB 10.6 or later")


def _what_is_committed_stays(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """What is committed survives a crash."""
    flush = _variable(turn, "innodb_flush_log_at_trx_commit")
    if flush != "1":
        yield Finding(
            Severity.BROKEN,
            f"innodb_flush_log_at_trx_commit is {flush}: what was committed may be gone after a "
            f"crash",
            "set innodb_flush_log_at_trx_commit = 1",
        )
    if _variable(turn, "innodb_doublewrite") in ("OFF", "0"):
        yield Finding(
            Severity.BROKEN,
            "innodb_doublewrite is off: a page that was half written in a crash stays so",
            "set innodb_doublewrite = ON",
        )
    sync = _variable(turn, "sync_binlog")
    if _variable(turn, "log_bin") in ("ON", "1") and sync != "1":
        yield Finding(
            Severity.BROKEN,
            f"sync_binlog is {sync} and the binary log is on: what was committed may be gone after "
            f"a crash, here or on the replicas",
            "set sync_binlog = 1",
        )


def _variable(turn: Turn, name: str) -> str:
    row = turn.connection.execute(
        text("SHOW VARIABLES WHERE Variable_name = :name"), {"name": name}
    )
    found = row.first()
    return "" if found is None else str(found[1])


def _tables_are_innodb(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """Its tables are of InnoDB."""
    found = text(
        "SELECT table_name, engine FROM information_schema.tables "
        "WHERE table_schema = coalesce(:schema, database()) AND table_name IN :names "
        "AND engine <> 'InnoDB' ORDER BY table_name"
    ).bindparams(bindparam("names", expanding=True))
    names = [table.name for table in turn.tables.all()]
    for name, engine in turn.connection.execute(
        found, {"schema": turn.tables.schema, "names": names}
    ):
        yield Finding(
            Severity.BROKEN,
            f"the table {name} is of {engine}, which knows no transactions",
            f"ALTER TABLE {name} ENGINE = InnoDB",
        )


def _numbers_go_up(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """The numbers of events go up with the order in which they are drawn."""
    if _variable(turn, "wsrep_on") in ("ON", "1"):
        yield Finding(
            Severity.WARNING,
            "it is a Galera cluster, whose nodes hand out numbers independently: events of a key "
            "that are published on several nodes may be handled in the wrong order",
            "let all who publish use one node",
        )


def _nothing_is_held_up(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """No transaction holds up the purge for long."""
    long = turn.connection.execute(
        text(
            "SELECT trx_mysql_thread_id, timestampdiff(SECOND, trx_started, now()) AS age "
            "FROM information_schema.innodb_trx "
            "WHERE timestampdiff(SECOND, trx_started, now()) > :long ORDER BY trx_started"
        ),
        {"long": limits.open_for.total_seconds()},
    )
    for thread, age in long:
        yield Finding(
            Severity.WARNING,
            f"the transaction of connection {thread} is open for {age} s: rows that are done with "
            f"stay and make reading slow",
            "end it",
        )


CHECKS: Final = (
    _is_new_enough,
    _what_is_committed_stays,
    _tables_are_innodb,
    _numbers_go_up,
    _nothing_is_held_up,
)
