"""Whether the engine works in transactions, as who publishes and who handles expect it to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from typedbus.outbox.reports import Finding, Severity

_REMEDY: Final = "leave isolation_level out of create_engine(), or set READ COMMITTED"


def transactions(connection: Connection) -> Iterator[Finding]:
    """Give what is wrong with the transactions of *connection*, which was not used yet."""
    level = connection.get_isolation_level()
    if not _begins(connection):
        yield Finding(
            Severity.BROKEN,
            "the engine commits each statement by itself (AUTOCOMMIT): an event is not stored "
            "together with what it tells of",
            _REMEDY,
        )
    elif level == "READ UNCOMMITTED":
        yield Finding(
            Severity.BROKEN,
            f"the isolation level of the engine is {level}: handlers see what may never have been",
            _REMEDY,
        )


def _begins(connection: Connection) -> bool:
    """Return whether `begin` begins a transaction: no dialect tells, so it is tried."""
    with connection.begin() as transaction:
        try:
            if connection.dialect.name == "sqlite":
                return _begins_in_sqlite(connection.connection.driver_connection)
            connection.exec_driver_sql("SAVEPOINT typedbus_verify")
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT typedbus_verify")
        except DBAPIError as error:
            if error.connection_invalidated:
                raise
            return False
        finally:
            transaction.rollback()
    return True


def _begins_in_sqlite(driver: Any) -> bool:  # Any: sqlite3's connection, or one around it
    # Either it has begun already, or the driver begins with the first statement that writes.
    begins_by_itself = driver.isolation_level is not None
    return driver.in_transaction or (begins_by_itself and getattr(driver, "autocommit", -1) == -1)
