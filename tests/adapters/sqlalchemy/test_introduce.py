"""introduce: what it takes, and whose transactions are known after it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session, async_sessionmaker
from sqlalchemy.orm import Session, scoped_session, sessionmaker

from tests.adapters.sqlalchemy.shop import OrderPlaced, Shop, async_engine_of
from typedbus.adapters.sqlalchemy import introduce, within
from typedbus.core.transactions import transactions


def waits(shop: Shop, session: Session) -> bool:
    """Say whether an event that is published in a transaction of *session* waits for its end."""
    before = len(shop.log)
    with session.begin():
        shop.bus.publish(OrderPlaced(order_id=1))
        waited = len(shop.log) == before
    assert len(shop.log) == before + 1
    return waited


@pytest.fixture
def listening(sqlite_shop: Shop) -> Shop:
    """A shop whose commits are noted."""
    sqlite_shop.note_commits()
    return sqlite_shop


class OwnSession(Session):
    pass


Make = Callable[[Shop], tuple[Any, Callable[[], Session]]]


def of_sessionmaker(shop: Shop) -> tuple[Any, Callable[[], Session]]:
    """Return a sessionmaker, and what makes a session of it."""
    maker = sessionmaker(shop.engine)
    return maker, maker


def of_scoped_session(shop: Shop) -> tuple[Any, Callable[[], Session]]:
    """Return a scoped session, and what gives its session."""
    scoped = scoped_session(sessionmaker(shop.engine))
    return scoped, scoped


def of_scoped_class(shop: Shop) -> tuple[Any, Callable[[], Session]]:
    """Return a scoped session of a class."""

    class Bound(Session):
        def __init__(self, **options: Any) -> None:
            super().__init__(shop.engine, **options)

    # SQLAlchemy takes a class there too; its types know makers alone.
    scoped: scoped_session[Bound] = scoped_session(Bound)  # type: ignore[arg-type]
    return scoped, scoped


def of_class(shop: Shop) -> tuple[Any, Callable[[], Session]]:
    """Return a class of sessions, and what makes one of a subclass."""

    class Mine(Session):
        pass

    return Mine, sessionmaker(shop.engine, class_=Mine)


def of_session(shop: Shop) -> tuple[Any, Callable[[], Session]]:
    """Return one session."""
    session = Session(shop.engine)
    return session, lambda: session


KINDS = [of_sessionmaker, of_scoped_session, of_scoped_class, of_class, of_session]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("times", [1, 2])
def test_transactions_of_what_is_introduced_are_known(
    listening: Shop, make: Make, times: int
) -> None:
    """It comes back as it is; introducing it again changes nothing."""
    target, session = make(listening)

    introduced = [introduce(target) for _ in range(times)]

    assert introduced == [target] * times
    with session() as opened:
        assert waits(listening, opened)


def test_transactions_of_others_are_not_known(listening: Shop) -> None:
    """Neither of another maker, nor of the class that both make sessions of."""
    other = sessionmaker(listening.engine)

    introduce(sessionmaker(listening.engine))

    with other() as session, Session(listening.engine) as plain:
        assert not waits(listening, session)
        assert not waits(listening, plain)


def test_a_session_that_is_known_twice_is_told_once(listening: Shop) -> None:
    """Whichever of it, its maker and its class came first; savepoints too."""

    class Mine(Session):
        pass

    maker = sessionmaker(listening.engine, class_=Mine)
    with maker() as session:
        introduce(session)
        introduce(maker)
        introduce(Mine)

        within(session, listening.bus).publish(OrderPlaced(order_id=1))
        with session.begin(), session.begin_nested():
            listening.bus.publish(OrderPlaced(order_id=2))
            assert listening.log == []

    assert listening.log == ["committed 1", "committed 2"]


def test_a_session_is_known_in_the_middle_of_its_transaction(listening: Shop) -> None:
    """With the savepoints that are open."""
    with Session(listening.engine) as session, session.begin():
        outer = session.begin_nested()
        session.begin_nested()
        introduce(session)
        listening.bus.publish(OrderPlaced(order_id=1))
        outer.rollback()
        listening.bus.publish(OrderPlaced(order_id=2))
        listening.log.append("published")

    assert listening.log == ["published", "committed 2"]


def test_what_another_listener_raises_loses_nothing(listening: Shop) -> None:
    """The transaction is committed all the same."""
    from sqlalchemy import event

    maker = sessionmaker(listening.engine)

    @event.listens_for(maker, "after_commit")
    def fail(session: Session) -> None:
        raise RuntimeError

    introduce(maker)

    with maker() as session:
        session.begin()
        listening.bus.publish(OrderPlaced(order_id=1))
        with pytest.raises(RuntimeError):
            session.commit()

    assert listening.log == ["committed 1"]


class OwnAsyncSession(AsyncSession):
    pass


def async_targets(engine: Any) -> Iterator[tuple[Any, Callable[[], Any]]]:
    """Return what can be introduced for async sessions, and what makes a session of it."""
    maker = async_sessionmaker(engine)
    yield maker, maker
    scoped = async_scoped_session(async_sessionmaker(engine), scopefunc=lambda: 1)
    yield scoped, scoped
    yield OwnAsyncSession, async_sessionmaker(engine, class_=OwnAsyncSession)
    session = AsyncSession(engine)
    yield session, lambda: session
    with_class = async_sessionmaker(engine, sync_session_class=OwnSession)
    yield with_class, with_class


@pytest.mark.anyio
@pytest.mark.parametrize("number", range(5), ids=["maker", "scope", "class", "one", "own class"])
async def test_async_transactions_of_what_is_introduced_are_known(
    sqlite_async_shop: Shop, number: int
) -> None:
    """Introduced twice, they are told once; nobody else's are known."""
    shop = sqlite_async_shop
    shop.note_commits()
    async with async_engine_of(shop.database.async_url) as engine:
        target, make = list(async_targets(engine))[number]

        assert introduce(introduce(target)) is target

        async with make() as session, session.begin():
            shop.bus.publish(OrderPlaced(order_id=1))
            shop.log.append("published")

        with Session(shop.engine) as plain, OwnSession(shop.engine) as own:
            for session in (plain, own):
                session.begin()
                assert transactions.current() is None

    assert shop.log == ["published", "committed 1"]


@pytest.mark.anyio
async def test_a_maker_of_async_sessions_keeps_the_class_that_it_was_given(
    sqlite_async_shop: Shop,
) -> None:
    """What it has instead is a subclass of it."""
    async with async_engine_of(sqlite_async_shop.database.async_url) as engine:
        maker = introduce(async_sessionmaker(engine, sync_session_class=OwnSession))

        async with maker() as session:
            assert isinstance(session.sync_session, OwnSession)
            assert type(session.sync_session) is not OwnSession


def make_session(**options: Any) -> Session:
    """Make a session, in the way of a class."""
    return Session(**options)


# SQLAlchemy takes a function there too; its types know makers alone.
OF_A_FUNCTION: scoped_session[Session] = scoped_session(make_session)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "telling"),
    [
        pytest.param("Sessions", "'Sessions'", id="something else"),
        pytest.param(
            async_sessionmaker(sync_session_class=make_session), "make_session", id="by a function"
        ),
        pytest.param(OF_A_FUNCTION, "make_session", id="scope of a function"),
    ],
)
def test_what_has_no_sessions_of_a_class_is_refused(target: Any, telling: str) -> None:
    """The message says what to pass."""
    with pytest.raises(TypeError, match=telling) as caught:
        introduce(target)

    assert "pass" in str(caught.value)


def test_what_goes_to_another_process_waits_for_the_commit_too(sqlite_shop: Shop) -> None:
    """The other adapters find the transaction that is open here."""
    found = list[bool]()
    with sqlite_shop.sessions() as session:
        found.append(transactions.current() is not None)
        session.begin()
        found.append(transactions.current() is not None)
        session.commit()
        found.append(transactions.current() is not None)

    assert found == [False, True, False]
