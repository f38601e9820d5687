"""Verifying: whether a database, its tables and their rows keep what an outbox promises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from sqlalchemy.exc import DBAPIError

from typedbus.adapters.sqlalchemy.outbox import (
    verifying_engine,
    verifying_mariadb,
    verifying_postgresql,
    verifying_rows,
    verifying_sqlite,
    verifying_tables,
)
from typedbus.adapters.sqlalchemy.outbox.operating_access import Desk, Turn
from typedbus.adapters.sqlalchemy.outbox.verifying_limits import Limits
from typedbus.outbox.reports import Finding, Severity

Check: TypeAlias = "Callable[[Turn, Limits], Iterator[Finding]]"

_OF_DATABASES: Final[dict[str, tuple[Check, ...]]] = {
    "postgresql": verifying_postgresql.CHECKS,
    "mysql": verifying_mariadb.CHECKS,  # URLs of MariaDB may begin with either
    "mariadb": verifying_mariadb.CHECKS,
    "sqlite": verifying_sqlite.CHECKS,
}
_WORST_FIRST: Final = [Severity.BROKEN, Severity.WARNING]


def verify(desk: Desk, limits: Limits) -> list[Finding]:
    """Return what is not as it should be, the worst first."""
    found = list(verifying_engine.transactions(desk.as_the_engine_gives_it()))
    with desk.look() as turn:
        missing = list(verifying_tables.missing(turn))
        broken = any(finding.severity is Severity.BROKEN for finding in missing)
        checks = [*_OF_DATABASES.get(turn.connection.dialect.name, ())]
    if not broken:
        checks += verifying_rows.CHECKS
    found += missing
    for check in checks:
        found += _looked(desk, check, limits)
    return sorted(found, key=lambda finding: _WORST_FIRST.index(finding.severity))


def _looked(desk: Desk, check: Check, limits: Limits) -> list[Finding]:
    try:
        with desk.look() as turn:
            return list(check(turn, limits))
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        # Not everybody may look at everything.
        subject = (check.__doc__ or check.__name__).rstrip(".")
        reason = " ".join(str(error.orig).split())
        return [
            Finding(
                Severity.WARNING,
                f"it is not known whether {subject[0].lower()}{subject[1:]}: {reason}",
                "verify as a user of the database who may look there",
            )
        ]
