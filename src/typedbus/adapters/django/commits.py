"""What runs when Django's transaction is committed, and never when PostgreSQL rolled it back.

PostgreSQL aborts a transaction in which a statement fails. Where the error is caught inside of the
`atomic` block, Django goes on to COMMIT; PostgreSQL answers by a rollback and no error, and Django
runs its `on_commit` callbacks all the same. So statements are watched while jobs wait.
"""

from __future__ import annotations

from logging import getLogger
from typing import TYPE_CHECKING, Any, Final

from typedbus.core.attempts import attempt_in
from typedbus.core.jobs import Job
from typedbus.core.policies import Failures, policy_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper

_LOG: Final = policy_for("log")

_IN_ERROR: Final = 3
"""libpq's PQTRANS_INERROR, which psycopg and psycopg2 tell alike."""


class Committed:
    """What Django calls when the commit is done; Django's log calls it by handler and event."""

    __slots__ = ("_job", "lost")

    lost: bool
    """Whether the transaction is aborted: its commit will be none."""

    def __init__(self, job: Job, lost: bool, /) -> None:  # noqa: FBT001 - there are no two to mix up
        self._job = job
        self.lost = lost

    def __call__(self) -> None:
        """Run the job in its context; what it raises is judged, and Django logs what is raised."""
        job = self._job
        if self.lost:
            getLogger("typedbus").warning(
                "%s was not delivered: the transaction was rolled back by PostgreSQL, for a "
                "statement in it had failed; catch the error outside of transaction.atomic()",
                job,
            )
            return
        error = attempt_in(job.context, job.call, job.event)
        if error is not None:
            failures = Failures(_LOG)
            failures.settle(stopped=failures.judge(job.failed(error)))

    def __getattr__(self, name: str) -> str:
        # Django 5.2 logs this of a robust callback that raises, whether it has one or not.
        if name == "__qualname__":
            return str(self._job)
        raise AttributeError(name)

    def __repr__(self) -> str:
        return str(self._job)


def is_aborted(connection: BaseDatabaseWrapper) -> bool:
    """Say whether the transaction of *connection*, one to PostgreSQL, can only be rolled back."""
    driver = connection.connection
    return driver is not None and bool(driver.info.transaction_status == _IN_ERROR)


def watch_for_errors(connection: BaseDatabaseWrapper) -> None:
    """Have every statement of *connection* watched from now on; asking twice is fine."""
    wrappers = connection.execute_wrappers
    if not any(isinstance(wrapper, _Watch) for wrapper in wrappers):
        # First, not last: `with connection.execute_wrapper(...)` takes the last one out again.
        wrappers.insert(0, _Watch())


class _Watch:
    """Goes around each statement; tells what waits for the commit whether there will be one."""

    def __init__(self) -> None:
        self._lost = False

    def __call__(
        self,
        execute: Callable[[str, Any, bool, dict[str, Any]], Any],
        sql: str,
        params: Any,
        many: bool,  # noqa: FBT001 - Django calls it so
        context: dict[str, Any],
    ) -> Any:
        """Execute the statement."""
        connection: BaseDatabaseWrapper = context["connection"]
        try:
            result = execute(sql, params, many, context)
        except Exception:
            if is_aborted(connection):
                self._tell(connection, lost=True)
            raise
        if self._lost:  # only a savepoint that is rolled back can succeed in an aborted transaction
            self._tell(connection, lost=False)
        return result

    def _tell(self, connection: BaseDatabaseWrapper, *, lost: bool) -> None:
        self._lost = lost
        for entry in connection.run_on_commit:
            waiting = entry[1]  # between the savepoints and whether it is robust
            if isinstance(waiting, Committed):
                waiting.lost = lost
