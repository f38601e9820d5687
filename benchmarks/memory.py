"""How many bytes a subscription takes."""

import gc
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks import loops, ours
from benchmarks.command import Progress, main
from benchmarks.measure import Effort, compile_loop
from benchmarks.peers import PEERS, present
from benchmarks.results import Answer, Figure
from benchmarks.tables import Table
from benchmarks.workload import AnyHandler, Contender, Workload
from typedbus import Bus

NOTE = (
    "As traced by tracemalloc, over many subscriptions, after a publish to all; without the"
    " handlers and event classes themselves."
)
ONE_LIST_FOR_ALL = {"zope.event"}  # its one list is there before, so nothing would show


def ask(effort: Effort, progress: Progress) -> Answer:
    """Subscribe many handlers and see what stays allocated."""
    count = effort.subscriptions
    progress(f"memory of {count} subscriptions")
    rows = {"typedbus, one class": _bytes_each(ours.bus, Workload(count=count))}
    rows["typedbus, a class each"] = _bytes_each_with_a_class_each(count)
    rows["naive bus, one class"] = _bytes_each(loops.naive_bus, Workload(count=count))
    for peer in present(PEERS):
        if peer.name not in ONE_LIST_FOR_ALL:
            rows[peer.name] = _bytes_each(peer.prepare, Workload(count=count))
    table = Table(
        title=f"memory of a subscription, over {count:,}", columns=("", "bytes"), notes=(NOTE,)
    )
    figures: list[Figure] = []
    for name, size in rows.items():
        table.add(name, f"{size:,.0f}")
        figures.append({"contender": name, "subscriptions": count, "bytes_each": round(size)})
    return Answer(figures={"memory": figures}, tables=[table])


def _bytes_each(prepare: Callable[[Workload], Contender], workload: Workload) -> float:
    """Return what each subscription of a second contender takes: the first one warms up."""
    first = prepare(workload)
    publish_once = compile_loop(first, "def")
    publish_once(range(1), int, **first.arguments)
    with _traced() as allocated:
        second = prepare(workload)
        publish_once(range(1), int, **second.arguments)
        return allocated() / workload.count


def _bytes_each_with_a_class_each(count: int) -> float:
    class Root: ...

    classes = [type(f"Event{number}", (Root,), {}) for number in range(count)]
    handlers: list[AnyHandler] = Workload(count=count).handlers()
    with _traced() as allocated:
        bus = Bus(Root)
        for event_type, handler in zip(classes, handlers, strict=True):
            bus.subscribe(event_type, handler)
        for event_type in classes:
            bus.publish(event_type())
        return allocated() / count


@contextmanager
def _traced() -> Iterator[Callable[[], int]]:
    """Give a function that tells the bytes allocated since, garbage taken out."""

    def allocated() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before

    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    try:
        yield allocated
    finally:
        tracemalloc.stop()


if __name__ == "__main__":
    main(__doc__ or "", ask)
