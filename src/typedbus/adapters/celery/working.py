"""In the worker: the one task that calls any handler, tries again, and gives up."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import Mapping, Sequence
from datetime import timedelta
from logging import getLogger
from typing import TYPE_CHECKING, Any, Final, NoReturn

from celery.backends.base import DisabledBackend
from celery.exceptions import Reject
from celery.states import SUCCESS

from typedbus.adapters.celery.broker import Broker
from typedbus.adapters.celery.dead_letters import DeadLetters, without_marks
from typedbus.adapters.celery.sending import Sent
from typedbus.core.errors import MessageError
from typedbus.core.messages import Message
from typedbus.core.remote import Owed, RemoteHandlers
from typedbus.core.retries import Backoff

if TYPE_CHECKING:
    from celery import Celery, Task

TASK: Final = "typedbus.deliver"
_LOST: Final = "typedbus-lost"
"""The header that counts how often a worker was lost with this message."""
_AFTER_LOSSES: Final = Backoff(10, timedelta(seconds=1), timedelta(seconds=10))
_UNTIL_KEPT: Final = timedelta(seconds=2)
"""How long what could not be put away waits until that is tried again."""
_logger: Final = getLogger("typedbus")


class Worker:
    """Runs what comes as `typedbus.deliver`, by the handlers that are known here."""

    def __init__(
        self,
        app: Celery,
        handlers: RemoteHandlers[Sent],
        broker: Broker,
        dead_letters: DeadLetters,
    ) -> None:
        self._app = app
        self._handlers = handlers
        self._broker = broker
        self._dead_letters = dead_letters

    def run(self, task: Task[Any, Any]) -> None:
        """Run what the request of *task* asks for; nothing of it is ever acknowledged unkept.

        Raises what the handler raised once it is given up, after it was put away.
        """
        # Any: the parameters and the result of a task, which celery-types lets a task have.
        request = task.request
        what = f"{_first(request.args)} on {_text(request.headers, 'ce-type')}"
        if self._succeeded(task):
            _logger.info("%s: %s has succeeded already", what, _text(request.headers, "ce-id"))
            return
        if (request.delivery_info or {}).get("redelivered") and not request.is_eager:
            self._count_loss(task)
        try:
            owed = self._handlers.read(*_read(request.args, request.kwargs, request.headers))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is put away
            # Nobody here knows this event or this handler: trying again cannot help.
            self._give_up(task, error, tries=0)
        failed = _error_of(owed)
        if failed is not None and request.is_eager:
            self._try_on_at_once(task, owed, failed)
        elif failed is not None:
            self._after_failure(task, owed.remote, failed)

    def say_who_is_known(self, sender: object, **others: object) -> None:
        """Log the names of the handlers when a worker of this app is ready."""
        if getattr(sender, "app", None) is not self._app:
            return
        if self._handlers:
            _logger.info("This worker knows %s.", ", ".join(self._handlers))
            return
        _logger.error(
            "This worker knows no handler, so it can only put events away: nothing imported the "
            "modules that subscribe them. Call discover('shop') where the app is made, or name "
            "the modules in include= or app.conf.imports."
        )

    def _succeeded(self, task: Task[Any, Any]) -> bool:
        backend = task.backend
        if isinstance(backend, DisabledBackend) or not backend.persistent or task.ignore_result:
            return False
        if task.request.is_eager:
            return False
        try:
            known = backend.get_task_meta(str(task.request.id), cache=False)
        except Exception as error:  # noqa: BLE001 - whatever a backend raises, the event counts
            _logger.warning("the result backend cannot tell what was done before: %r", error)
            return False
        return bool(known["status"] == SUCCESS)

    def _count_loss(self, task: Task[Any, Any]) -> NoReturn:
        """Send on, with a count in it, what comes for a second time.

        A broker says that a message was out before, and no more. Counted, a message that kills
        each worker is put away in the end.
        """
        losses = _losses(task) + 1
        problem = RuntimeError(f"workers that were lost with this message: {losses}")
        wait = _AFTER_LOSSES.wait_after(losses)
        if wait is None:
            self._give_up(task, problem, tries=_failures(task))
        self._try_again(task, problem, wait, losses)

    def _after_failure(self, task: Task[Any, Any], remote: Sent, error: Exception) -> NoReturn:
        tries = _failures(task) + 1
        wait = remote.options.wait_after(error, tries)
        if wait is None:
            self._give_up(task, error, tries)
        self._try_again(task, error, wait, _losses(task))

    def _try_on_at_once(self, task: Task[Any, Any], owed: Owed[Sent], error: Exception) -> None:
        # Celery's own way of trying again ends in a Retry that comes out of the publish, where
        # `task_eager_propagates` asks for errors.
        tries = 1
        failed: Exception | None = error
        while failed is not None:
            if owed.remote.options.wait_after(failed, tries) is None:
                self._give_up(task, failed, tries)
            failed = _error_of(owed)
            tries += 1

    def _try_again(
        self, task: Task[Any, Any], error: Exception, wait: timedelta, losses: int
    ) -> NoReturn:
        """Send the message again, to be run after *wait*, and let go of this one."""
        request = task.request
        options: dict[str, Any] = {  # Any: keywords of several types
            "exc": error,
            "countdown": wait.total_seconds(),
            "throw": False,
            "headers": without_marks(request.headers) | ({_LOST: str(losses)} if losses else {}),
            "argsrepr": shown(_first(request.args)),
        }
        try:
            with self._broker.producer() as producer:
                retry = task.retry(producer=producer, **options, **self._broker.publishing)
        except Exception as failed:
            # Celery itself would let the message go here.
            raise Reject(str(failed), requeue=True) from failed
        raise retry

    def _give_up(self, task: Task[Any, Any], error: Exception, tries: int) -> NoReturn:
        """Put the message of *task* away, report it, and raise *error*."""
        request = task.request
        what = f"{_first(request.args)} on {_text(request.headers, 'ce-type')}"
        event_id = _text(request.headers, "ce-id")
        kept = "no worker keeps it, for Celery is eager here"
        if not request.is_eager:
            kept = f"kept in the queue {self._dead_letters.name!r}"
            try:
                self._dead_letters.park(request, task.name, error, tries)
            except Exception:  # whatever it is, the message is not to go with it
                _logger.exception("%s: %s cannot be put away, and stays", what, event_id)
                # Counted as lost, so that the handler's own tries are what they were.
                self._try_again(task, error, _UNTIL_KEPT, _losses(task) + 1)
        _logger.error(
            "%s: %s is given up after %d tries, %s", what, event_id, tries, kept, exc_info=error
        )
        raise error


def _read(
    args: object, kwargs: object, headers: Mapping[str, object] | None
) -> tuple[str, Message]:
    """Return the name of the handler and the message that a request holds."""
    match args, kwargs:
        case [str(name), str(body)], {} if not kwargs:
            texts = {key: text for key, text in (headers or {}).items() if isinstance(text, str)}
            return name, Message(body, texts)
        case _:
            raise MessageError(
                f"read a task {TASK!r} with other arguments than ours",
                "it takes the name of a handler and the event as JSON",
                "see who sent it: typedbus did not, or not this version",
            )


def _error_of(owed: Owed[Sent]) -> Exception | None:
    try:
        owed.run()
    except CancelledError:
        # It would end the process, and nobody else can have meant this handler.
        return RuntimeError("the handler was cancelled, by itself or by what it waited for")
    except Exception as error:  # noqa: BLE001 - whatever a handler raises, it is tried again
        return error
    return None


def shown(handler: str) -> str:
    """Return the arguments of the task as logs and monitors show them: without the event."""
    return f"({handler!r}, ...)"


def _failures(task: Task[Any, Any]) -> int:
    """Return how often the handler has failed before."""
    return task.request.retries - _losses(task)


def _losses(task: Task[Any, Any]) -> int:
    counted = _text(task.request.headers, _LOST)
    return int(counted) if counted.isdecimal() else 0


def _first(args: Sequence[object] | None) -> str:
    return str(args[0]) if args else "nobody"


def _text(headers: Mapping[str, object] | None, name: str) -> str:
    return str((headers or {}).get(name) or "")
