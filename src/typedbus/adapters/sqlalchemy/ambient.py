"""The transactions that are open here: each context has its own view."""

from __future__ import annotations

from collections.abc import Hashable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

from typedbus.adapters.sqlalchemy.owings import Ledger, Owing
from typedbus.core.flows import Flow
from typedbus.core.jobs import Job

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from typedbus.adapters.sqlalchemy.publications import When


class Holding(Protocol):
    """Holds jobs until a transaction ends."""

    @property
    def awaits(self) -> bool:
        """Whether the end can await async handlers."""
        ...

    def put(self, job: Job, /) -> bool:
        """Hold *job* until the commit; return False if the transaction has ended."""
        ...

    def hold(self, when: When, job: Job) -> bool:
        """Hold *job* until the end that *when* names; return False if that has been."""
        ...

    def find(self, key: Hashable, /) -> Owing | None:
        """Return what is owed under *key*, as it may grow here."""
        ...

    def owe(self, key: Hashable, owing: Owing, /) -> bool:
        """Write *owing* down before the commit; return False if the transaction has ended."""
        ...

    def refuse_commit(self, reason: Exception, /) -> None:
        """Let the commit raise *reason*: something could not be written down."""
        ...

    def is_for(self, ledger: Ledger, /) -> bool:
        """Say whether *ledger* writes in the database of this transaction."""
        ...


class Place(Protocol):
    """Where events of this context go: a transaction, or a session named by `within`."""

    flow: Flow

    @property
    def session(self) -> Session | None:
        """The session, while events go there."""
        ...

    def holder(self) -> Holding | None:
        """Return what holds jobs, while events go there."""
        ...


_places: ContextVar[tuple[Place, ...]] = ContextVar("typedbus.sqlalchemy", default=())
"""Outermost first. A task or thread that inherits it sees when a transaction is over."""


def current() -> Holding | None:
    """Return what holds jobs here: the transaction begun last of those that are open."""
    for place in reversed(_places.get()):
        if (holder := place.holder()) is not None:
            return holder
    return None


def places() -> tuple[Place, ...]:
    """Return the places that events can go to from here, innermost first."""
    return _places.get()[::-1]


def enter(place: Place) -> bool:
    """Let events of this context go to *place* from now on; return False if they do already."""
    entered = _places.get()
    if not entered:
        _places.set((place,))
    elif place in entered:
        return False
    else:
        _places.set((*(each for each in entered if each.session is not None), place))
    return True


def leave(place: Place) -> None:
    """Let events of this context go where they went before *place* was entered."""
    entered = _places.get()
    if entered == (place,):
        _places.set(())
    elif place in entered:
        _places.set(tuple(each for each in entered if each is not place))
