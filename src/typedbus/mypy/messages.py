"""Everything that the plugin says, each sentence with its code and ending in the remedy."""

from __future__ import annotations

from enum import Enum

from mypy.errorcodes import ARG_TYPE, ErrorCode
from mypy.nodes import Context
from mypy.plugin import CheckerPluginInterface, SemanticAnalyzerPluginInterface


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

JSON = _code("event-json", "Check that events with a wire name can be stored as JSON")


class Lost(Enum):
    """Why a value does not come back from JSON as it was, and what to do about it."""

    OPAQUE = "which pydantic cannot write; keep what identifies it, or what is in it"
    UNKNOWN = "a class that pydantic does not know; make it a dataclass, an Event or a model"
    SUBCLASS = "a class that pydantic does not know; use its base, or a NewType of the base"
    LOOPED_OVER = "which does not come back as it was; write list, tuple or Sequence"
    MASKED = "which is written as asterisks; keep what finds the secret"
    OPEN = "which leaves open what it is; write the class that is meant, or a union of them"
    ENUM = "whose values JSON has no form for; give its members strings or numbers"
    LITERAL = "which does not come back from JSON; write the whole enum, or a string"
    KEY = "as a key, which does not come back from JSON; use str or int, or a list of pairs"
    DEFAULT = "whose default pydantic cannot tell; write dict"
    INIT_VAR = "is an InitVar, which is not stored; make it a field, or give it a default"
    BY_ORDER = "write {part} before {becomes}"
    CONFUSED = "use one of them, or a class for each with a Literal field of its own"


class Report:
    """Says what is wrong at one place. Classes are given as they are to be shown, in quotes."""

    def __init__(
        self, api: CheckerPluginInterface | SemanticAnalyzerPluginInterface, place: Context
    ) -> None:
        self._api = api
        self._place = place

    def takes_another(self, handler: str, accepted: str, event: str) -> None:
        """The handler accepts a class that no event of this subscription has."""
        self._say(
            f"{handler} accepts {accepted}, not {event}; "
            f"subscribe it to {_each_of(accepted)}, or let it accept {event}",
            MISMATCH,
        )

    def takes_a_subclass(self, handler: str, accepted: str, event: str) -> None:
        """The handler accepts some of the events that it would get."""
        self._say(
            f"{handler} accepts only {accepted}, but would receive every {event}; "
            f"subscribe it to {_each_of(accepted)}, or let it accept {event}",
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

    def untyped_publisher(self) -> None:
        """What it is published on carries Any."""
        self._say(
            "What this is published on is untyped (Any), so nothing checks that it carries the "
            "event; annotate it, as Publisher[...] of an event class",
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

    def root_as_argument(self, bus: str, root: str) -> None:
        """The root of a bus as type argument only."""
        self._say(
            f"Type arguments are gone at run time, so this bus carries every Event, not {root}; "
            f"write {bus}({root[1:-1]})",
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

    def not_stored(self, event: str, field: str, given: str, why: Lost) -> None:
        """The values of a field do not come back from JSON."""
        what = "" if why is Lost.INIT_VAR else f"has type {given}, "
        self._say(f'{_stored(event)}, and its field "{field}" {what}{why.value}', JSON)

    def confused(
        self, event: str, field: str, union: str, part: str, becomes: str, why: Lost
    ) -> None:
        """The values of a field come back as another type of its union."""
        self._say(
            f'{_stored(event)}, and its field "{field}" has type {union}, where {part} comes back '
            f"as {becomes}; {why.value.format(part=part, becomes=becomes)}",
            JSON,
        )

    def unknown_event(self, event: str, why: Lost) -> None:
        """No instance of the event class comes back from JSON."""
        self._say(f"{_stored(event)}, and is {why.value}", JSON)

    def _say(self, sentence: str, code: ErrorCode) -> None:
        # Where a type is not inferred yet, everything is Any, and mypy checks the function again.
        # The declared interface does not tell; without it a report is at worst one too many.
        if not getattr(self._api, "current_node_deferred", False):
            self._api.fail(sentence, self._place, code=code)


def _each_of(shown: str) -> str:
    """Return what to subscribe to instead of *shown*, which may be a union."""
    return f"each class of {shown}" if " | " in shown else shown


def _stored(event: str) -> str:
    return f"Event {event} leaves the process as JSON"
