"""after_commit for Django: what waits for the commit of the connection it was published on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

from asgiref.sync import sync_to_async
from django.db import DEFAULT_DB_ALIAS, connections

from typedbus.adapters.django.commits import Committed, is_aborted, watch_for_errors
from typedbus.adapters.django.running import loop_runs_here, run, run_async
from typedbus.core.callables import AnyHandler
from typedbus.core.deferred import Deferred, FindAsync, Source
from typedbus.core.errors import ManualCommitError
from typedbus.core.jobs import Job
from typedbus.core.transactions import AfterCommit

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

E = TypeVar("E")


class DjangoTransactions(Source):
    """Knows the transaction that is open on the connection called *using*.

    Without *using* it is for work that waits for any transaction: it knows the one of the default
    connection, or else the first of those that are open.
    """

    in_short = "transaction"
    opened_async = "publish inside `transaction.atomic()`"

    def __init__(self, using: str | None = None) -> None:
        self._alias = using or DEFAULT_DB_ALIAS
        self._any = using is None
        self.name = "after commit"
        if self._alias != DEFAULT_DB_ALIAS:
            self.name += f" of {using!r}"

    def current(self) -> OpenTransaction | None:
        """Return the transaction that is open in this thread, or None."""
        connection = connections[self._alias]
        if connection.in_atomic_block or not _commits_by_itself(connection):
            return OpenTransaction(connection)
        return _first_open() if self._any else None

    @property
    def current_async(self) -> FindAsync | None:
        """How a coroutine asks: in the thread that waits for it, whose connections are its own."""
        return partial(_find_for_coroutine, self.current) if loop_runs_here() else None


class OpenTransaction:
    """Holds jobs until the transaction of *connection* is committed, as its `on_commit` does."""

    __slots__ = ("_connection",)

    awaits = False
    """Django commits in a thread that may block; async handlers run there by `async_to_sync`."""

    def __init__(self, connection: BaseDatabaseWrapper, /) -> None:
        self._connection = connection

    def put(self, job: Job, /) -> bool:
        """Hold *job*; raise `ManualCommitError` where Django would tell nobody of the commit."""
        if not self._connection.in_atomic_block:
            raise _cannot_see_commit(self._connection, job)
        self._connection.on_commit(Committed(job, self._is_aborted()), robust=True)
        return True

    def _is_aborted(self) -> bool:
        connection = self._connection
        if connection.vendor != "postgresql":
            return False
        watch_for_errors(connection)
        return is_aborted(connection)


class DjangoDeferred(Deferred):
    """A handler that waits for the commit, and runs as Django needs it, then or at once."""

    __slots__ = ()

    def call_for(self, event: Any, *, awaits: bool) -> AnyHandler:
        """Return what runs the handler in a thread that may block, or on an event loop."""
        return partial(run_async if awaits else run, self.handler)


class DjangoAfterCommit(AfterCommit):
    """A delivery whose handlers run once the transaction they were published in is committed.

    `@bus.on(InvoiceApproved, via=after_commit)`, or `via=after_commit(using="archive")` for the
    transaction of another database. They are Django's `on_commit` callbacks, robust ones: in
    order with the user's own, dropped with a savepoint that is rolled back, captured by
    `captureOnCommitCallbacks`. Without a transaction they run at once.

    One that fails keeps no other from running and does not fail the request: what was written is
    committed. It is logged by name, unless its subscription has a policy of its own; what that
    says to raise or to collect goes to Django, which logs it to "django.db.backends.base".
    """

    def __init__(self, using: str = DEFAULT_DB_ALIAS, /) -> None:
        super().__init__(DjangoTransactions(using))

    @overload
    def __call__(
        self, handler: Callable[[E], Awaitable[None] | None], /
    ) -> Callable[[E], None]: ...

    @overload
    def __call__(self, /, *, using: str) -> DjangoAfterCommit: ...

    def __call__(
        self,
        handler: Callable[[E], Awaitable[None] | None] | None = None,
        /,
        *,
        using: str | None = None,
    ) -> Callable[[E], None] | DjangoAfterCommit:
        """Return the stand-in for *handler*, or the delivery that waits for *using*."""
        if handler is None:
            return self if using is None else DjangoAfterCommit(using)
        return DjangoDeferred(self._source, handler)


after_commit: Final = DjangoAfterCommit()
"""The delivery whose handlers run once Django's transaction is committed."""

any_transaction: Final = DjangoTransactions()
"""The transactions of every connection, for what is handed to another process."""


def _first_open() -> OpenTransaction | None:
    for connection in connections.all(initialized_only=True):
        if connection.in_atomic_block:
            return OpenTransaction(connection)
    return None


def _commits_by_itself(connection: BaseDatabaseWrapper) -> bool:
    """Say whether *connection* has autocommit on, without connecting just for that."""
    if connection.connection is None:
        return bool(connection.settings_dict["AUTOCOMMIT"])
    return connection.autocommit


async def _find_for_coroutine(
    find: Callable[[], OpenTransaction | None],
) -> OpenTransaction | None:
    # `async_to_sync` runs a coroutine in another thread than the code that waits for it, and
    # connections belong to threads. That code stands still meanwhile, so its connection may be
    # used from here.
    return await sync_to_async(find, thread_sensitive=True)()


def _cannot_see_commit(connection: BaseDatabaseWrapper, job: Job) -> ManualCommitError:
    alias = connection.alias
    return ManualCommitError(
        f"deliver {job.event_name} to {job.delivered.name} after the commit",
        f"the connection {alias!r} has autocommit off, and Django tells nobody when that commits",
        f"publish inside `transaction.atomic(using={alias!r})`, or turn autocommit on",
    )
