"""The database of an outbox: what the user gave for it, and which sessions are of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, Table, insert
from sqlalchemy.orm import Session, sessionmaker

from typedbus.adapters.sqlalchemy.introducing import introduce, sync_class_of
from typedbus.core.errors import OutboxError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

AnyMaker: TypeAlias = "sessionmaker[Any] | async_sessionmaker[Any]"  # of any class of sessions


_PORTS: Final = {"postgresql": 5432, "mysql": 3306}


class Database:
    """A database, by its makers of sessions: the first is the outbox's own."""

    def __init__(self, given: object, joins: Iterable[AnyMaker], table: Table) -> None:
        self.sessions: Final = _maker_of(given)
        """The maker whose engine the relay uses."""
        self.makers: Final = (self.sessions, *map(_maker_of, joins))
        """Every maker whose sessions a durable handler may ask for."""
        for maker in self.makers:
            introduce(maker)
        self.is_async: Final = not isinstance(self.sessions, sessionmaker)
        """Whether its engine is used by coroutines."""
        # What a session that has several engines goes by.
        self._clause: Final = insert(table)
        self._known = WeakKeyDictionary[Engine, tuple[Engine, bool]]()

    @property
    def bind(self) -> Engine | AsyncEngine:
        """The engine, of the kind that was given."""
        bind = self.sessions.kw.get("bind")
        if bind is None:
            raise OutboxError(
                "use the outbox",
                f"{self.sessions!r} has no engine yet",
                "call its configure(bind=engine) first, or make the outbox with an engine",
            )
        return _engine_behind(bind)

    @property
    def engine(self) -> Engine:
        """The engine, or the sync one inside of an AsyncEngine."""
        bind = self.bind
        return bind if isinstance(bind, Engine) else bind.sync_engine

    def has(self, maker: AnyMaker) -> bool:
        """Say whether *maker* is one of its makers."""
        return any(each is maker for each in self.makers)

    def bind_of(self, session: Session) -> Engine | Connection:
        """Return where *session* would write to a table of the outbox."""
        return session.get_bind(clause=self._clause)

    def connection_of(self, session: Session) -> Connection:
        """Return the connection on which *session* writes to a table of the outbox."""
        return session.connection({"clause": self._clause})

    def holds(self, session: Session) -> bool:
        """Say whether what *session* commits is in this database."""
        bind = self.bind_of(session)
        engine = bind.engine if isinstance(bind, Connection) else bind
        own = self.engine
        if engine is own:
            return True
        # A maker may be configured anew, with another engine.
        known = self._known.get(engine)
        if known is None or known[0] is not own:
            place = _place(engine.url)
            known = self._known[engine] = (own, place is not None and place == _place(own.url))
        return known[1]

    async def forget_connections(self) -> None:
        """Close what waits in the pool of an AsyncEngine: an event loop ends that it is of."""
        bind = self.bind
        if not isinstance(bind, Engine):
            await bind.dispose()

    def __str__(self) -> str:
        return shown(self.engine)


def shown(bind: Engine | Connection) -> str:
    """Return what messages call the database behind *bind*."""
    return bind.engine.url.render_as_string(hide_password=True)


def classes_of(database: Database) -> frozenset[type[Session]]:
    """Return the classes of the sessions that the makers of *database* make."""
    return frozenset(map(sync_class_of, database.makers))


def _maker_of(given: object) -> AnyMaker:
    if isinstance(given, sessionmaker):
        return given
    if isinstance(given, Engine):
        return sessionmaker(given)
    # It needs greenlet, which who has no AsyncSession need not have.
    from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

    if isinstance(given, async_sessionmaker):
        return given
    if isinstance(given, AsyncEngine):
        made: async_sessionmaker[AsyncSession] = async_sessionmaker(given)
        return made
    raise TypeError(
        f"Cannot make an outbox on {given!r}: it is no Engine, AsyncEngine, sessionmaker or "
        f"async_sessionmaker; pass one of these."
    )


def _engine_behind(bind: Any) -> Engine | AsyncEngine:  # Any: AsyncConnection needs greenlet
    engine: Engine | AsyncEngine = bind if hasattr(bind, "sync_engine") else bind.engine
    return engine


def _place(url: URL) -> tuple[object, ...] | None:
    """Return what two engines of one database agree in; None where none but one can be of it."""
    if url.get_backend_name() == "sqlite" and (not url.database or ":memory:" in url.database):
        return None
    backend = url.get_backend_name().replace("mariadb", "mysql")
    # Drivers name the same server in more than one way; what is left over differs in nothing else.
    host = "localhost" if url.host in (None, "", "127.0.0.1", "::1") else url.host
    port = url.port or _PORTS.get(backend)
    where = {name: url.query[name] for name in ("host", "port", "unix_socket") if name in url.query}
    return backend, host, port, url.database, tuple(where.items())
