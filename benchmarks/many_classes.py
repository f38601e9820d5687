"""Whether a publish grows slower with the classes that others subscribed to."""

import gc
from collections.abc import Sequence
from statistics import median
from time import perf_counter_ns

from benchmarks.command import Progress, main
from benchmarks.measure import Effort, Timing, measure
from benchmarks.results import Answer, Figure, Target, figures_of
from benchmarks.tables import Table
from benchmarks.workload import AnyHandler, Contender, Workload
from typedbus import Bus

MUST = 1.1
AIM = 1.0
FIRST_PUBLISHES = 100
NOTE = (
    "Each class has one handler. The first publish of a class finds its route; subscribing makes"
    " the routes that it touches stale, so the next publish finds them again."
)


class Root:
    """The root of the classes; a plain one, for making 100,000 dataclasses takes minutes."""


def ask(effort: Effort, progress: Progress) -> Answer:
    """Publish an event while 1 class, then while 100,000 classes have handlers."""
    many = f"{effort.classes:,}"
    progress(f"publish with {many} subscribed classes")
    (handler,) = Workload(count=1).handlers()
    few_classes = _classes(FIRST_PUBLISHES)
    many_classes = _classes(effort.classes)
    bus = _bus([few_classes[0]], handler)
    full_bus = _bus(many_classes, handler)
    timings = measure(
        [
            _contender("1 class subscribed", bus, few_classes[0]),
            _contender(f"{many} classes subscribed", full_bus, many_classes[-1]),
        ],
        effort,
    )
    # Taken from everywhere in the large set, none published before.
    unpublished = many_classes[:: len(many_classes) // FIRST_PUBLISHES][:FIRST_PUBLISHES]
    first = _first_publish(_bus(few_classes, handler), few_classes)
    first_of_many = _first_publish(full_bus, unpublished)
    after = _publish_after_subscribing(bus, few_classes[0], handler)
    after_of_many = _publish_after_subscribing(full_bus, many_classes[-1], handler)
    ratio = timings[1].ratio_to(timings[0])
    return Answer(
        figures={
            "many_classes": [
                {**figure, "first_publish_ns": ns, "subscribe_and_publish_ns": both}
                for figure, ns, both in zip(
                    _figures(timings),
                    (first, first_of_many),
                    (after, after_of_many),
                    strict=True,
                )
            ]
        },
        tables=[
            _table(
                timings,
                ("first publish of a class", first, first_of_many),
                ("subscribe, publish, cancel", after, after_of_many),
            ),
        ],
        targets=[
            Target(
                what=f"publish, {many} classes",
                against="1 class",
                measured=ratio,
                must=MUST,
                aim=AIM,
            )
        ],
    )


def _classes(count: int) -> list[type[Root]]:
    return [type(f"Event{number}", (Root,), {}) for number in range(count)]


def _bus(classes: Sequence[type[Root]], handler: AnyHandler) -> Bus[Root]:
    bus = Bus(Root)
    for event_type in classes:
        bus.subscribe(event_type, handler)
    return bus


def _contender(name: str, bus: Bus[Root], event_type: type[Root]) -> Contender:
    workload = Workload(count=1, event=event_type())
    return Contender(
        name=name, statement="bus.publish(event)", workload=workload, names={"bus": bus}
    )


def _figures(timings: Sequence[Timing]) -> list[Figure]:
    return figures_of(timings, one_class=timings[0])


def _first_publish(bus: Bus[Root], classes: Sequence[type[Root]]) -> float:
    """Return the median time of the first publish of each of *classes*."""
    events = [event_type() for event_type in classes]
    gc.collect()
    times = []
    for event in events:
        started = perf_counter_ns()
        bus.publish(event)
        times.append(perf_counter_ns() - started)
    return float(median(times))


def _publish_after_subscribing(
    bus: Bus[Root], event_type: type[Root], handler: AnyHandler
) -> float:
    """Return the median time to subscribe, publish and cancel."""
    event = event_type()
    gc.collect()
    times = []
    for _ in range(FIRST_PUBLISHES):
        started = perf_counter_ns()
        with bus.subscribe(event_type, handler):
            bus.publish(event)
        times.append(perf_counter_ns() - started)
    return float(median(times))


def _table(timings: Sequence[Timing], *others: tuple[str, float, float]) -> Table:
    few, many = timings
    table = Table(
        title="publish beside many subscribed classes",
        columns=("", few.contender.name, many.contender.name, "ratio"),
        notes=(NOTE,),
    )
    table.add(
        "publish", f"{few.median:,.0f} ns", f"{many.median:,.0f} ns", f"{many.ratio_to(few):,.2f}"
    )
    for name, ours, theirs in others:
        table.add(name, f"{ours:,.0f} ns", f"{theirs:,.0f} ns", f"{theirs / ours:,.2f}")
    return table


if __name__ == "__main__":
    main(__doc__ or "", ask)
