"""Every exception, as one tree.

TypedBusError
├── EventError
│   ├── EventTypeError (TypeError)         what was given is no event class
│   ├── EventOutsideError (TypeError)      the bus does not carry that class
│   ├── NotAnEventError (TypeError)        what was published is no instance of an event class
│   ├── WireNameError (ValueError)         an event class cannot be called that, or has no name
│   │   └── UnknownWireNameError (LookupError)  no event class is called that
│   └── CodecError (ValueError)            events and JSON do not fit
│       ├── EncodeError                    an event would not come back from JSON as it is
│       └── DecodeError                    what was stored is no event of the class
├── HandlerError
│   ├── NotAHandlerError (TypeError)       what was given cannot be called with one event
│   ├── AsyncHandlerError (TypeError)      it must be awaited, and nobody there can
│   ├── HandlerTimeoutError (TimeoutError) it took longer than timeout() allows
│   └── HandlersFailedError (ExceptionGroup)  what the handlers of one publish raised
├── PolicyError (TypeError)                an error policy that gave no decision
├── DeliveryError
│   ├── HandlerNameError (ValueError)      a handler cannot be called that in another process
│   ├── UnknownHandlerError (LookupError)  no handler of this process is called that
│   ├── MessageError (ValueError)          the headers of a message are not those of an event
│   ├── TooLargeError (ValueError)         an event is larger than its carrier takes
│   ├── BrokerAwayError (ConnectionError)  a broker did not take an event
│   ├── TransactionOverError (RuntimeError) a handler used a session whose transaction is over
│   ├── ManualCommitError (RuntimeError)   a commit by hand, where none can be
│   ├── OutboxError                        what has to do with an outbox
│   │   ├── NoTransactionError (RuntimeError)  an event was published where no commit would come
│   │   ├── OutboxTablesError (LookupError)  its tables are missing, or of another version
│   │   ├── StoreAwayError (ConnectionError)  its database does not answer
│   │   ├── LeaseLostError (RuntimeError)  another relay works meanwhile
│   │   └── NoSuchDeliveryError (LookupError)  an operator named what is not there
│   ├── NotStartedError (RuntimeError)     a delivery was used before its owner started it
│   ├── QueueFullError (RuntimeError)      a bounded queue has no room
│   └── UnfinishedError (RuntimeError)     what was left when the time to drain was over
├── NoEnvelopeError (LookupError)          nobody asked for envelopes here
├── WaitTimeoutError (TimeoutError)        the awaited event did not come
├── NoLoopError (RuntimeError)             no event loop that typedbus knows is running
└── DiscoveryError (ImportError)           a handler module that does not import

Each takes its data positionally and says its own sentence, so each survives pickling.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self


class TypedBusError(Exception):
    """The root of everything that typedbus raises of its own."""


class _RefusedError(TypedBusError):
    """What was asked, what is wrong, and what to do: three parts of one sentence."""

    def __init__(self, act: str, problem: str, remedy: str, /) -> None:
        super().__init__(act, problem, remedy)
        self.args = (act, problem, remedy)  # an OSError takes the third for a file name
        self.act = act
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Cannot {self.act}: {self.problem}; {self.remedy}."


class EventError(TypedBusError):
    """Something was used as an event, or as an event class, and is none."""


class EventTypeError(EventError, TypeError):
    """What stands where an event class belongs is no class that events can have."""

    def __init__(
        self,
        given: str,
        problem: str,
        remedy: str,
        root: str | None = None,
        handler: str | None = None,
        /,
    ) -> None:
        super().__init__(given, problem, remedy, root, handler)
        self.given = given
        self.problem = problem
        self.remedy = remedy
        self.root = root
        self.handler = handler

    def __str__(self) -> str:
        use = f"subscribe {self.handler} to {self.given}" if self.handler else f"use {self.given}"
        of = f" of a bus of {self.root}" if self.root else ""
        return f"Cannot {use} as an event class{of}: {self.problem}; {self.remedy}."


class EventOutsideError(EventError, TypeError):
    """The bus does not carry this event class."""

    def __init__(self, event_type: str, root: str, act: str, handler: str | None = None, /) -> None:
        super().__init__(event_type, root, act, handler)
        self.event_type = event_type
        self.root = root
        self.act = act
        self.handler = handler

    def __str__(self) -> str:
        to_whom = f" {self.handler} to" if self.handler else ""
        return (
            f"Cannot {self.act}{to_whom} {self.event_type}: this bus carries {self.root}, and "
            f"{self.event_type} is no subclass of it. Derive {self.event_type} from {self.root}, "
            f"or use the bus that carries it. (A mix-in is carried once an event class that "
            f"inherits both is defined: define that class first.)"
        )


class NotAnEventError(EventError, TypeError):
    """What was published is no instance of an event class."""

    def __init__(self, given: str, problem: str, remedy: str, /) -> None:
        super().__init__(given, problem, remedy)
        self.given = given
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Cannot publish {self.given}: {self.problem}; {self.remedy}."


class WireNameError(EventError, _RefusedError, ValueError):
    """An event class cannot have this wire name, or has none where it needs one."""


class UnknownWireNameError(WireNameError, LookupError):
    """No event class of this process has the wire name."""


class CodecError(EventError, _RefusedError, ValueError):
    """An event cannot become JSON, or JSON no event: *problem* begins with the field."""


class EncodeError(CodecError):
    """The event cannot be written as JSON, or would not come back as it is."""


class DecodeError(CodecError):
    """What was stored or sent is no event of the class."""


class HandlerError(TypedBusError):
    """A handler cannot be used so, or failed."""


class _HandlerRefusedError(TypedBusError):
    """What a handler cannot be used for, and why."""

    def __init__(
        self, handler: str, problem: str, remedy: str, event_type: str | None = None, /
    ) -> None:
        super().__init__(handler, problem, remedy, event_type)
        self.handler = handler
        self.problem = problem
        self.remedy = remedy
        self.event_type = event_type


class NotAHandlerError(HandlerError, _HandlerRefusedError, TypeError):
    """What stands where a handler belongs cannot be called with one event."""

    def __str__(self) -> str:
        of = f" of {self.event_type}" if self.event_type else ""
        return f"Cannot use {self.handler} as a handler{of}: {self.problem}; {self.remedy}."


class AsyncHandlerError(HandlerError, _HandlerRefusedError, TypeError):
    """The handler must be awaited, and nobody there can."""

    def __str__(self) -> str:
        on = f" on {self.event_type}" if self.event_type else ""
        return f"Cannot await {self.handler}{on}: {self.problem}; {self.remedy}."


class HandlerTimeoutError(HandlerError, TimeoutError):
    """The handler took longer than its `timeout` allows, and was cancelled."""

    def __init__(self, handler: str, event: str, seconds: float, /) -> None:
        super().__init__(handler, event, seconds)
        # TimeoutError is an OSError, which takes a third argument for a file name.
        self.args = (handler, event, seconds)
        self.handler = handler
        self.event = event
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"Cannot wait longer for {self.handler}: it was handling {self.event} for "
            f"{self.seconds:g} s. Give timeout() more, or move the work to a background delivery."
        )


class HandlersFailedError(ExceptionGroup[Exception], HandlerError):
    """What the handlers of one event raised; the others have run.

    The message names each handler, and each error carries a note that names its handler, the
    event and the subscription. `except*` picks errors out by class (PEP 654).
    """

    def derive(self, excs: Sequence[Exception], /) -> Self:  # type: ignore[override]
        """Keep this class when `except*` or `split` takes the group apart."""
        # typeshed's overloads allow for groups of BaseException, which this one never holds.
        return type(self)(self.message, excs)


class PolicyError(TypedBusError, TypeError):
    """An error policy answered something that is no decision."""

    def __init__(self, policy: str, answer: str, /) -> None:
        super().__init__(policy, answer)
        self.policy = policy
        self.answer = answer

    def __str__(self) -> str:
        return (
            f"Cannot go by {self.answer} as the decision of {self.policy}: use 'collect', 'raise' "
            f"or 'log', or a function that returns a Decision such as Decision.COLLECT."
        )


class DeliveryError(TypedBusError):
    """A delivery could not take an event, or not finish it."""


class HandlerNameError(DeliveryError, _RefusedError, ValueError):
    """A handler cannot be called that in another process."""


class UnknownHandlerError(DeliveryError, _RefusedError, LookupError):
    """No handler of this process is called that."""


class MessageError(DeliveryError, _RefusedError, ValueError):
    """The headers of a message are not those of an event."""


class TooLargeError(DeliveryError, _RefusedError, ValueError):
    """An event is larger than its carrier takes."""


class BrokerAwayError(DeliveryError, _RefusedError, ConnectionError):
    """A broker did not take an event: it is away, refuses, or does not answer."""


class TransactionOverError(DeliveryError, _RefusedError, RuntimeError):
    """A handler used the session whose transaction is over."""


class ManualCommitError(DeliveryError, _RefusedError, RuntimeError):
    """A handler waits for a commit by hand that nobody is told of, or commits by hand itself."""


class OutboxError(_RefusedError, DeliveryError):
    """Something that has to do with an outbox."""


class NoTransactionError(OutboxError, RuntimeError):
    """An event for a durable handler was published where no commit would store it."""


class OutboxTablesError(OutboxError, LookupError):
    """The tables of an outbox are missing, or they are those of another version."""


class StoreAwayError(OutboxError, ConnectionError):
    """The database of an outbox does not answer."""


class LeaseLostError(OutboxError, RuntimeError):
    """Another relay works meanwhile: what this one would write is not written."""


class NoSuchDeliveryError(OutboxError, LookupError):
    """An operator named an event, a handler or a key that the outbox does not have."""


class NotStartedError(DeliveryError, RuntimeError):
    """A delivery was used before its owner started it, or after it was closed."""

    def __init__(self, delivery: str, handler: str, event: str, /) -> None:
        super().__init__(delivery, handler, event)
        self.delivery = delivery
        self.handler = handler
        self.event = event

    def __str__(self) -> str:
        return (
            f"Cannot deliver {self.event} to {self.handler}: {self.delivery} is not running. "
            f"Enter it where the program starts, for example in the lifespan: "
            f"`with background:` (`async with` for AsyncBackground)."
        )


class QueueFullError(DeliveryError, RuntimeError):
    """A bounded queue has no room for one more event."""

    def __init__(self, queue: str, size: int, handler: str, event: str, /) -> None:
        super().__init__(queue, size, handler, event)
        self.queue = queue
        self.size = size
        self.handler = handler
        self.event = event

    def __str__(self) -> str:
        return (
            f"Cannot deliver {self.event} to {self.handler}: {self.queue} holds {self.size} "
            f"already. Give it more room or more workers, or pass when_full='wait' to make "
            f"the publisher wait."
        )


class UnfinishedError(DeliveryError, RuntimeError):
    """The time to drain was over, and this was left."""

    def __init__(self, delivery: str, left: tuple[str, ...], /) -> None:
        super().__init__(delivery, left)
        self.delivery = delivery
        self.left = left

    def __str__(self) -> str:
        return (
            f"Cannot finish {len(self.left)} deliveries of {self.delivery} within its drain time: "
            f"{'; '.join(self.left)}. Raise drain=, or make the handlers stop sooner."
        )


class NoEnvelopeError(TypedBusError, LookupError):
    """No event with an envelope is being handled here."""

    def __str__(self) -> str:
        return (
            "Cannot tell the envelope: no event with an envelope is being handled here. "
            "An inline publish makes none unless asked: pass envelopes=True to the bus."
        )


class WaitTimeoutError(TypedBusError, TimeoutError):
    """The awaited event did not come in time."""

    def __init__(self, event_type: str, seconds: float, /) -> None:
        super().__init__(event_type, seconds)
        self.event_type = event_type
        self.seconds = seconds

    def __str__(self) -> str:
        return (
            f"Cannot wait longer for {self.event_type}: none that was asked for came within "
            f"{self.seconds:g} s. Start waiting before the event is published, or raise timeout=."
        )


class NoLoopError(TypedBusError, RuntimeError):
    """No event loop that typedbus knows is running in this thread."""

    def __str__(self) -> str:
        return (
            "Cannot wait here: neither asyncio nor a loop from the entry points 'typedbus.loops' "
            "is running in this thread. Await it under asyncio.run() or trio.run()."
        )


class DiscoveryError(TypedBusError, ImportError):
    """Handler modules could not be found or imported."""

    def __init__(self, module: str, problem: str, remedy: str, /) -> None:
        super().__init__(module, problem, remedy)
        self.module = module
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        return f"Cannot discover handlers in {self.module!r}: {self.problem}; {self.remedy}."
