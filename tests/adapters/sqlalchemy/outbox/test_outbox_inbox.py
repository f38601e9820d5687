"""The inbox: a message that comes from elsewhere is handled in one transaction, and never again."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.adapters.sqlalchemy.outbox.kiosk import Kiosk, Sale, kiosk_on
from tests.adapters.sqlalchemy.shop import DeclinedError, declining, engine_of
from tests.servers.database import Database
from typedbus.core.errors import OutboxError


@pytest.fixture
def kiosk(database: Database) -> Iterator[Kiosk]:
    """A kiosk on each database."""
    with kiosk_on(database) as found:
        yield found


def test_a_message_is_seen_once(kiosk: Kiosk) -> None:
    """Each consumer for itself; an id need not be a UUID."""
    mail, stock = kiosk.outbox.inbox("mail"), kiosk.outbox.inbox("stock")
    message = uuid4()
    seen = list[bool]()

    for _ in range(2):
        with kiosk.sessions.begin() as session:
            seen += [
                mail.first_time(session, message),
                mail.first_time(session, str(message)),
                stock.first_time(session, message),
                stock.first_time(session, "order 7"),
            ]

    assert seen == [True, False, True, True, False, False, False, False]


def test_what_was_rolled_back_was_not_seen(kiosk: Kiosk) -> None:
    """It is noted in the transaction of the caller, which goes on if it was seen before."""
    inbox = kiosk.outbox.inbox("mail")

    with declining(), kiosk.sessions.begin() as session:
        assert inbox.first_time(session, "a")
        session.add(Sale(1))
        raise DeclinedError
    for _ in range(2):
        with kiosk.sessions.begin() as session:
            if inbox.first_time(session, "a"):
                session.add(Sale(2))

    assert kiosk.sales() == [2]


def test_two_at_a_time_see_it_once(kiosk: Kiosk) -> None:
    """The second waits for the first to end, and goes by how it ended."""
    if kiosk.engine.dialect.name == "sqlite":
        pytest.skip("it has one writer at a time anyway")
    inbox = kiosk.outbox.inbox("mail")
    seen = list[bool]()

    def second() -> None:
        with kiosk.sessions.begin() as session:
            seen.append(inbox.first_time(session, "a"))

    with kiosk.sessions.begin() as session:
        seen.append(inbox.first_time(session, "a"))
        thread = Thread(target=second)
        thread.start()
    thread.join()

    assert seen == [True, False]


def test_coroutines_have_it_too(kiosk: Kiosk) -> None:
    """In the transaction of their AsyncSession."""
    inbox = kiosk.outbox.inbox("mail")

    async def run() -> list[bool]:
        async with kiosk.async_sessions() as sessions, sessions.begin() as session:
            return [await inbox.first_time_async(session, "a") for _ in range(2)]

    assert asyncio.run(run()) == [True, False]


def test_a_session_of_another_database_is_refused(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """The message names both databases."""
    engine = engine_of(f"sqlite:///{tmp_path / 'other.sqlite'}")
    with kiosk_on(sqlite_database) as kiosk, sessionmaker(engine, class_=Session)() as session:
        inbox = kiosk.outbox.inbox("mail")

        with pytest.raises(OutboxError) as refused:
            inbox.first_time(session, "a")
    engine.dispose()

    assert "other.sqlite" in refused.value.problem
    assert "shop.sqlite" in refused.value.problem


def test_a_consumer_has_a_name(sqlite_database: Database) -> None:
    """One that the tables can hold."""
    with kiosk_on(sqlite_database) as kiosk, pytest.raises(ValueError, match="has a name"):
        kiosk.outbox.inbox("")
