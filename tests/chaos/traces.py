"""What a run has left in its database and its folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError

from tests.chaos.acts import ACTS
from tests.chaos.history import Fault, Handled, History, Left, Order
from tests.chaos.tables import EFFECTS, Effect, Key, OrderRow


class Traces:
    """Reads what a run has left."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder

    def holder(self) -> int:
        """Return the pid of the relay that has the lease; 0 if none has."""
        with self._engine.connect() as connection:
            found = connection.execute(
                text("SELECT r.pid FROM typedbus_lease l JOIN typedbus_relay r ON r.id = l.owner")
            ).scalar()
        return found or 0

    def holder_or_nobody(self) -> int:
        """Return the same; 0 too if the database does not say."""
        try:
            return self.holder()
        except DBAPIError:
            return 0

    def handled_in(self, handler: str) -> int:
        """Return how many effects *handler* has had."""
        return sum(each.handler == handler for each in self.handled())

    def states(self) -> dict[str, int]:
        """Return how many deliveries are in each state."""
        with self._engine.connect() as connection:
            rows = connection.execute(
                text("SELECT state, count(*) AS n FROM typedbus_delivery GROUP BY state")
            )
            return {row.state: row.n for row in rows}

    def pending(self) -> int:
        """Return how many events nobody has begun, or not settled."""
        return self._count("typedbus_pending")

    def history(self, faults: Sequence[Fault]) -> History:
        """Return what happened until now."""
        with self._engine.connect() as connection:
            keys = {row.name: row.seq for row in connection.execute(select(Key.__table__))}
            orders = [
                Order(row.request_id, row.key, row.seq, tuple(row.handlers.split(",")))
                for row in connection.execute(select(OrderRow.__table__))
            ]
        return History(
            keys=keys,
            orders=orders,
            handled=self.handled(),
            left=self._left(),
            pending=self.pending(),
            faults=[*faults, *(Fault(**each) for each in self._lines(ACTS))],
        )

    def is_drained(self) -> bool:
        """Say whether nothing is owed but dead letters and what they block."""
        try:
            return self.pending() == 0 and self._owed_late() == 0
        except DBAPIError:  # it is being killed
            return False

    def handled(self) -> list[Handled]:
        """Return every effect, each sink's in its order."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(Effect.__table__).order_by(Effect.id)).mappings()
            inside = [
                Handled(**{name: value for name, value in row.items() if name != "id"})
                for row in rows
            ]
        return inside + [Handled(**each) for each in self._lines(EFFECTS)]

    def _lines(self, name: str) -> Iterator[dict[str, Any]]:  # Any: values of several types
        path = self._folder / name
        if path.exists():
            with path.open() as lines:
                # The last one may be in the middle of being written: it is read next time.
                yield from (json.loads(line) for line in lines if line.endswith("\n"))

    def _left(self) -> list[Left]:
        with self._engine.connect() as connection:
            rows = connection.execute(
                text(
                    "SELECT d.handler, d.state, d.attempts, d.crashes, d.error, e.body"
                    " FROM typedbus_delivery d JOIN typedbus_event e ON e.id = d.id"
                )
            ).all()
        left = []
        for row in rows:
            event = json.loads(row.body)
            name = row.handler.removeprefix("chaos.")
            left.append(
                Left(
                    name,
                    event["key"],
                    event["seq"],
                    row.state,
                    row.attempts,
                    row.crashes,
                    row.error,
                )
            )
        return left

    def _owed_late(self) -> int:
        # What stands behind a dead letter is not owed before somebody decides.
        return self._value(
            "SELECT count(*) FROM typedbus_delivery d WHERE d.state <> 'dead' AND NOT EXISTS ("
            "SELECT 1 FROM typedbus_delivery h WHERE h.handler = d.handler AND h.line = d.line"
            " AND h.state = 'dead' AND h.id < d.id)"
        )

    def _count(self, table: str) -> int:
        return self._value(f"SELECT count(*) FROM {table}")

    def _value(self, statement: str) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(text(statement)).scalar_one())
