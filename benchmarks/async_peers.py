"""How each peer is used to await handlers with one event, in its own documented way."""

from benchmarks.peers import Peer
from benchmarks.workload import Contender, Workload


def _blinker(workload: Workload) -> Contender:
    from blinker import Signal

    placed = Signal()
    for handler in workload.async_handlers():
        placed.connect(handler)
    return Contender(
        name="blinker send_async",
        statement="await placed.send_async(event)",
        workload=workload,
        names={"placed": placed},
    )


def _pyee(workload: Workload) -> Contender:
    from pyee.asyncio import AsyncIOEventEmitter

    emitter = AsyncIOEventEmitter()
    for handler in workload.async_handlers():
        emitter.on("placed", handler)
    # emit() only starts tasks: published means handled, so the tasks are waited for.
    statement = 'emitter.emit("placed", event); await emitter.wait_for_complete()'
    return Contender(
        name="pyee AsyncIOEventEmitter",
        statement=statement,
        workload=workload,
        names={"emitter": emitter},
    )


def _django(workload: Workload) -> Contender:
    from django.dispatch import Signal

    placed = Signal()
    for handler in workload.async_handlers("event, **kwargs"):
        placed.connect(handler)
    return Contender(
        name="Django asend",
        statement="await placed.asend(sender=None, event=event)",
        workload=workload,
        names={"placed": placed},
    )


def _abxbus(workload: Workload) -> Contender:
    from abxbus import BaseEvent, EventBus

    class AbxOrderPlaced(BaseEvent[None]):
        order_id: int

    # With the history that it keeps by default it refuses the 101st event.
    bus = EventBus("benchmark", max_history_size=0)
    for handler in workload.async_handlers():
        bus.on(AbxOrderPlaced, handler)
    return Contender(
        name="abxbus",
        # One of its events can be published once: making it is part of publishing.
        statement="await bus.emit(AbxOrderPlaced(order_id=1)).now()",
        workload=workload,
        names={"bus": bus, "AbxOrderPlaced": AbxOrderPlaced},
        close=bus.destroy,
    )


ASYNC_PEERS = (
    Peer(name="blinker", distribution="blinker", prepare=_blinker),
    Peer(name="pyee", distribution="pyee", prepare=_pyee),
    Peer(name="Django", distribution="Django", prepare=_django),
    Peer(name="abxbus", distribution="abxbus", prepare=_abxbus),
)
