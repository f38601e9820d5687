"""Transactions: how a delivery finds the one that is open here, whichever adapter knows it.

An adapter brings a `Source` for the transactions of its framework and makes it known. What is
handed to another process waits for any transaction; the `after_commit` of an adapter for its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from typedbus.core.deferred import Deferred, FindAsync, Holder, Source

E = TypeVar("E")


class AfterCommit:
    """A delivery whose handlers run once the transaction they were published in is committed.

    In order, isolated from each other, when the outermost transaction is done; a transaction or
    savepoint that is rolled back drops what was published in it. Without one they run at once.
    """

    def __init__(self, source: Source, /) -> None:
        self._source = source

    def __call__(self, handler: Callable[[E], Awaitable[None] | None], /) -> Callable[[E], None]:
        """Return the stand-in for *handler* that waits for the commit."""
        return Deferred(self._source, handler)

    def __repr__(self) -> str:
        return f"<delivery {self._source.name}>"


class Transactions:
    """Every transaction that an adapter has made known, the adapter that came last asked first."""

    name = "after commit"
    in_short = "transaction"
    opened_async = "publish where the transaction is committed by a coroutine"

    def __init__(self) -> None:
        self._sources: tuple[Source, ...] = ()

    def know(self, source: Source, /) -> None:
        """Ask *source* too; knowing it twice is fine."""
        if source not in self._sources:
            self._sources = (source, *self._sources)

    def forget(self, source: Source, /) -> None:
        """Ask *source* no more; forgetting it twice is fine."""
        self._sources = tuple(each for each in self._sources if each is not source)

    def current(self) -> Holder | None:
        """Return the transaction that is open here, or None."""
        for source in self._sources:
            if (found := source.current()) is not None:
                return found
        return None

    @property
    def current_async(self) -> FindAsync | None:
        """How a coroutine asks, if one of the sources has a way of its own for that."""
        if all(source.current_async is None for source in self._sources):
            return None
        return self._find_async

    async def _find_async(self) -> Holder | None:
        for source in self._sources:
            find = source.current_async
            found = source.current() if find is None else await find()
            if found is not None:
                return found
        return None


transactions: Final = Transactions()
"""The one that adapters make their transactions known to."""
