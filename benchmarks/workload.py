"""What every contender of a table has to do: bring one event to a number of handlers."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from typedbus import Event

# A handler takes what its library passes, and each library passes something else.
AnyHandler = Callable[..., Any]


class OrderPlaced(Event):
    """The event of every benchmark."""

    order_id: int


@dataclass(frozen=True, kw_only=True)
class Workload:
    """Handlers to call and the event to call them with.

    Asked twice for the same handlers, it gives the same list: what a second contender
    allocates is then its own.
    """

    count: int
    event: object = field(default_factory=lambda: OrderPlaced(order_id=1))
    called: Callable[[int], None] | None = None
    """Told the number of each handler that is called; the timed ones do nothing at all."""
    _compiled: dict[str, list[AnyHandler]] = field(default_factory=dict)

    def handlers(self, parameters: str = "event") -> list[AnyHandler]:
        """Return the handlers as plain functions with these *parameters*."""
        return self._handlers(f"def handler({parameters})")

    def async_handlers(self, parameters: str = "event") -> list[AnyHandler]:
        """Return the handlers as coroutine functions with these *parameters*."""
        return self._handlers(f"async def handler({parameters})")

    def _handlers(self, head: str) -> list[AnyHandler]:
        if head not in self._compiled:
            self._compiled[head] = [self._compile(head, number) for number in range(self.count)]
        return self._compiled[head]

    def _compile(self, head: str, number: int) -> AnyHandler:
        # Compiled one by one: functions that come from one `def` share a code object, which
        # the interpreter specialises on, and no two handlers of a real program do.
        head = head.replace("handler", f"handler_{number}")
        body = f"called({number})" if self.called else "pass"
        return compile_function(f"{head}: {body}", {"called": self.called})


@dataclass(frozen=True, kw_only=True)
class Contender:
    """One way to publish: a statement to time, which sees *names* and the event."""

    name: str
    statement: str
    workload: Workload
    """What it calls. Held here, for most peers hold their handlers by weak references."""
    names: Mapping[str, object] = field(default_factory=dict)
    scope: Callable[[], AbstractContextManager[object]] = nullcontext
    """Entered around each timed loop, outside the clock."""
    close: Callable[[], Awaitable[None]] | None = None
    """Awaited when all is timed."""

    @property
    def arguments(self) -> dict[str, object]:
        """All that the statement sees."""
        return {**self.names, "event": self.workload.event}


def compile_function(source: str, names: Mapping[str, object]) -> AnyHandler:
    """Return the one function that *source* defines, with *names* as its globals."""
    before = {"__name__": __name__, **names}
    namespace: dict[str, Any] = dict(before)
    exec(compile(source, "<benchmark>", "exec"), namespace)
    (function,) = (namespace[name] for name in namespace.keys() - before - {"__builtins__"})
    compiled: AnyHandler = function
    return compiled
