"""Whatever a program does with its session: it stores what a tiny model says, in that order."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, event
from sqlalchemy.orm import Session, SessionTransaction

from tests.adapters.sqlalchemy.outbox.kiosk import Kiosk, Sale, Sold, kiosk_on
from tests.servers.database import Database
from typedbus.adapters.sqlalchemy import within

STEPS = [
    "publish",
    "publish within",
    "add",
    "flush",
    "savepoint",
    "release",
    "release outer",
    "undo",
    "commit",
    "commit root",
    "rollback",
    "close",
]


class Model:
    """What should be stored: levels of numbers, of which the outermost is the transaction."""

    def __init__(self) -> None:
        self.stored = list[int]()
        self.early = list[int]()
        self.levels = list[list[int]]()

    def begin(self) -> None:
        """Begin the outermost level, if it has not begun."""
        if not self.levels:
            self.levels.append([*self.early])
            self.early.clear()

    def end_savepoint(self, *, good: bool) -> None:
        """Join the level around, or be dropped."""
        inner = self.levels.pop()
        if good:
            self.levels[-1].extend(inner)

    def end(self, *, good: bool) -> None:
        """End the outermost level, with those inside."""
        while len(self.levels) > 1:
            self.end_savepoint(good=good)
        numbers = self.levels.pop()
        if good:
            self.stored.extend(numbers)


@pytest.fixture(scope="module")
def kiosk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kiosk]:
    """A kiosk on SQLite, at which each flush of a sale publishes too."""
    file: Path = tmp_path_factory.mktemp("any_program") / "kiosk.sqlite"
    with kiosk_on(Database(f"sqlite:///{file}", "", {})) as found:
        found.owe("billing", "mail")

        @event.listens_for(found.sessions, "before_flush")
        def publish(session: Session, *rest: object) -> None:
            found.sell(*sorted(each.id for each in session.new))

        yield found


@given(program=st.lists(st.sampled_from(STEPS), max_size=30))
def test_what_is_stored_is_what_a_model_says(kiosk: Kiosk, program: Sequence[str]) -> None:
    """In the order of publishing, once each, and nothing of what was rolled back."""
    model = Model()
    tables = kiosk.outbox.tables
    with kiosk.engine.begin() as connection:
        for table in (tables.event, tables.pending, Sale.__table__):
            connection.execute(delete(table))  # type: ignore[arg-type]  # a FromClause, says SQLAlchemy

    with kiosk.sessions() as session:
        for number, step in enumerate(program):
            take(step, number, session, kiosk, model)
        session.close()

    assert kiosk.numbers() == model.stored
    assert kiosk.pending() == len(model.stored)
    assert {each.owed_to for each in kiosk.stored()} <= {"billing mail"}


def take(step: str, number: int, session: Session, kiosk: Kiosk, model: Model) -> None:
    """Do *step* with the session, and with the model; what has nothing to end does nothing."""
    savepoint, transaction = session.get_nested_transaction(), session.get_transaction()
    match step:
        case "publish" if transaction:
            kiosk.sell(number)
            model.levels[-1].append(number)
        case "publish within":
            within(session, kiosk.bus).publish(Sold(number=number))
            (model.levels[-1] if transaction else model.early).append(number)
        case "add":
            session.add(Sale(number))
            model.begin()
        case "flush" | "savepoint" | "release" | "release outer" | "commit" | "commit root":
            end(step, session, model, savepoint, transaction)
        case "undo" if savepoint:
            savepoint.rollback()
            model.end_savepoint(good=False)
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


def end(
    step: str,
    session: Session,
    model: Model,
    savepoint: SessionTransaction | None,
    transaction: SessionTransaction | None,
) -> None:
    """Do what flushes: what is new is published by that, in the innermost level."""
    new = sorted(each.id for each in session.new)
    flushed = step in ("flush", "savepoint", "commit") or (
        step == "commit root" and transaction is not None
    )
    if flushed or (step.startswith("release") and savepoint):
        model.begin() if new or step != "flush" else None
        if new:
            model.levels[-1].extend(new)
    match step:
        case "flush":
            session.flush()
        case "savepoint":
            session.begin_nested()
            model.levels.append([])
        case "release" if savepoint:
            savepoint.commit()
            model.end_savepoint(good=True)
        case "release outer" if savepoint:
            outer = savepoint
            ended = 1
            while outer.parent is not None and outer.parent.nested:
                outer = outer.parent
                ended += 1
            outer.commit()
            for _ in range(ended):
                model.end_savepoint(good=True)
        case "commit":
            session.commit()
            model.end(good=True)
        case "commit root" if transaction:
            transaction.commit()
            model.end(good=True)
        case _:
            pass
