"""What no worker could handle: a queue on the same broker that keeps it until somebody looks."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from kombu import Exchange, Queue

from typedbus.adapters.celery.broker import Broker

if TYPE_CHECKING:
    from celery import Celery
    from celery.app.task import Context
    from kombu import Producer
    from kombu.message import Message

_OURS: Final = "typedbus-"
"""What stands before a header that says why a message is here."""
_REDELIVERED: Final = "redelivered"
"""Kombu's own mark in the headers of what went back to a queue of Redis."""
# RabbitMQ takes the headers in one frame of 128 KiB, and the envelope is in there too.
_LONGEST_REASON: Final = 1_000
_LONGEST_TRACEBACK: Final = 8_000


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that no worker could handle, as the broker keeps it."""

    handler: str
    """The name of the handler it was for, as `deliver` was given it."""
    event: str
    """The wire name of the event; "" if the message did not say."""
    id: str
    """The id of the envelope; "" if the message did not say."""
    reason: str
    """What the last try raised, such as "ValueError: no such invoice"."""
    tries: int
    """How often the handler was called."""
    failed_at: datetime | None
    """When it was given up; None for a message that somebody else put there."""
    traceback: str = field(repr=False)
    """The end of the traceback of the last try."""
    payload: str = field(repr=False)
    """The event as it was sent, JSON if it was ours."""


class DeadLetters:
    """The queue called *name*, durable, which nobody consumes."""

    def __init__(self, app: Celery, broker: Broker, name: str) -> None:
        self._app = app
        self._broker = broker
        self.name: Final = name

    def park(self, request: Context, task: str, error: BaseException, tries: int) -> None:
        """Keep the message of *request*, as it is, with what is known of its failure.

        What is kept is a Celery message still: moved to a queue by hand, it runs again. Raises
        `BrokerFailedError` if the queue does not take it.
        """
        args, kwargs = request.args or (), request.kwargs or {}
        where: Mapping[str, object] = request.delivery_info or {}
        headers, properties, body, _ = self._app.amqp.create_task_message(
            request.id,
            task,
            args,
            kwargs,
            root_id=request.root_id,
            parent_id=request.parent_id,
            ignore_result=request.ignore_result,
            shadow=request.shadow,
            argsrepr=repr(args[:1]),
            kwargsrepr="",
        )
        headers |= without_marks(request.headers)
        headers |= {
            f"{_OURS}handler": str(args[0]) if args else "",
            f"{_OURS}reason": _reason_of(error),
            f"{_OURS}traceback": _end_of_traceback(error),
            f"{_OURS}tries": str(tries),
            f"{_OURS}failed-at": datetime.now(UTC).isoformat(),
            f"{_OURS}exchange": str(where.get("exchange") or ""),
            f"{_OURS}routing-key": str(where.get("routing_key") or ""),
        }
        with self._broker.producer() as producer:
            producer.publish(
                body,
                serializer="json",
                headers=headers,
                exchange="",
                routing_key=self.name,
                declare=[self._queue()],
                **properties,
                **self._broker.publishing,
            )

    def all(self) -> list[DeadLetter]:
        """Return what is kept, the oldest first; it stays where it is."""
        with self._taken() as (_, messages):
            return [_letter_of(message) for message in messages]

    def send_again(self, handler: str | None) -> int:
        """Send what is kept, of *handler* or all, to where it came from; return how many."""
        sent = 0
        with self._taken() as (producer, messages):
            for message in messages:
                if handler is None or _header(message, "handler") == handler:
                    self._send_again(producer, message)
                    message.ack()
                    sent += 1
        return sent

    def _send_again(self, producer: Producer, message: Message) -> None:
        exchange, key = _header(message, "exchange"), _header(message, "routing-key")
        key = key or self._app.conf.task_default_queue
        headers = without_marks(message.headers)
        properties = message.properties
        producer.publish(
            message.body,
            content_type=message.content_type,
            content_encoding=message.content_encoding,
            headers=headers,
            exchange=exchange,
            routing_key=key,
            # A queue that is not there would swallow it.
            declare=[] if exchange else [self._app.amqp.queues[key]],
            correlation_id=properties.get("correlation_id"),
            reply_to=properties.get("reply_to"),
            **self._broker.publishing,
        )

    @contextmanager
    def _taken(self) -> Iterator[tuple[Producer, list[Message]]]:
        """Take everything out; what is not acknowledged in the block goes back, in its order.

        All is taken before anything is sent, so what comes back as dead is not sent in a circle.
        """
        with self._broker.own_producer() as producer:
            channel: Any = producer.channel  # celery-types has it as anything or nothing
            queue = self._queue()(channel)
            queue.declare()
            messages: list[Message] = []
            try:
                while (message := queue.get(no_ack=False)) is not None:
                    messages.append(message)
                yield producer, messages
            finally:
                for message in reversed(messages):
                    if not message.acknowledged:
                        message.requeue()

    def _queue(self) -> Queue:
        return Queue(self.name, Exchange(""), routing_key=self.name, durable=True)


def without_marks(headers: Mapping[str, object] | None) -> dict[str, object]:
    """Return *headers* without what was put there since the event was sent."""
    return {
        name: value
        for name, value in (headers or {}).items()
        if not name.startswith(_OURS) and name != _REDELIVERED
    }


def _letter_of(message: Message) -> DeadLetter:
    tries, failed_at = _header(message, "tries"), _header(message, "failed-at")
    return DeadLetter(
        handler=_header(message, "handler"),
        event=str(message.headers.get("ce-type") or ""),
        id=str(message.headers.get("ce-id") or ""),
        reason=_header(message, "reason"),
        tries=int(tries) if tries.isdecimal() else 0,
        failed_at=datetime.fromisoformat(failed_at) if failed_at else None,
        traceback=_header(message, "traceback"),
        payload=_payload_of(message),
    )


def _header(message: Message, name: str) -> str:
    return str(message.headers.get(_OURS + name) or "")


def _payload_of(message: Message) -> str:
    try:
        read = message.decode()
    except Exception:  # noqa: BLE001 - by whatever it cannot be read, it can be shown
        return str(message.body)
    match read:
        case [[_, str(payload), *_], *_]:
            return payload
        case other:
            return str(other)


def _reason_of(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:_LONGEST_REASON]


def _end_of_traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-_LONGEST_TRACEBACK:]
