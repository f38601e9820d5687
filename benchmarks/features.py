"""What a feature costs a publish that does not use it, and one that does."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

from benchmarks.command import Progress, main
from benchmarks.measure import Effort, Timing, measure, measure_async
from benchmarks.results import Answer, figures_of
from benchmarks.tables import Table
from benchmarks.workload import Contender, OrderPlaced, Workload
from typedbus import AsyncBus, Bus, Event, collect, collected, context

HANDLERS = 5

Scope = Callable[[], AbstractContextManager[object]]


def ask(effort: Effort, progress: Progress) -> Answer:
    """Publish to 5 handlers on a plain bus, and with one feature at a time."""
    progress("features on a Bus")
    plain = measure(contenders(Workload(count=HANDLERS)), effort)
    progress("features on an AsyncBus")
    awaiting = asyncio.run(measure_async(async_contenders(Workload(count=HANDLERS)), effort))
    return Answer(
        figures={
            "features": [
                {"bus": bus, "handlers": HANDLERS, **figure}
                for bus, timings in (("Bus", plain), ("AsyncBus", awaiting))
                for figure in figures_of(timings, plain_bus=timings[0])
            ]
        },
        tables=[
            _table(f"what costs on a Bus, publish to {HANDLERS} handlers", plain),
            _table(f"what costs on an AsyncBus, await publish to {HANDLERS} handlers", awaiting),
        ],
    )


def contenders(workload: Workload) -> list[Contender]:
    """Return the plain bus, and one bus for each feature; the plain one comes first."""
    return [
        _bus("plain", Bus(), workload),
        _bus("plain, once more: this is the noise", Bus(), workload),
        _bus("handlers subscribed to a base class", Bus(), workload, event_type=Event),
        _bus('on_error="raise" on the bus', Bus(on_error="raise"), workload),
        _bus('on_error="log" on each subscription', Bus(), workload, on_error="log"),
        _bus("wrap=[] on the bus", Bus(wrap=[]), workload),
        _bus("inside `with context(...)`", Bus(), workload, scope=_in_context),
        _bus("inside `with collect()`", Bus(), workload, scope=_in_collect),
        _bus("inside both", Bus(), workload, scope=_in_both),
        _bus("another class has a collected handler", _bus_with_collected(), workload),
        _bus("wrap=[a wrapper that only calls]", Bus(wrap=[_passing_on]), workload),
        _bus("envelopes=True", Bus(envelopes=True), workload),
    ]


def async_contenders(workload: Workload) -> list[Contender]:
    """Return the plain async bus, and one bus for each feature; the plain one comes first."""
    return [
        _async_bus("plain", AsyncBus(), workload),
        _async_bus("plain, once more: this is the noise", AsyncBus(), workload),
        _async_bus("concurrency=1, set", AsyncBus(concurrency=1), workload),
        _async_bus('on_error="log" on each subscription', AsyncBus(), workload, on_error="log"),
        _async_bus("inside `with context(...)`", AsyncBus(), workload, scope=_in_context),
        _async_bus("inside `with collect()`", AsyncBus(), workload, scope=_in_collect),
        _async_bus("handlers that are not async", AsyncBus(), workload, sync_handlers=True),
        _async_bus("envelopes=True", AsyncBus(envelopes=True), workload),
        _async_bus("concurrency=5", AsyncBus(concurrency=5), workload),
    ]


def _bus(
    name: str,
    bus: Bus[Event],
    workload: Workload,
    *,
    scope: Scope = nullcontext,
    event_type: type[Event] = OrderPlaced,
    **options: Any,
) -> Contender:
    for handler in workload.handlers():
        bus.subscribe(event_type, handler, **options)
    return Contender(
        name=name,
        statement="bus.publish(event)",
        workload=workload,
        names={"bus": bus},
        scope=scope,
    )


def _async_bus(
    name: str,
    bus: AsyncBus[Event],
    workload: Workload,
    *,
    scope: Scope = nullcontext,
    sync_handlers: bool = False,
    **options: Any,
) -> Contender:
    handlers = workload.handlers() if sync_handlers else workload.async_handlers()
    for handler in handlers:
        bus.subscribe(OrderPlaced, handler, **options)
    return Contender(
        name=name,
        statement="await bus.publish(event)",
        workload=workload,
        names={"bus": bus},
        scope=scope,
    )


def _bus_with_collected() -> Bus[Event]:
    class OrderShipped(Event):
        order_id: int

    def handle(event: OrderShipped) -> None: ...

    bus = Bus()
    bus.on(OrderShipped, via=collected)(handle)
    return bus


def _passing_on(handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def handle(event: Any) -> Any:
        return handler(event)

    return handle


def _in_context() -> AbstractContextManager[object]:
    return context(correlation_id="r-1", tenant="acme")


def _in_collect() -> AbstractContextManager[object]:
    return collect()


@contextmanager
def _in_both() -> Iterator[None]:
    with _in_context(), _in_collect():
        yield


def _table(title: str, timings: list[Timing]) -> Table:
    plain = timings[0]
    table = Table(title=title, columns=("", "ns", "x plain bus", "(least)"))
    for timing in timings:
        table.add(
            timing.contender.name,
            f"{timing.median:,.0f}",
            f"{timing.ratio_to(plain):,.2f}",
            f"({timing.least_ratio_to(plain):,.2f})",
        )
    return table


if __name__ == "__main__":
    main(__doc__ or "", ask)
