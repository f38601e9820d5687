"""Whether the rows of an outbox fit together, and nobody has forgotten them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Select, and_, exists, func, select

from typedbus.adapters.sqlalchemy.outbox.operating_access import Turn, moment
from typedbus.adapters.sqlalchemy.outbox.verifying_limits import Limits
from typedbus.outbox.records import State
from typedbus.outbox.reports import Finding, Severity

_SHOWN: Final = 3
"""How many of the rows a finding names."""


def _each_has_its_event(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """Whatever is owed has its event."""
    event = turn.tables.event.c
    for table in (turn.tables.pending, turn.tables.delivery):
        orphans = select(table.c.id).where(~exists().where(event.id == table.c.id)).distinct()
        number, named = _counted(turn, orphans, table.c.id)
        if number and table is turn.tables.pending:
            yield Finding(
                Severity.BROKEN,
                f"{number} rows of {table.name} have no event (ids {named})",
                f"bring the events back from a backup, or delete the rows from {table.name}",
            )
        elif number:
            yield Finding(
                Severity.BROKEN,
                f"{number} events that deliveries are about are gone (ids {named}): they were "
                f"deleted by hand",
                "bring them back from a backup, or `typedbus outbox discard` the deliveries",
            )


def _lines_go_on(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """The first of a line is not held."""
    delivery = turn.tables.delivery.c
    earlier = turn.tables.delivery.alias().c
    before = exists().where(
        earlier.handler == delivery.handler, earlier.line == delivery.line, earlier.id < delivery.id
    )
    stuck = select(delivery.id).where(delivery.state == State.HELD.value, ~before)
    number, named = _counted(turn, stuck, delivery.id)
    if number:
        yield Finding(
            Severity.BROKEN,
            f"{number} lines stand still: the first of them is held (ids {named})",
            "`typedbus outbox retry --state held` lets them go on; and tell us, for it is a bug",
        )


def _counted(turn: Turn, rows: Select[Any], number_of: Any) -> tuple[int, str]:
    """Return how many *rows* there are, and the first of them."""
    number = turn.connection.scalar(select(func.count()).select_from(rows.subquery())) or 0
    first = turn.connection.scalars(rows.order_by(number_of).limit(_SHOWN)).all() if number else []
    return number, ", ".join(map(str, first)) + (", …" if number > _SHOWN else "")


def _nobody_is_forgotten(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """What is dead or unknown is decided about."""
    delivery = turn.tables.delivery.c
    before = turn.stored(turn.now - limits.undecided_for)
    for state, remedy in (
        (State.DEAD, "`typedbus outbox retry` or `discard` them"),
        (State.UNKNOWN, "start a relay whose code knows them, or `discard --state unknown`"),
    ):
        old = select(delivery.id).where(
            and_(delivery.state == state.value, delivery.updated_at < before)
        )
        number, named = _counted(turn, old, delivery.id)
        if number:
            yield Finding(
                Severity.WARNING,
                f"{number} deliveries are {state.value} for more than "
                f"{limits.undecided_for.days} days (ids {named})",
                remedy,
            )


def _somebody_works(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """A relay works."""
    lease, relay = turn.tables.lease.c, turn.tables.relay.c
    until = turn.connection.scalar(
        select(relay.expires_at).join(turn.tables.lease, lease.owner == relay.id)
    )
    if until is not None and moment(until) > turn.now:
        return
    oldest = turn.connection.scalar(select(func.min(turn.tables.pending.c.id)))
    if oldest is None:
        return
    event = turn.tables.event.c
    recorded_at = turn.connection.scalar(select(event.recorded_at).where(event.id == oldest))
    if recorded_at is not None and turn.now - moment(recorded_at) > limits.silent_for:
        problem = "events wait, and no relay works"
        yield Finding(Severity.WARNING, problem, "start one with `typedbus relay`")


def _clocks_agree(turn: Turn, limits: Limits) -> Iterator[Finding]:
    """The clocks of the database and of this machine agree."""
    sent = limits.clock()
    there = turn.now
    received = limits.clock()
    off = max(sent - there, there - received)
    if off > limits.apart:
        yield Finding(
            Severity.WARNING,
            f"the clock of the database and that of this machine are {off} apart: NotYet(until) "
            f"goes by the former",
            "let both keep time by NTP",
        )


CHECKS: Final = (
    _each_has_its_event,
    _lines_go_on,
    _nobody_is_forgotten,
    _somebody_works,
    _clocks_agree,
)
