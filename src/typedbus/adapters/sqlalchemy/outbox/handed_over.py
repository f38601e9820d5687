"""Deliveries that were handed over to another process, as that process finds and leaves them."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, select, update

from typedbus.adapters.sqlalchemy.outbox.clock import as_column, database_now, in_utc
from typedbus.adapters.sqlalchemy.outbox.concluding import conclude
from typedbus.adapters.sqlalchemy.outbox.dialects import dialect_of
from typedbus.adapters.sqlalchemy.outbox.settling import Settling
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.outbox.attempts import Attempt
from typedbus.outbox.handlers import DurableHandlers, Options
from typedbus.outbox.outcomes import Fate, Outcome
from typedbus.outbox.records import Lease, Put, Settlement, State, Stored, handlers_owed

_MOST_CRASHES: Final = 3
"""How often a delivery may bring down the process that it was handed to."""
logger: Final = logging.getLogger("typedbus")


class HandedOver(NamedTuple):
    """A delivery that this process has taken on."""

    attempt: Attempt
    options: Options
    crashes: int
    """How often a process had died with it before."""

    def __str__(self) -> str:
        stored = self.attempt.stored
        return f"{self.attempt.handler} on event {stored.id} ({stored.type})"


class HandedOvers:
    """The deliveries of one handler, in the tables of its outbox."""

    def __init__(
        self, tables: Tables, handlers: DurableHandlers, name: str, options: Options
    ) -> None:
        self.tables: Final = tables
        self._handlers: Final = handlers
        self._names: Final = (name, *options.aliases)
        self._options: Final = options

    def begin(self, connection: Connection, event_id: str) -> HandedOver | None:
        """Take the delivery on; return None if the handler is done with it, or is to do it later.

        It is counted as if this process died with it, until it is ended.
        """
        event, delivery = self.tables.event.c, self.tables.delivery.c
        row = connection.execute(
            select(
                *(event[name] for name in Stored._fields),
                delivery.handler,
                delivery.line,
                delivery.state,
                delivery.attempts,
                delivery.crashes,
                database_now(),
            )
            .join_from(self.tables.event, self.tables.delivery, event.id == delivery.id)
            .where(event.event_id == event_id, delivery.handler.in_(self._names))
            .with_for_update(of=self.tables.delivery)
        ).first()
        if row is None or row.state != State.SENT.value:
            logger.info("%s: %s is done, or not to be done now", self._names[0], event_id)
            return None
        *stored, handler, line, _, attempts, crashes, now = row
        found = HandedOver(
            self._attempt(Stored(*stored), handler, line, attempts + 1), self._options, crashes
        )
        if crashes >= _MOST_CRASHES:
            died = f"the process that it was handed to died while it ran, {crashes} times"
            self.failed(connection, found, Outcome(Fate.DEAD, died, called=False))
            return None
        connection.execute(
            update(self.tables.delivery)
            .where(delivery.id == found.attempt.stored.id, delivery.handler == handler)
            .values(
                crashes=crashes + 1,
                # Until now it may have waited for its turn, which says nothing.
                due_at=as_column(connection, in_utc(now) + self._options.resend_after),
            )
        )
        return found

    def done(self, connection: Connection, found: HandedOver) -> None:
        """Write down that the handler is done."""
        conclude(connection, self.tables, found.attempt)

    def failed(self, connection: Connection, found: HandedOver, outcome: Outcome) -> None:
        """Write down that the handler was not done, and what is to become of it."""
        attempt = found.attempt
        due = self._due(attempt, outcome)
        dead = due is None
        on_dead = self._options.on_dead
        line = None if dead and on_dead == "skip" else attempt.line
        put = Put(
            attempt.handler,
            attempt.stored.id,
            line,
            State.DEAD if dead else State.WAITING,
            attempt.number - (not _counts(outcome)),
            found.crashes,
            timedelta(0) if due is None else due,
            outcome.error,
            outcome.traceback,
        )
        parked = [(attempt.handler, line)] if dead and on_dead == "park" and line else []
        Settling(dialect_of(self.tables, connection.dialect)).settle(
            connection, self._lease(connection), Settlement(puts=[put], parked=parked)
        )

    def _attempt(self, stored: Stored, handler: str, line: str | None, number: int) -> Attempt:
        return Attempt(
            stored,
            handler,
            line=line,
            number=number,
            late=True,
            alone=len(handlers_owed(stored)) == 1,
            lease=None,
            among=self._handlers,
            timeout=self._options.timeout,
        )

    def _due(self, attempt: Attempt, outcome: Outcome) -> timedelta | datetime | None:
        """Return when to try again; None to give up."""
        if outcome.fate is Fate.DEAD:
            return None
        if outcome.until is not None:
            return outcome.until
        wait = self._options.retry.wait_after(attempt.number)
        return wait if wait is None or outcome.after is None else outcome.after

    def _lease(self, connection: Connection) -> Lease:
        """Return the lease as it stands: a process that was handed something holds none."""
        lease = self.tables.lease.c
        owner, epoch, clean = connection.execute(
            select(lease.owner, lease.epoch, lease.clean)
        ).one()
        return Lease(owner, epoch, clean)


def _counts(outcome: Outcome) -> bool:
    """Say whether it was a failed try."""
    return outcome.called and outcome.fate is not Fate.NOT_YET
