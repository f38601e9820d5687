"""within: publish in the transaction of a session that is given by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar, overload

from sqlalchemy.orm import Session, scoped_session

from typedbus.adapters.sqlalchemy.ambient import Holding, enter, leave
from typedbus.adapters.sqlalchemy.deliveries import make_known
from typedbus.adapters.sqlalchemy.early import Early
from typedbus.adapters.sqlalchemy.hooks import publications_of
from typedbus.adapters.sqlalchemy.introducing import follow_by_name
from typedbus.adapters.sqlalchemy.releasing import is_releasing
from typedbus.core.async_bus import AsyncBus
from typedbus.core.bus import Bus
from typedbus.core.flows import Flow, flow_here
from typedbus.core.handlers import AsyncPublisher, Publisher

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session

B = TypeVar("B")
# Any: scopes of whatever subclass of Session, which are no subclasses of one another.
AnySession: TypeAlias = "Session | AsyncSession | scoped_session[Any] | async_scoped_session[Any]"


@overload
def within(session: AnySession, bus: Bus[B], /) -> Publisher[B]: ...
@overload
def within(session: AnySession, bus: AsyncBus[B], /) -> AsyncPublisher[B]: ...
def within(session: AnySession, bus: Bus[B] | AsyncBus[B], /) -> Publisher[B] | AsyncPublisher[B]:
    """Return a publisher whose events belong to *session*'s transaction, whatever else is open.

    It publishes on *bus*; `after_commit` and `after_rollback` handlers, and what goes to other
    processes, wait for *session*, which nobody need have introduced. What is published before
    its transaction began waits for its next one. If the session is closed first, or loses all its
    objects by `expunge_all()`, that is dropped, and a warning on the logger "typedbus" names it.
    """
    make_known()
    if isinstance(bus, AsyncBus):
        return _AsyncWithin(session, bus)
    return _Within(session, bus)


class _Within(Generic[B]):
    def __init__(self, session: AnySession, bus: Bus[B]) -> None:
        self._session = session
        self._bus = bus

    def publish(self, event: B, /) -> None:
        """Deliver *event* to everyone who subscribed to its class."""
        with _publishing_in(self._session):
            self._bus.publish(event)


class _AsyncWithin(Generic[B]):
    def __init__(self, session: AnySession, bus: AsyncBus[B]) -> None:
        self._session = session
        self._bus = bus

    async def publish(self, event: B, /) -> None:
        """Deliver *event* to everyone who subscribed to its class."""
        with _publishing_in(self._session):
            await self._bus.publish(event)


class _Named:
    """A session that events go to while one `publish` runs (`Place`)."""

    __slots__ = ("flow", "session")

    def __init__(self, session: Session) -> None:
        self.flow: Flow = flow_here()
        self.session: Session | None = session

    def holder(self) -> Holding | None:
        """Return what holds jobs until the transaction of the session ends."""
        if self.session is None:
            return None
        publications = publications_of(self.session)
        if publications is None and not is_releasing(self.session):
            return Early(self.session)
        return publications


@contextmanager
def _publishing_in(session: AnySession) -> Iterator[None]:
    sync_session = _sync(session)
    follow_by_name(sync_session)
    place = _Named(sync_session)
    enter(place)
    try:
        yield
    finally:
        leave(place)
        place.session = None  # handlers that run later have inherited it, and it is over


def _sync(session: AnySession) -> Session:
    """Return the session behind *session*; of a scoped one, that of this thread or task."""
    if isinstance(session, Session):
        return session
    if isinstance(session, scoped_session):
        scoped: Session = session()
        return scoped
    # It needs greenlet, which is there where an AsyncSession is.
    from sqlalchemy.ext.asyncio import AsyncSession

    asynchronous: AsyncSession = session if isinstance(session, AsyncSession) else session()
    return asynchronous.sync_session
