"""The model: a bus so simple that one sees that it is right (blueprint 4, rules 1 to 3)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.properties.scripts import ScriptError
from typedbus import Decision, Failure, HandlersFailedError
from typedbus.core.policies import OnError


@dataclass(eq=False)
class Entry:
    """One subscription of the model."""

    bus: "ModelBus"
    event_type: type
    handler: Callable[[Any], object]
    once: bool
    on_error: OnError | None
    called: bool = False
    name: str = "model"
    policy: None = None
    bus_policy: None = None

    @property
    def active(self) -> bool:
        """Whether the next publish calls it."""
        return self in self.bus.entries

    def cancel(self) -> None:
        """Call it no more; twice is fine."""
        if self.active:
            self.bus.entries.remove(self)


class ModelBus:
    """Keeps one list, in order of subscription, and asks Python who is reached."""

    def __init__(self, on_error: OnError) -> None:
        self.entries: list[Entry] = []
        self.on_error = on_error
        self.log: Callable[[Exception], object] = repr  # a logger of those who compare logs

    def subscribe(
        self,
        event_type: type,
        handler: Callable[[Any], object],
        /,
        *,
        once: bool,
        on_error: OnError | None,
    ) -> Entry:
        """Put *handler* behind all others."""
        entry = Entry(self, event_type, handler, once, on_error)
        self.entries.append(entry)
        return entry

    def subscriptions(self, event_type: type, /) -> tuple[Entry, ...]:
        """Return whom an event of *event_type* reaches, in order."""
        return tuple(entry for entry in self.entries if issubclass(event_type, entry.event_type))

    def publish(self, event: object, /) -> None:
        """Call everyone whom *event* reaches, and raise what is to be raised."""
        collected: list[Exception] = []
        stopped = False
        for entry in self.subscriptions(type(event)):
            if entry.once:
                if entry.called:
                    continue
                entry.cancel()
            entry.called = True
            try:
                entry.handler(event)
            except (ScriptError, HandlersFailedError) as error:
                match self.decide(entry, Failure(event, error, entry)):
                    case Decision.COLLECT:
                        collected.append(error)
                    case Decision.RAISE:
                        collected.append(error)
                        stopped = True
                        break
                    case Decision.LOG:
                        self.log(error)
                    case Decision.IGNORE:
                        pass
        if stopped and len(collected) == 1:
            raise collected[0]
        if collected:
            for each in collected:
                each.add_note("whose it is")
            raise HandlersFailedError("", collected)

    def decide(self, entry: Entry, failure: Failure) -> Decision:
        """Return what the policy of the subscription says, or else that of the bus."""
        on_error = entry.on_error or self.on_error
        return Decision(on_error) if isinstance(on_error, str) else on_error(failure)
