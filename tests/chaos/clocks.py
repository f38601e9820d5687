"""Scenarios: clocks that are wrong, and jump."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from tests.chaos.checker import Promises
from tests.chaos.run import Run
from tests.chaos.usual import ORDERS, USUAL, keep_relays

_JUMPS: Final = (3600, -3600, 7200)
"""Forward at last: what a clock that goes back puts off would wait for as long as that."""

# Names of functions are looked for along the search path, pg_catalog first unless it says other-
# wise: so the clock of this database, and of no other of the server, can be put forward and back.
_CLOCK: Final = (
    "CREATE SCHEMA skew",
    "CREATE TABLE skew.shift (seconds double precision NOT NULL)",
    "INSERT INTO skew.shift VALUES (0)",
    *(
        f"CREATE FUNCTION skew.{name}() RETURNS timestamptz LANGUAGE sql VOLATILE AS"
        f" 'SELECT pg_catalog.{name}() + (SELECT seconds FROM skew.shift) * interval ''1 second'''"
        for name in ("now", "clock_timestamp", "statement_timestamp", "transaction_timestamp")
    ),
)


def clock_of_the_database_jumps(run: Run) -> Promises:
    """The clock of the database goes forward under load, back, and forward, by an hour and more."""
    with run.engine.begin() as connection:
        for statement in _CLOCK:
            connection.execute(text(statement))
        name = run.engine.url.database
        connection.execute(
            text(f'ALTER DATABASE "{name}" SET search_path = skew, "$user", public, pg_catalog')
        )
    run.engine.dispose()
    kept = keep_relays(run, 2)

    for jump in _JUMPS:
        run.produce(ORDERS // 2)
        with run.engine.begin() as connection:
            connection.execute(text("UPDATE skew.shift SET seconds = :jump"), {"jump": jump})
        run.did("clock", str(jump))
        run.produce(ORDERS // 2)
        holder = next((each for each in kept if each.actor.pid == run.traces.holder()), kept[0])
        holder.actor.kill()
        run.did("kill", holder.told.name)
    run.drain()

    return USUAL
