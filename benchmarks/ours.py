"""How typedbus is used to do the same job."""

from benchmarks.workload import Contender, OrderPlaced, Workload
from typedbus import AsyncBus, Bus


def bus(workload: Workload) -> Contender:
    """The plain bus, no option set."""
    events = Bus()
    for handler in workload.handlers():
        events.subscribe(OrderPlaced, handler)
    return Contender(
        name="typedbus", statement="bus.publish(event)", workload=workload, names={"bus": events}
    )


def async_bus(workload: Workload) -> Contender:
    """The plain async bus, no option set."""
    events = AsyncBus()
    for handler in workload.async_handlers():
        events.subscribe(OrderPlaced, handler)
    return Contender(
        name="typedbus",
        statement="await bus.publish(event)",
        workload=workload,
        names={"bus": events},
    )
