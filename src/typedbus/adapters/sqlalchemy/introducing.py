"""introduce: make every transaction of a session, or of many, known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar, cast
from weakref import WeakSet

from sqlalchemy.orm import Session, scoped_session, sessionmaker

from typedbus.adapters.sqlalchemy.ambient import enter
from typedbus.adapters.sqlalchemy.deliveries import make_known
from typedbus.adapters.sqlalchemy.hooks import catch_up, follow, follow_ambient, publications_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker


class Introducible(Protocol):
    """What SQLAlchemy makes sessions with, and a session itself: in all of them `begin` is found.

    A union that names them, such as `sessionmaker[Any] | ...`, would make ty and pyrefly forget
    which class of sessions a new maker has.
    """

    @property
    def begin(self) -> Callable[..., object]:
        """What begins a transaction."""
        ...


T = TypeVar("T", bound="Introducible | type[Session | AsyncSession]")

_introduced: Final[WeakSet[Session | type[Session]]] = WeakSet()
_followed: Final[WeakSet[Session]] = WeakSet()
_made_here: Final[WeakSet[type[Session]]] = WeakSet()


def introduce(target: T, /) -> T:
    """Let events published in a transaction of *target* wait for its end; return *target*.

    Call it once, where a maker is made: `Sessions = introduce(sessionmaker(engine))`; twice is
    fine. A transaction counts from the moment that it begins: by `begin()`, or by what first uses
    the session. Where several are open, the one begun last counts.

    An `async_sessionmaker` or a subclass of `AsyncSession` gets a `sync_session_class` of its own
    for this, a subclass of the one that it had; sessions that it made before are not known.

    Args:
        target: A sessionmaker, an async_sessionmaker, a scoped session of either, a class of
            sessions (every session of it and of its subclasses), or one session.

    Raises:
        TypeError: *target* is something else, or makes its sessions by a function.
    """
    make_known()
    if isinstance(target, Session) or _is_session_class(target):
        _introduce(cast("Session | type[Session]", target))  # a TypeVar is not narrowed to a part
    else:
        _introduce_what_makes_sessions(target)
    return target


def follow_by_name(session: Session) -> None:
    """Hear of the transactions of *session*, introduced or not."""
    if _is_introduced(session) or session in _followed:
        return
    _followed.add(session)
    follow(session)
    catch_up(session)


def sync_class_of(maker: sessionmaker[Any] | async_sessionmaker[Any]) -> type[Session]:
    """Return the class that the sessions of *maker* have, and none of another maker."""
    introduce(maker)
    found: type[Session] = (
        maker.class_ if isinstance(maker, sessionmaker) else maker.kw["sync_session_class"]
    )
    return found


def _is_session_class(target: object) -> bool:
    return isinstance(target, type) and issubclass(target, Session)


def _is_introduced(target: Session | type[Session]) -> bool:
    if isinstance(target, type):
        return any(each in _introduced for each in target.__mro__)
    return target in _introduced or _is_introduced(type(target))


def _introduce(target: Session | type[Session]) -> None:
    if _is_introduced(target):
        return
    _introduced.add(target)
    follow_ambient(target)
    if isinstance(target, Session):
        publications = publications_of(target) or catch_up(target)
        if publications is not None:
            enter(publications)


def _introduce_what_makes_sessions(target: object) -> None:
    if isinstance(target, scoped_session):
        introduce(target.session_factory)
    elif isinstance(target, sessionmaker):
        _introduce(target.class_)
    else:
        _introduce_async(target)


def _introduce_async(target: object) -> None:
    # It needs greenlet, which who has no AsyncSession need not have.
    from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session, async_sessionmaker

    if isinstance(target, AsyncSession):
        _introduce(target.sync_session)
    elif isinstance(target, async_scoped_session):
        introduce(target.session_factory)
    elif isinstance(target, async_sessionmaker):
        made = target.kw.get("sync_session_class") or target.class_.sync_session_class
        if made not in _made_here or "sync_session_class" not in target.kw:
            target.configure(sync_session_class=_class_of_its_own(made))
    elif isinstance(target, type) and issubclass(target, AsyncSession):
        if target.sync_session_class not in _made_here:
            target.sync_session_class = _class_of_its_own(target.sync_session_class)
    else:
        raise TypeError(
            f"Cannot introduce {target!r}: it is no sessionmaker, scoped session, session class "
            f"or session, of SQLAlchemy's sync or async kind; pass one of these."
        )


def _class_of_its_own(made: type[Session]) -> type[Session]:
    """Return a subclass of *made*, so that nobody else's sessions are of that class."""
    if not _is_session_class(made):
        raise TypeError(
            f"Cannot introduce what makes its sessions by {made!r}: events belong to a class of "
            f"sessions; pass a subclass of Session as sync_session_class."
        )
    own = type(made.__name__, (made,), {})
    _made_here.add(own)
    _introduce(own)
    return own
