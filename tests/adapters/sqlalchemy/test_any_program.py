"""Whatever a program does with its session: it delivers what a tiny model says, in that order."""

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import StaticPool
from sqlalchemy.orm import Session, sessionmaker

from tests.adapters.sqlalchemy.shop import OrderPlaced, engine_of
from typedbus import Bus
from typedbus.adapters.sqlalchemy import after_commit, after_rollback, introduce, within

Step: TypeAlias = Literal[
    "publish", "publish within", "savepoint", "release", "undo", "commit", "rollback", "close"
]
STEPS: list[Step] = [
    "publish",
    "publish within",
    "savepoint",
    "release",
    "undo",
    "commit",
    "rollback",
    "close",
]
Told: TypeAlias = "tuple[str, int]"


class Model:
    """What should be delivered: levels of events, each with how it is to end."""

    def __init__(self) -> None:
        self.told = list[Told]()
        self.early = list[int]()
        self.levels = list[list[Told]]()

    def publish(self, number: int) -> None:
        """Publish in the innermost level; without one, a handler for commits runs at once."""
        if not self.levels:
            self.told.append(("committed", number))
            return
        self.levels[-1].append(("open", number))

    def publish_within(self, number: int) -> None:
        """Publish in the innermost level, or for the next transaction."""
        if self.levels:
            self.publish(number)
        else:
            self.early.append(number)

    def begin(self) -> None:
        """Begin the outermost level, if it has not begun."""
        if not self.levels:
            self.levels.append([("open", number) for number in self.early])
            self.early.clear()

    def end_savepoint(self, *, good: bool) -> None:
        """Join the level around, as it is or as rolled back."""
        inner = self.levels.pop()
        if not good:
            inner = [("rolled back", number) for how, number in inner]
        self.levels[-1].extend(inner)

    def end(self, *, good: bool) -> None:
        """End the outermost level, with those inside."""
        while len(self.levels) > 1:
            self.end_savepoint(good=good)
        for how, number in self.levels.pop():
            ended = "committed" if good else "rolled back"
            self.told.append((ended if how == "open" else how, number))


@pytest.fixture(scope="module")
def sessions() -> Iterator[sessionmaker[Session]]:
    """Sessions of an SQLite in memory."""
    engine = engine_of("sqlite://", poolclass=StaticPool)
    yield introduce(sessionmaker(engine))
    engine.dispose()


@given(program=st.lists(st.sampled_from(STEPS), max_size=30))
def test_what_is_delivered_is_what_a_model_says(
    sessions: sessionmaker[Session], program: Sequence[Step]
) -> None:
    """In the order of publishing, once each, at the end of the outermost transaction."""
    bus, told, model = Bus(), list[Told](), Model()
    bus.subscribe(OrderPlaced, after_commit(lambda e: told.append(("committed", e.order_id))))
    bus.subscribe(OrderPlaced, after_rollback(lambda e: told.append(("rolled back", e.order_id))))

    with sessions() as session:
        for number, step in enumerate(program):
            take(step, number, session, bus, model)
            assert told == model.told
        session.close()
    if model.levels:
        model.end(good=False)

    assert told == model.told


def take(step: Step, number: int, session: Session, bus: Bus, model: Model) -> None:
    """Do *step* with the session, and with the model; what has nothing to end does nothing."""
    savepoint, transaction = session.get_nested_transaction(), session.get_transaction()
    match step:
        case "publish":
            bus.publish(OrderPlaced(order_id=number))
            model.publish(number)
        case "publish within":
            within(session, bus).publish(OrderPlaced(order_id=number))
            model.publish_within(number)
        case "savepoint":
            session.begin_nested()
            model.begin()
            model.levels.append([])
        case "release" if savepoint:
            savepoint.commit()
            model.end_savepoint(good=True)
        case "undo" if savepoint:
            savepoint.rollback()
            model.end_savepoint(good=False)
        case "commit":
            session.commit()
            model.begin()
            model.end(good=True)
        case "rollback" if transaction:
            session.rollback()
            model.end(good=False)
        case "close":
            session.close()
            model.early.clear()
            if transaction:
                model.end(good=False)
        case _:
            pass
