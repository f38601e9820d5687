"""A producer: counts keys up, writes orders, and publishes, each in one transaction."""

from __future__ import annotations

import random
import sys
import time
from argparse import ArgumentParser, Namespace
from collections import Counter
from collections.abc import Sequence
from typing import Final

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.orm import Session

from tests.chaos.app import TOLD, Sessions, bus, engine
from tests.chaos.tables import Key, Moved, OrderRow

ROLLED_BACK: Final = 0.1
SAVEPOINTS: Final = 0.1


class ChangedMindError(Exception):
    """The producer rolls back, though it has published."""


class Producer:
    """Makes orders, each with an id of its own that it keeps until it knows what became of it."""

    def __init__(self, options: Namespace) -> None:
        self._random = random.Random(options.seed)
        self._options = options
        self._padding = "x" * options.padding

    def run(self) -> None:
        """Make as many orders as asked for, or until there is a file "stop" in the folder."""
        stop = TOLD.place / "stop"
        number = 0
        while number != self._options.count and not stop.exists():
            number += 1
            if self._options.batch:
                self._orders(f"{TOLD.name}-{number}")
            else:
                self._order(f"{TOLD.name}-{number}")
            if self._options.pause:
                time.sleep(self._options.pause)

    def _orders(self, request_id: str) -> None:
        """Make many orders in one transaction; for those who want a backlog."""
        keys = [self._key() for _ in range(self._options.batch)]
        with Sessions.begin() as session:
            seqs = {}
            for key, count in sorted(Counter(keys).items()):
                session.execute(update(Key).where(Key.name == key).values(seq=Key.seq + count))
                seqs[key] = session.scalars(select(Key.seq).where(Key.name == key)).one() - count
            orders = []
            for number, key in enumerate(keys):
                seqs[key] += 1
                event = Moved(key=key, seq=seqs[key], request_id=f"{request_id}-{number}")
                bus.publish(event)
                order = {"request_id": event.request_id, "key": key, "seq": event.seq}
                orders.append({**order, "handlers": ",".join(TOLD.handlers)})
            session.execute(insert(OrderRow), orders)

    def _order(self, request_id: str) -> None:
        key = self._key()
        is_rolled_back = self._random.random() < ROLLED_BACK
        has_ghost = self._random.random() < SAVEPOINTS
        while True:
            try:
                self._try(request_id, key, is_rolled_back=is_rolled_back, has_ghost=has_ghost)
            except ChangedMindError:
                return
            except IntegrityError:
                # The reply to a COMMIT was lost, and the transaction was not.
                print(f"{request_id} had been committed", flush=True)
                return
            except (OperationalError, InterfaceError) as error:
                print(f"{request_id}: {str(error).splitlines()[0]}", flush=True)
                time.sleep(0.02)
            else:
                return

    def _try(self, request_id: str, key: str, *, is_rolled_back: bool, has_ghost: bool) -> None:
        with Sessions.begin() as session:
            # First what takes the lock of the key: all who move it take turns.
            session.execute(update(Key).where(Key.name == key).values(seq=Key.seq + 1))
            seq = session.scalars(select(Key.seq).where(Key.name == key)).one()
            session.execute(
                insert(OrderRow).values(
                    request_id=request_id, key=key, seq=seq, handlers=",".join(TOLD.handlers)
                )
            )
            if has_ghost:
                self._ghost(session, request_id, key, seq)
            bus.publish(Moved(key=key, seq=seq, request_id=request_id, padding=self._padding))
            if is_rolled_back:
                raise ChangedMindError

    def _ghost(self, session: Session, request_id: str, key: str, seq: int) -> None:
        """Publish what no transaction will commit: its savepoint is rolled back."""
        savepoint = session.begin_nested()
        bus.publish(Moved(key=key, seq=seq, request_id=f"{request_id}-ghost"))
        savepoint.rollback()

    def _key(self) -> str:
        if self._random.random() < self._options.hot:
            return "k0"
        return f"k{self._random.randrange(self._options.first, self._options.keys)}"


def main(arguments: Sequence[str]) -> None:
    """Run a producer."""
    parser = ArgumentParser()
    parser.add_argument("--count", type=int, default=-1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keys", type=int, default=8)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--hot", type=float, default=0.0)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--padding", type=int, default=0)
    Producer(parser.parse_args(arguments)).run()
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1:])
