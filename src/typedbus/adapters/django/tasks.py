"""TaskDelivery: handlers that run as a task of django.tasks, which is in Django from 6.0 on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar

import django

if not TYPE_CHECKING and django.VERSION < (6, 0):
    raise ImportError(
        f"Cannot import typedbus.adapters.django.tasks: Django {django.__version__} has no "
        f"django.tasks; install Django 6 (Python 3.12 or later), or deliver by "
        f"typedbus.adapters.celery."
    )

from django.tasks import DEFAULT_TASK_BACKEND_ALIAS, DEFAULT_TASK_QUEUE_NAME, task_backends
from django.tasks.base import Task
from django.utils import timezone

from typedbus.adapters.django.running import run
from typedbus.adapters.django.transactions import DjangoTransactions
from typedbus.core.callables import AnyHandler
from typedbus.core.deferred import Source
from typedbus.core.envelope import restored
from typedbus.core.messages import Message
from typedbus.core.remote import Remote, RemoteHandlers

if TYPE_CHECKING:
    from typing import TypeAlias

    DeliverTask: TypeAlias = Task[[str, str, dict[str, str]], None]

E = TypeVar("E")

handlers: Final = RemoteHandlers[Remote]()
"""The handlers that tasks call, by name: of every `TaskDelivery` of this process."""


def _task(function: Callable[[str, str, dict[str, str]], None]) -> DeliverTask:
    queue = _queue_of(DEFAULT_TASK_BACKEND_ALIAS)
    return Task(func=function, backend=DEFAULT_TASK_BACKEND_ALIAS, queue_name=queue)


def _queue_of(backend: str) -> str:
    """Return the default queue, or the first by name of a *backend* that has none of that name."""
    queues: set[str] = task_backends[backend].queues
    if not queues or DEFAULT_TASK_QUEUE_NAME in queues:
        return DEFAULT_TASK_QUEUE_NAME
    return min(queues)


@_task
def deliver(name: str, body: str, headers: dict[str, str]) -> None:
    """Call the handler called *name* with the event in *body*, in the context of *headers*.

    The task fails with what the handler raises, and for what nobody here can handle: with
    `UnknownHandlerError`, `UnknownWireNameError`, `DecodeError` or `MessageError`.
    """
    remote, envelope = handlers.read(name, Message(body, headers))
    with restored(envelope):
        run(remote.handler, envelope.event)


class TaskDelivery:
    """Delivers events to handlers that run as tasks of django.tasks.

    `tasks = TaskDelivery()`, then `@bus.on(InvoiceApproved, via=tasks.deliver("billing.email"))`.
    A task is enqueued when the transaction is committed, at once without one; each handler has
    a task of its own. It holds the event as JSON under its wire name, and what travels with it.

    Args:
        backend: The alias of the backend, one of the setting `TASKS`.
        using: The alias of the database whose transaction is waited for; of any that is open if
            not given, the default one first.
    """

    def __init__(self, *, backend: str = DEFAULT_TASK_BACKEND_ALIAS, using: str | None = None):
        self._task = deliver.using(backend=backend, queue_name=_queue_of(backend))
        self._source = DjangoTransactions(using)

    def deliver(
        self,
        name: str,
        /,
        *,
        queue_name: str | None = None,
        priority: int | None = None,
        run_after: timedelta | None = None,
    ) -> TaskRoute:
        """Return the delivery to the handler that workers know as *name*.

        Raises `django.tasks.exceptions.InvalidTask` for what the backend does not support.

        Args:
            name: What the handler is called in tasks; it stays when the function is renamed.
            queue_name: The queue, one of those that the backend has.
            priority: From -100 to 100, the higher the sooner.
            run_after: How long a task waits at least from being enqueued to being run.
        """
        task = self._task.using(queue_name=queue_name, priority=priority)
        _later(task, run_after)  # a mistake shows here, not after a commit
        return TaskRoute(self._source, name, task, run_after)


class TaskRoute:
    """A delivery to one handler, known by its name, as tasks of one kind."""

    def __init__(
        self, source: Source, name: str, task: DeliverTask, run_after: timedelta | None, /
    ) -> None:
        self._source = source
        self._name = name
        self._task = task
        self._run_after = run_after

    def __call__(self, handler: Callable[[E], Awaitable[None] | None], /) -> Callable[[E], None]:
        """Return the stand-in for *handler* that enqueues a task after the commit."""
        return _Tasked(self._source, self._name, handler, self._task, self._run_after)

    def __repr__(self) -> str:
        return f"<delivery django.tasks {self._name!r}>"


class _Tasked(Remote):
    """Stands in for a handler that a task calls."""

    __slots__ = ("_run_after", "_task")

    def __init__(
        self,
        source: Source,
        name: str,
        handler: AnyHandler,
        task: DeliverTask,
        run_after: timedelta | None,
        /,
    ) -> None:
        super().__init__(source, handlers, name, handler)
        self._task = task
        self._run_after = run_after
        self.delivery = f"django.tasks {name}"

    def hand_over(self, message: Message, event: Any) -> None:
        """Enqueue the task that holds *message*."""
        _later(self._task, self._run_after).enqueue(*self._arguments(message))

    async def hand_over_async(self, message: Message, event: Any) -> None:
        """Enqueue the task that holds *message*, off the event loop if it blocks."""
        await _later(self._task, self._run_after).aenqueue(*self._arguments(message))

    def _arguments(self, message: Message) -> tuple[str, str, dict[str, str]]:
        return self.handler_name, message.body, dict(message.headers)


def _later(task: DeliverTask, wait: timedelta | None) -> DeliverTask:
    return task if wait is None else task.using(run_after=timezone.now() + wait)
