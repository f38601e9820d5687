"""A connection beside those of the pool: nobody waits for it, and it waits for nobody."""

from __future__ import annotations

from typing import Any, Final, TypeVar

from sqlalchemy import Engine

T = TypeVar("T")


class SideConnection:
    """A connection to the database of an engine, for short statements outside of transactions.

    For an engine that coroutines use, each method is called in a greenlet of SQLAlchemy's.
    """

    def __init__(self, engine: Engine) -> None:
        # A pool of its own, which knows how to connect as the engine's does.
        self._pool: Final = engine.pool.recreate()
        self._fairy: Final = self._pool.connect()
        connection = self._fairy.dbapi_connection
        if connection is not None:
            engine.dialect.set_isolation_level(connection, "AUTOCOMMIT")

    @property
    def driver(self) -> Any:  # Any: of whatever driver
        """The driver's own connection."""
        return self._fairy.driver_connection

    def execute(self, statement: str) -> None:
        """Execute *statement*, a transaction of its own."""
        cursor = self._fairy.cursor()
        try:
            cursor.execute(statement)
        finally:
            cursor.close()

    def close(self) -> None:
        """Close it."""
        try:
            self._fairy.invalidate()
        finally:
            self._pool.dispose()


def channel_of(prefix: str, schema: str | None) -> str:
    """Return the name that commits are made known under, quoted."""
    name = f"{schema}.{prefix}wake" if schema else f"{prefix}wake"
    if len(name.encode()) > 63:  # more is cut off by PostgreSQL
        from hashlib import blake2b

        name = "typedbus_wake_" + blake2b(name.encode(), digest_size=16).hexdigest()
    return '"' + name.replace('"', '""') + '"'
