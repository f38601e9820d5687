"""Everything that the plugin says, each sentence with its code and ending in the remedy."""

from __future__ import annotations

from mypy.errorcodes import ARG_TYPE, ErrorCode
from mypy.nodes import Context
from mypy.plugin import CheckerPluginInterface


def _code(name: str, description: str, *, sub_code_of: ErrorCode | None = None) -> ErrorCode:
    return ErrorCode(name, description, "Events", sub_code_of=sub_code_of)


MISMATCH = _code(
    "event-mismatch", "Check that a handler accepts the event class", sub_code_of=ARG_TYPE
)
OUTSIDE = _code("event-outside", "Check that the bus carries the event", sub_code_of=ARG_TYPE)
UNTYPED = _code("event-untyped", "Disallow events and handlers of type Any")
CLASS = _code("event-class", "Disallow what is no event class", sub_code_of=ARG_TYPE)
NAME = _code("event-name", "Disallow strings in the place of events", sub_code_of=ARG_TYPE)
ASYNC = _code("event-async", "Disallow async handlers that nobody awaits", sub_code_of=ARG_TYPE)


class Report:
    """Says what is wrong at one place. Classes are given as they are to be shown, in quotes."""

    def __init__(self, api: CheckerPluginInterface, place: Context) -> None:
        self._api = api
        self._place = place

    def takes_another(self, handler: str, accepted: str, event: str) -> None:
        """The handler accepts a class that no event of this subscription has."""
        self._say(
            f"{handler} accepts {accepted}, not {event}; "
            f"subscribe it to {accepted}, or let it accept {event}",
            MISMATCH,
        )

    def takes_a_subclass(self, handler: str, accepted: str, event: str) -> None:
        """The handler accepts some of the events that it would get."""
        self._say(
            f"{handler} accepts only {accepted}, but would receive every {event}; "
            f"subscribe it to {accepted}, or let it accept {event}",
            MISMATCH,
        )

    def not_awaited(self, handler: str) -> None:
        """The handler is async where nothing awaits it."""
        self._say(
            f"{handler} is async, and nothing awaits it here; "
            "use an AsyncBus, or a delivery that awaits",
            ASYNC,
        )

    def outside(self, event: str, root: str) -> None:
        """The bus does not carry the event class."""
        self._say(
            f"This bus carries {root}, and {event} does not inherit from it; "
            f"derive {event} from {root}, or use the bus that carries it",
            OUTSIDE,
        )

    def untyped_handler(self, handler: str, event: str) -> None:
        """The handler is Any."""
        self._say(
            f"{handler} is untyped (Any), so nothing checks that it accepts {event}; "
            "annotate it, and what decorates it",
            UNTYPED,
        )

    def untyped_parameter(self, handler: str, event: str) -> None:
        """The parameter that receives the event is Any or has no annotation."""
        self._say(f"{handler} takes an untyped parameter (Any); annotate it with {event}", UNTYPED)

    def untyped_event_class(self) -> None:
        """The event class is Any."""
        self._say(
            "This event class is untyped (Any), so nothing checks its handlers; "
            "annotate it, as type[...] of an event class",
            UNTYPED,
        )

    def untyped_event(self, root: str) -> None:
        """What is published is Any."""
        self._say(
            f"This event is untyped (Any), so nothing checks that the bus carries it; "
            f"annotate it with {root} or a subclass",
            UNTYPED,
        )

    def published_class(self, name: str) -> None:
        """A class is published instead of an instance."""
        self._say(
            f'The class "{name}" is published instead of an instance; call it: {name}(...)', CLASS
        )

    def newtype(self, name: str, base: str) -> None:
        """A NewType as event class."""
        self._say(
            f'The NewType "{name}" is gone at run time, so it cannot be an event class; '
            f"derive a class from {base}",
            CLASS,
        )

    def typed_dict(self, name: str) -> None:
        """A TypedDict as event class."""
        self._say(
            f'The TypedDict "{name}" has no instances of its own, so it cannot be an event class; '
            "make it a dataclass or an Event",
            CLASS,
        )

    def parametrised(self, event: str, name: str) -> None:
        """A plain generic class with arguments as event class."""
        self._say(
            f"The type arguments of {event} are gone at run time, so it cannot be an event class; "
            f"subscribe to {name} itself, or derive a class from {event}",
            CLASS,
        )

    def union(self) -> None:
        """A union as event class."""
        self._say("A union is no event class; subscribe once for each of its classes", CLASS)

    def special_form(self) -> None:
        """Union[...], Annotated[...] and the like as event class."""
        self._say(
            "This form of typing is no event class; write the class itself, "
            "and subscribe once for each class of a union",
            CLASS,
        )

    def class_name(self, name: str, meant: str | None) -> None:
        """A string in the place of an event class."""
        remedy = f'did you mean "{meant}"?' if meant else "write its class"
        self._say(f'No string names an event: "{name}" is no event class; {remedy}', NAME)

    def event_name(self, name: str, meant: str | None) -> None:
        """A string in the place of an event."""
        remedy = f'did you mean "{meant}(...)"?' if meant else "publish an instance of its class"
        self._say(f'No string names an event: "{name}" is no event; {remedy}', NAME)

    def wrong_bus(self, callee: str, carried: str, published: str) -> None:
        """The bus given to *callee* does not carry what *callee* publishes."""
        self._say(
            f"{callee} publishes {published}, and this bus carries {carried}; "
            f"give it a bus that carries {published}",
            MISMATCH,
        )

    def async_bus(self, callee: str, given: str, wanted: str) -> None:
        """A bus whose `publish` is a coroutine is given to somebody who does not await it."""
        self._say(
            f"{callee} takes a {wanted}, which nobody awaits, and {given} must be awaited; "
            "give it a Bus, or let it take an AsyncPublisher",
            ASYNC,
        )

    def sync_bus(self, callee: str, given: str, wanted: str) -> None:
        """A bus whose `publish` returns nothing is given to somebody who awaits it."""
        self._say(
            f"{callee} takes an {wanted}, which it awaits, and {given} has nothing to await; "
            "give it an AsyncBus, or let it take a Publisher",
            ASYNC,
        )

    def _say(self, sentence: str, code: ErrorCode) -> None:
        self._api.fail(sentence, self._place, code=code)
