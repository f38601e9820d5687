"""typedbus: typed domain events. The event class is the contract."""

__version__ = "0.1.0"
__all__ = [
    "AsyncBackground", "AsyncBus", "AsyncDelivery", "AsyncHandler", "AsyncPending",
    "AsyncPublisher", "Background", "Backoff", "BlockingDelivery", "Bus", "Context", "Dead",
    "Decision", "Delivery", "Discard", "Envelope", "Event", "Failure", "Handler",
    "HandlersFailedError", "NotYet", "Pending", "Publisher", "Retry", "Stream", "Subscription",
    "SyncDelivery", "TypedBusError", "WireName", "Wrapper", "around", "collect", "collected",
    "context", "current_context", "current_envelope", "discover", "errors", "event", "in_thread",
    "logged", "tenant_scope", "timeout", "wire_name_of",
]  # fmt: skip
from typedbus.core import errors
from typedbus.core.async_background import AsyncBackground
from typedbus.core.async_bus import AsyncBus
from typedbus.core.background import Background
from typedbus.core.bus import Bus
from typedbus.core.collect import collect, collected
from typedbus.core.deliveries import AsyncDelivery, BlockingDelivery, Delivery, SyncDelivery
from typedbus.core.discovery import discover
from typedbus.core.envelope import (
    Context,
    Envelope,
    context,
    current_context,
    current_envelope,
    tenant_scope,
)
from typedbus.core.errors import HandlersFailedError, TypedBusError
from typedbus.core.events import Event
from typedbus.core.handlers import AsyncHandler, AsyncPublisher, Handler, Publisher
from typedbus.core.names import WireName, event, wire_name_of
from typedbus.core.pending import AsyncPending, Pending
from typedbus.core.policies import Decision, Failure
from typedbus.core.retries import Backoff
from typedbus.core.subscriptions import Subscription
from typedbus.core.threads import in_thread
from typedbus.core.verdicts import Dead, Discard, NotYet, Retry
from typedbus.core.waiting import Stream
from typedbus.core.wrappers import Wrapper, around, logged, timeout
