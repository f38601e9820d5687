"""What users hold: the delivery that brings events to handlers in Celery workers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID, uuid5
from weakref import WeakSet

from celery.signals import worker_ready

from typedbus.adapters.celery.broker import Broker, BrokerFailedError
from typedbus.adapters.celery.dead_letters import DeadLetter, DeadLetters
from typedbus.adapters.celery.sending import Carrier, Options, Sent, WhenAway
from typedbus.adapters.celery.working import TASK, Worker, shown
from typedbus.core.deferred import Source
from typedbus.core.deliveries import Delivery
from typedbus.core.errors import BrokerAwayError
from typedbus.core.messages import Message
from typedbus.core.remote import RemoteHandlers, checked_name
from typedbus.core.retries import Backoff
from typedbus.core.transactions import transactions

if TYPE_CHECKING:
    from celery import Celery, Task

E = TypeVar("E")

_IDS: Final = UUID("0192f0c4-7d6c-7b5e-9d0e-2f6b8f3c1a55")
"""The namespace of our task ids: any UUID, the same for ever."""
_USUAL: Final = Backoff()
_delivered_by_us: Final = WeakSet["Celery"]()


class CeleryDelivery:
    """Brings events to handlers in the workers of *app*, after the commit where there is one.

    Each handler gets a message of its own, so a retry repeats that handler alone. The event is
    written as JSON in the publisher's transaction: one that cannot be written, or is too large,
    fails there. It is sent when the transaction is committed, or at once without one. A worker
    acknowledges it when the handler is done, or has been tried again, or its message was put
    away: a handler runs at least once. It runs a second time when a worker dies meanwhile, and
    when a publish was repeated because its answer was lost. Where the app has a result backend
    (and `ignore_result` is off), a worker passes over what it finds there as succeeded; elsewhere
    `current_envelope().id` is what a handler knows a repeated event by.

    A worker that is lost with a message, by a signal or for want of memory, gives it back; after
    ten losses it is put away too. A broker says only that it was out before, so a message that
    waited in a worker when that ended counts as well. On Redis what a worker had when it was
    killed comes back after the transport's `visibility_timeout`, an hour unless set.

    An app has one of these. Under `task_always_eager` handlers run at once, and nothing is kept.

    Args:
        app: The Celery application; its configuration is not changed.
        when_away: What to do with an event that the broker does not take: "raise"
            `BrokerAwayError` (after a commit it is logged by name, and the data stays), "run" the
            handler here and now, once and in the process of the publisher, or a `Keeper` that
            stores it. A broker that took it and was lost before it said so brings it a second
            time.
        retry: How often, and how soon, a handler is tried again when it fails.
        queue: The queue for handlers that name none; None leaves it to the routes of the app.
        dead_letters: The queue that keeps what no worker could handle.
        after: Whose end is waited for; None means any transaction that an adapter knows.
        max_bytes: The most that an event may take, with what travels along.
        timeout: How long the broker may take for each answer. A publish asks twice at most.
    """

    def __init__(
        self,
        app: Celery,
        *,
        when_away: WhenAway = "raise",
        retry: Backoff = _USUAL,
        queue: str | None = None,
        dead_letters: str = "typedbus.dead",
        after: Source | None = None,
        max_bytes: int = 16 * 1024 * 1024,
        timeout: timedelta = timedelta(seconds=3),
    ) -> None:
        _check(when_away)
        if app in _delivered_by_us:
            raise ValueError(f"{app!r} has a CeleryDelivery already: use that one.")
        _delivered_by_us.add(app)
        self._app = app
        self._queue = queue
        self._usual = Options(retry, (), when_away)
        self._queues: dict[str, str | None] = {}
        self._broker = Broker(app, timeout)
        self._dead_letters = DeadLetters(app, self._broker, dead_letters)
        self._handlers = RemoteHandlers[Sent]()
        source = transactions if after is None else after
        self._carrier = Carrier(source, self._handlers, self.send, max_bytes)
        worker = Worker(app, self._handlers, self._broker, self._dead_letters)
        self._task = self._registered(worker)
        worker_ready.connect(worker.say_who_is_known)

    def deliver(
        self,
        name: str,
        /,
        *,
        retry: Backoff | None = None,
        give_up_on: tuple[type[Exception], ...] = (),
        queue: str | None = None,
        when_away: WhenAway | None = None,
    ) -> Delivery:
        """Return the delivery for the handler that is called *name* on both sides.

        Args:
            name: What it is called in messages, such as "accounting.email". It outlives renames
                of the function; no other handler has it.
            retry: How often, and how soon, it is tried again when it fails; None for the usual.
            give_up_on: What it raises when trying again cannot help.
            queue: The queue of its messages; None for the usual.
            when_away: What to do with its events while the broker is away; None for the usual.

        Raises `HandlerNameError` for a name that none can have, here or on subscribing.
        """
        usual = self._usual
        # Not `or`: a Keeper may have a length, and none is kept yet.
        chosen = usual.when_away if when_away is None else when_away
        _check(chosen)
        options = Options(retry or usual.retry, give_up_on, chosen)

        def stand_in(handler: Callable[[E], Awaitable[None] | None], /) -> Callable[[E], None]:
            sent = Sent(self._carrier, checked_name(name, handler), options, handler)
            self._queues[name] = queue
            return sent

        return stand_in

    def send(self, message: Message, handler: str, /) -> None:
        """Send *message*, which a `Keeper` kept, to the handler of that name.

        Its task has the same id each time. Raises `BrokerAwayError`, whatever `when_away` says.
        """
        task_id = str(uuid5(_IDS, f"{message.headers['ce-id']}/{handler}"))
        args = (handler, message.body)
        if self._app.conf.task_always_eager:
            self._task.apply_async(args, task_id=task_id, headers=dict(message.headers))
            return
        options: dict[str, Any] = {  # Any: keywords of several types
            **self._broker.publishing,
            "task_id": task_id,
            # Nobody here waits for the result, so the backend need not be told now. The worker
            # goes by the header, and is to keep the result.
            "ignore_result": True,
            "headers": {**message.headers, "ignore_result": self._task.ignore_result},
            "shadow": handler,
            "argsrepr": shown(handler),
            "kwargsrepr": "{}",
        }
        if queue := self._queues.get(handler) or self._queue:
            options["queue"] = queue
        try:
            with self._broker.producer() as producer:
                self._task.apply_async(args, producer=producer, **options)
        except BrokerFailedError as failed:
            raise BrokerAwayError(
                f"send {message.headers['ce-type']} to {handler!r}",
                f"the broker did not take it ({failed})",
                "see that it runs where broker_url says; when_away= has other ways",
            ) from failed

    def dead_letters(self) -> list[DeadLetter]:
        """Return what no worker could handle, the oldest first; it stays where it is.

        Raises `BrokerAwayError`.
        """
        try:
            return self._dead_letters.all()
        except BrokerFailedError as failed:
            raise self._not_seen(failed) from failed

    def retry_dead_letters(self, handler: str | None = None) -> int:
        """Send what no worker could handle to its queue again; return how many that were.

        *handler* is the name of the one whose messages are meant; None means all. Each is sent
        once, its tries counted from the beginning; what fails again is put away again. Raises
        `BrokerAwayError`; what was not sent by then stays.
        """
        try:
            return self._dead_letters.send_again(handler)
        except BrokerFailedError as failed:
            raise self._not_seen(failed) from failed

    def close(self) -> None:
        """Close the connections to the broker; the next event opens one again."""
        self._broker.close()

    def _not_seen(self, failed: BrokerFailedError) -> BrokerAwayError:
        return BrokerAwayError(
            f"look into the queue {self._dead_letters.name!r}",
            f"the broker does not answer ({failed})",
            "see that it runs where broker_url says",
        )

    def _registered(self, worker: Worker) -> Task[Any, Any]:
        # Any: the parameters and the result of a task, which celery-types lets a task have.
        def deliver(task: Task[Any, Any], *args: object, **kwargs: object) -> None:
            del args, kwargs  # they are in the request, where a task that is none of ours has any
            worker.run(task)

        options: dict[str, Any] = {  # Any: some are newer than celery-types
            "max_retries": None,
            "acks_late": True,
            "reject_on_worker_lost": True,
            # What failed was put away by then; what a time limit has stopped was not.
            "acks_on_failure": True,
            "acks_on_timeout": False,
        }
        register: Callable[[Callable[..., None]], Task[Any, Any]] = self._app.task(
            name=TASK, bind=True, shared=False, typing=False, **options
        )
        return register(deliver)


def _check(when_away: object) -> None:
    if when_away not in ("raise", "run") and not hasattr(when_away, "keep"):
        raise ValueError(f"when_away={when_away!r}: it must be 'raise', 'run' or a Keeper.")
