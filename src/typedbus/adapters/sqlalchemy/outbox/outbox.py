"""What users hold: the outbox of one database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, overload
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, MetaData
from sqlalchemy.orm import Session, sessionmaker
from typing_extensions import TypeVar

from typedbus.adapters.sqlalchemy.introducing import Introducible
from typedbus.adapters.sqlalchemy.outbox.databases import AnyMaker, Database
from typedbus.adapters.sqlalchemy.outbox.doorbell import Bells
from typedbus.adapters.sqlalchemy.outbox.durably import Durably
from typedbus.adapters.sqlalchemy.outbox.inbox import Inbox
from typedbus.adapters.sqlalchemy.outbox.notifying import Notifier
from typedbus.adapters.sqlalchemy.outbox.options import options_of
from typedbus.adapters.sqlalchemy.outbox.publishing import Recorder
from typedbus.adapters.sqlalchemy.outbox.side import channel_of
from typedbus.adapters.sqlalchemy.outbox.tables import Tables
from typedbus.adapters.sqlalchemy.outbox.units import Units
from typedbus.core.deliveries import Delivery, DeliveryFor
from typedbus.core.retries import Backoff
from typedbus.outbox.handlers import Carrier, DurableHandlers, OnDead
from typedbus.outbox.settings import RelaySettings

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

    from typedbus.outbox.operators import Operators
    from typedbus.outbox.relay import Relay
    from typedbus.outbox.running import Workplace

E = TypeVar("E")
M = TypeVar("M", bound="Introducible", default=Any)

_A_MINUTE: Final = timedelta(minutes=1)
_FIVE_MINUTES: Final = timedelta(minutes=5)
_USUAL: Final = RelaySettings()


class Outbox(Generic[M]):
    """Stores events in the transaction that publishes them, until every handler is done.

    Args:
        database: An engine or a maker of sessions, of SQLAlchemy's sync or async kind. A maker
            may be given its engine later.
        metadata: Where its tables go, so that they are made with yours.
        prefix: What the names of its tables begin with.
        schema: The schema of its tables.
        name: What logs and messages call it.
        joins: More makers of sessions of this database, which durable handlers may ask for too.
    """

    @overload
    def __init__(
        self: Outbox[sessionmaker[Session]],
        database: Engine,
        metadata: MetaData,
        *,
        prefix: str = ...,
        schema: str | None = ...,
        name: str | None = ...,
        joins: Sequence[AnyMaker] = ...,
    ) -> None: ...
    @overload
    def __init__(
        self: Outbox[async_sessionmaker[AsyncSession]],
        database: AsyncEngine,
        metadata: MetaData,
        *,
        prefix: str = ...,
        schema: str | None = ...,
        name: str | None = ...,
        joins: Sequence[AnyMaker] = ...,
    ) -> None: ...
    @overload
    def __init__(
        self,
        database: M,
        metadata: MetaData,
        *,
        prefix: str = ...,
        schema: str | None = ...,
        name: str | None = ...,
        joins: Sequence[AnyMaker] = ...,
    ) -> None: ...
    def __init__(
        self,
        database: object,
        metadata: MetaData,
        *,
        prefix: str = "typedbus_",
        schema: str | None = None,
        name: str | None = None,
        joins: Sequence[AnyMaker] = (),
    ) -> None:
        self.name: Final = name or "outbox"
        """What logs and messages call it."""
        self.tables: Final[Tables] = Tables(metadata, prefix=prefix, schema=schema)
        """Its tables, in the metadata that it was made with."""
        self._database: Final = Database(database, joins, self.tables.event)
        self.handlers: Final = DurableHandlers()
        """The durable handlers that were subscribed, by name."""
        self._bells: Final = Bells()
        self._notifiers: Final = WeakKeyDictionary[Engine, Notifier]()
        self._recorder = Recorder(self.name, self._database, self.tables, self._ring)
        self._units = Units(self._database, self.tables, self.handlers)

    @property
    def sessions(self) -> M:
        """The maker of sessions that it was made with, or of those of its engine."""
        sessions: M = self._database.sessions  # type: ignore[assignment]  # it is what was given
        return sessions

    @property
    def engine(self) -> Engine | AsyncEngine:
        """Its engine; raises `OutboxError` while the maker of its sessions has none."""
        return self._database.bind

    @overload
    def durable(
        self,
        name: str,
        /,
        *,
        key: None = ...,
        retry: Backoff | None = ...,
        on_dead: OnDead | None = ...,
        give_up_on: tuple[type[Exception], ...] = ...,
        timeout: timedelta | None = ...,
        aliases: Sequence[str] = ...,
        to: Carrier | None = ...,
        resend_after: timedelta = ...,
    ) -> Delivery: ...
    @overload
    def durable(
        self,
        name: str,
        /,
        *,
        key: Callable[[E], object],
        retry: Backoff | None = ...,
        on_dead: OnDead | None = ...,
        give_up_on: tuple[type[Exception], ...] = ...,
        timeout: timedelta | None = ...,
        aliases: Sequence[str] = ...,
        to: Carrier | None = ...,
        resend_after: timedelta = ...,
    ) -> DeliveryFor[E]: ...
    def durable(
        self,
        name: str,
        /,
        *,
        key: Callable[[Any], object] | None = None,
        retry: Backoff | None = None,
        on_dead: OnDead | None = None,
        give_up_on: tuple[type[Exception], ...] = (),
        timeout: timedelta | None = _A_MINUTE,
        aliases: Sequence[str] = (),
        to: Carrier | None = None,
        resend_after: timedelta = _FIVE_MINUTES,
    ) -> Delivery | DeliveryFor[Any]:
        """Return the delivery of a handler that the relay calls: `@bus.on(..., via=...)`.

        What is published is stored in the transaction that is open; the handler is called at
        least once for it, and what it writes by `transaction(Sessions)` is kept exactly once.

        Args:
            name: What it is called in the tables. It outlives renames of the function.
            key: What orders its events: those of one key are handled one after the other.
            retry: How often, and how soon, it is tried again.
            on_dead: What later events of a key do whose first is dead: "block" waits for an
                operator, "skip" goes on, "park" makes them dead as well. "block" where there is
                a key, else "skip".
            give_up_on: What it raises when trying again cannot help.
            timeout: How long a call may take; None for as long as it likes.
            aliases: Former names, under which events may still be owed.
            to: What brings its events to another process: a `CeleryDelivery`.
            resend_after: When an event that was handed over, and is not done, is sent again.
        """
        options = options_of(
            name,
            key=key,
            retry=retry,
            on_dead=on_dead,
            give_up_on=give_up_on,
            timeout=timeout,
            aliases=aliases,
            to=to,
            resend_after=resend_after,
        )
        if to is None:
            return Durably(self._recorder, self.handlers, name, options)
        from typedbus.adapters.sqlalchemy.outbox.handed_over import HandedOvers
        from typedbus.adapters.sqlalchemy.outbox.tracked import Tracked

        theirs = HandedOvers(self.tables, self.handlers, name, options)
        carried = partial(Tracked, self._database, theirs, self._ring)
        return Durably(self._recorder, self.handlers, name, options, carried)

    def create_tables(self) -> None:
        """Make the tables that are not there yet; for programs without migrations.

        On an AsyncEngine: `await connection.run_sync(metadata.create_all)`.
        """
        from typedbus.adapters.sqlalchemy.outbox.ddl import create

        create(self._database.engine, self.tables)

    def relay(self, settings: RelaySettings = _USUAL, /) -> Relay:
        """Return a relay of this outbox; it does nothing before it is run."""
        from typedbus.outbox.relay import Relay

        return Relay(self._workplace(), settings)

    def relaying(self, settings: RelaySettings = _USUAL, /) -> AbstractAsyncContextManager[None]:
        """Run a relay beside an `async with` block, such as the lifespan of an application.

        At the end it drains. If it fails, that is logged and it begins again, with backoff.
        """
        from typedbus.adapters.sqlalchemy.outbox.relaying import relaying

        return relaying(self.name, lambda: self.relay(settings))

    def run_relay(self, settings: RelaySettings = _USUAL, /) -> Sequence[str]:
        """Run a relay until SIGINT or SIGTERM; return what it left. For scripts."""
        return self._run(settings, once=False)

    def drain(self, settings: RelaySettings = _USUAL, /) -> Sequence[str]:
        """Run a relay until nothing is due any more; return what it left. For tests and scripts."""
        return self._run(settings, once=True)

    async def drain_async(self, settings: RelaySettings = _USUAL, /) -> Sequence[str]:
        """Do as `drain`, in the event loop that runs here."""
        return await self.relay(settings).run(once=True)

    def operators(self) -> Operators:
        """Return what operators may ask and decide."""
        from typedbus.adapters.sqlalchemy.outbox.operating import TableOperators

        return TableOperators(self._database.bind, self.tables, self.handlers, self.name)

    def inbox(self, consumer: str, /) -> Inbox:
        """Return the inbox of a consumer of your own: `if inbox.first_time(session, event_id):`.

        *consumer* is a name that no durable handler has.
        """
        return Inbox(consumer, self._database, self.tables)

    def __repr__(self) -> str:
        return f"<Outbox {self.name!r} of {len(self.handlers.names())} handlers>"

    def _run(self, settings: RelaySettings, *, once: bool) -> Sequence[str]:
        import asyncio

        from typedbus.adapters.sqlalchemy.outbox.relaying import run_until_told

        async def run() -> Sequence[str]:
            try:
                return await run_until_told(self.relay(settings), once=once)
            finally:
                await self._database.forget_connections()

        return asyncio.run(run())

    def _workplace(self) -> Workplace:
        from typedbus.adapters.sqlalchemy.outbox.workplace import AsyncWorkplace, SyncWorkplace

        kind = AsyncWorkplace if self._database.is_async else SyncWorkplace
        return kind(self.name, self.handlers, self._database.engine, self.tables, self._bells)

    def _ring(self) -> None:
        """Tell relays, here and elsewhere, that something was committed."""
        self._bells.ring()
        engine = self._database.engine
        if engine.dialect.name == "postgresql":
            notifier = self._notifiers.get(engine)
            if notifier is None:
                channel = channel_of(self.tables.prefix, self.tables.schema)
                notifier = self._notifiers.setdefault(engine, Notifier(engine, channel))
            notifier.tell()
