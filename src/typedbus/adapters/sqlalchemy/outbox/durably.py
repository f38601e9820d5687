"""The delivery of a durable handler: it stores what is published, and a relay calls the handler."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from typedbus.core.callables import AnyHandler
from typedbus.core.deliveries import DeliveryFor
from typedbus.outbox.handlers import Durable, DurableHandlers, Options, Recorder


class Durably(DeliveryFor[Any]):  # Any: of the event class of the handler
    """The delivery of one durable handler."""

    def __init__(
        self,
        recorder: Recorder,
        handlers: DurableHandlers,
        name: str,
        options: Options,
        carried: Callable[[AnyHandler], AnyHandler] | None = None,
    ) -> None:
        self._recorder = recorder
        self._handlers = handlers
        self._name = name
        self._options = options
        self._carried = carried

    def __call__(self, handler: AnyHandler, /) -> Callable[[Any], None]:
        """Return the stand-in for *handler*, which stores what is published."""
        carrier = self._options.to
        if carrier is not None and self._carried is not None:
            handler = carrier.deliver(self._name)(self._carried(handler))
        return Durable(self._recorder, self._handlers, self._name, self._options, handler)

    def __repr__(self) -> str:
        return f"<delivery durable {self._name}>"
