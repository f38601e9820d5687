"""How long a transaction may do nothing before its database ends it.

A process that is stopped in the middle, or cut off, would hold its locks against the next relay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakSet

from sqlalchemy import ColumnElement, Connection, Engine, event, func

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState

_AFTER: Final = timedelta(seconds=10)
"""How much longer than the handler may take."""
_HARDLY_ANY: Final = timedelta(seconds=3)
"""How long, once the handler is done and only the end is left."""
_SETTING: Final = "idle_in_transaction_session_timeout"
_LOCAL: Final = True
_MARK: Final = "typedbus.idling"
_MYSQL: Final = ("mysql", "mariadb")
_reset: Final = WeakSet[Engine]()


def bound_idling(connection: Connection, timeout: timedelta | None) -> None:
    """Let the transaction of *connection* be ended if nothing happens for longer than *timeout*."""
    if timeout is None:
        return
    most = timeout + _AFTER
    if connection.dialect.name == "postgresql":
        milliseconds = most // timedelta(milliseconds=1)
        connection.exec_driver_sql(f"SET LOCAL {_SETTING} = {milliseconds}")
    elif connection.dialect.name in _MYSQL:
        _bound_session(connection, most)


def hardly_any_idling(connection: Connection) -> Sequence[ColumnElement[Any]]:
    """Let the transaction be ended soon; return what a statement has to evaluate for that."""
    if connection.dialect.name == "postgresql":
        milliseconds = _HARDLY_ANY // timedelta(milliseconds=1)
        return [func.set_config(_SETTING, str(milliseconds), _LOCAL)]
    if connection.dialect.name in _MYSQL:
        _bound_session(connection, _HARDLY_ANY)
    return ()


def _bound_session(connection: Connection, most: timedelta) -> None:
    """Bound the session, which has no setting for one transaction, until it is given back."""
    if connection.engine not in _reset:
        _reset.add(connection.engine)
        event.listen(connection.engine, "reset", _unbound)
    connection.info[_MARK] = True
    connection.exec_driver_sql(
        f"SET SESSION idle_transaction_timeout = {most // timedelta(seconds=1)}"
    )


def _unbound(
    driver: DBAPIConnection, record: ConnectionPoolEntry | None, state: PoolResetState
) -> None:
    # One that has left the pool has no record.
    if record is None or record.info.pop(_MARK, None) is None or state.terminate_only:
        return
    cursor = driver.cursor()
    cursor.execute("SET SESSION idle_transaction_timeout = DEFAULT")
    cursor.close()
