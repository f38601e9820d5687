"""A mistake is an error at once, where it was written: it names both sides and the remedy.

Whatever is refused, nothing is half-registered.
"""

from collections.abc import Callable
from typing import Annotated, Any, Generic, NewType, TypedDict, TypeVar

import pytest

from tests.core.buses import AnyBus, MakeBus, awaited, plain
from tests.core.shop import Elsewhere, OrderPlaced, ShopEvent, UserCreated, nothing
from typedbus import Event, collected, errors

T = TypeVar("T")


class Created(ShopEvent, Generic[T]):
    pass


class Payload(TypedDict):
    user_id: int


class Handlers:
    def without_event(self) -> None: ...

    def with_two(self, event: ShopEvent, session: str) -> None: ...

    def with_keyword(self, *, event: ShopEvent) -> None: ...

    def with_required_keyword(self, event: ShopEvent, *, session: str) -> None: ...


HERE = __name__
NO_CLASSES = [
    pytest.param(UserCreated(), "UserCreated(", "write the class, such as UserCreated", id="event"),
    pytest.param("user_created", "'user_created'", "write UserCreated", id="string"),
    pytest.param("nonsense", "'nonsense'", "write its class", id="string like no class"),
    pytest.param(None, "None", "write the class", id="None"),
    pytest.param(5, "5", "write the class", id="number"),
    pytest.param(nothing, "<function nothing", "write the class", id="function"),
    pytest.param(UserCreated | OrderPlaced, " | ", "once for each of its classes", id="union"),
    pytest.param(UserCreated | None, "None", "once for each of its classes", id="optional"),
    pytest.param(Created[int], "Created[int]", "subscribe to Created itself", id="parametrised"),
    pytest.param(list[int], "list[int]", "subscribe to list itself", id="parametrised built-in"),
    pytest.param(Annotated[UserCreated, 1], "Annotated[", "UserCreated", id="annotated"),
    pytest.param(NewType("New", UserCreated), "New", "derive an event class", id="new type"),
    pytest.param(T, "~T", "write one event class", id="type variable"),
    pytest.param(Any, "Any", "write one event class", id="Any"),
    pytest.param(Payload, "Payload", "make it a dataclass or an Event", id="typed dict"),
    pytest.param(type, "type", "write an event class", id="type of classes"),
]
NO_HANDLERS = [
    pytest.param(None, "None", "pass the function itself, uncalled", id="result of a call"),
    pytest.param("send", "'send'", "pass the function itself, uncalled", id="string"),
    pytest.param(Handlers, f"{HERE}.Handlers", "pass an instance", id="class"),
    pytest.param(Handlers().without_event, "without_event()", "one parameter", id="no argument"),
    pytest.param(Handlers().with_two, "with_two(", "one parameter", id="two arguments"),
    pytest.param(Handlers().with_keyword, "with_keyword(", "one parameter", id="keyword"),
    pytest.param(
        Handlers().with_required_keyword, "with_required", "defaults for the others", id="option"
    ),
]
Form = Callable[[Any, Any, Any], object]  # Any: a checker refuses each of these mistakes
FORMS: dict[str, Form] = {
    "subscribe": lambda bus, event_type, handler: bus.subscribe(event_type, handler),
    "on": lambda bus, event_type, handler: bus.on(event_type)(handler),
    "on via": lambda bus, event_type, handler: bus.on(event_type, via=collected)(handler),
}

each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
each_bus = pytest.mark.parametrize("make", [plain, awaited])


def listening(make: MakeBus) -> AnyBus:
    """Return a bus to which somebody listens already."""
    bus = make()
    bus.subscribe(ShopEvent, nothing)
    return bus


@each_bus
@each_form
@pytest.mark.parametrize(("given", "shown", "remedy"), NO_CLASSES)
def test_what_is_no_event_class_is_refused(
    make: MakeBus, form: Form, given: object, shown: str, remedy: str
) -> None:
    """The error shows what was given, and says what to write instead."""
    bus = listening(make)

    with pytest.raises(errors.EventTypeError) as refused:
        form(bus, given, nothing)

    assert isinstance(refused.value, TypeError)
    assert shown in refused.value.given
    assert remedy in str(refused.value)
    assert len(bus.subscriptions()) == 1


@each_bus
@pytest.mark.parametrize(("given", "shown", "remedy"), NO_CLASSES)
def test_the_error_names_the_handler_beside_what_is_no_event_class(
    make: MakeBus, given: Any, shown: str, remedy: str
) -> None:
    """Where both are written in one line, it names both."""
    bus = listening(make)

    with pytest.raises(errors.EventTypeError) as refused:
        bus.subscribe(given, nothing)

    assert refused.value.handler == "tests.core.shop.nothing"
    assert "tests.core.shop.nothing" in str(refused.value)


@each_bus
@pytest.mark.parametrize(("given", "shown", "remedy"), NO_CLASSES)
def test_the_error_of_on_names_the_root_beside_what_is_no_event_class(
    make: MakeBus, given: Any, shown: str, remedy: str
) -> None:
    """The handler is not known yet, so the other side is what the bus carries."""
    with pytest.raises(errors.EventTypeError, match=r"tests\.core\.shop\.ShopEvent"):
        listening(make).on(given)


@each_bus
def test_on_refuses_an_event_class_before_it_sees_a_handler(make: MakeBus) -> None:
    """The error points at the line of the decorator."""
    bus = listening(make)

    with pytest.raises(errors.EventTypeError):
        bus.on("user_created")  # type: ignore[event-name]  # the mistake under test
    with pytest.raises(errors.EventOutsideError):
        bus.on(Elsewhere)  # type: ignore[event-outside]  # the mistake under test

    assert len(bus.subscriptions()) == 1


@each_bus
@each_form
@pytest.mark.parametrize("outside", [Elsewhere, int, Handlers], ids=lambda cls: cls.__name__)
def test_a_class_outside_the_bus_is_refused(make: MakeBus, form: Form, outside: type) -> None:
    """The error names the class, the root, and the ways to bring them together."""
    bus = listening(make)

    with pytest.raises(errors.EventOutsideError) as refused:
        form(bus, outside, nothing)

    assert refused.value.event_type == f"{outside.__module__}.{outside.__qualname__}"
    assert refused.value.root == "tests.core.shop.ShopEvent"
    assert "Derive" in str(refused.value)
    assert len(bus.subscriptions()) == 1


@each_bus
@each_form
@pytest.mark.parametrize(("given", "shown", "remedy"), NO_HANDLERS)
def test_what_is_no_handler_is_refused(
    make: MakeBus, form: Form, given: object, shown: str, remedy: str
) -> None:
    """The error names what was given and the event class, and says what to pass."""
    bus = listening(make)

    with pytest.raises(errors.NotAHandlerError) as refused:
        form(bus, UserCreated, given)

    assert isinstance(refused.value, TypeError)
    assert shown in refused.value.handler
    assert refused.value.event_type == "tests.core.shop.UserCreated"
    assert "tests.core.shop.UserCreated" in str(refused.value)
    assert remedy in str(refused.value)
    assert len(bus.subscriptions()) == 1


@each_bus
@pytest.mark.parametrize("garbage", [None, 5], ids=["nothing", "number"])
def test_a_delivery_that_returns_no_handler_is_refused(make: MakeBus, garbage: object) -> None:
    """The error names the delivery, the handler, and what came back."""
    bus: Any = listening(make)  # Any: a checker refuses the delivery

    def deliver(handler: object) -> object:
        return garbage

    with pytest.raises(errors.NotAHandlerError) as refused:
        bus.on(UserCreated, via=deliver)(nothing)

    for part in (repr(garbage), "deliver", "tests.core.shop.nothing"):
        assert part in str(refused.value)
    assert len(bus.subscriptions()) == 1


@each_bus
@pytest.mark.parametrize("on_error", ["colect", 5, False], ids=repr)
def test_a_policy_that_is_none_is_refused(make: MakeBus, on_error: object) -> None:
    """On a subscription and on a bus; the error names it and the ones that there are."""
    bus: Any = listening(make)  # Any: a checker refuses the policy

    with pytest.raises(errors.PolicyError) as refused:
        bus.subscribe(UserCreated, nothing, on_error=on_error)
    with pytest.raises(errors.PolicyError):
        bus.on(UserCreated, on_error=on_error)(nothing)
    with pytest.raises(errors.PolicyError):
        make(on_error=on_error)

    assert repr(on_error) in str(refused.value)
    assert len(bus.subscriptions()) == 1


@each_bus
def test_a_mix_in_is_carried_once_an_event_class_inherits_it(make: MakeBus) -> None:
    """Before that, nobody could ever publish one; the error says so."""
    bus = listening(make)

    class Audited:
        pass

    with pytest.raises(errors.EventOutsideError, match="mix-in"):
        bus.subscribe(Audited, nothing)

    class Refunded(ShopEvent, Audited):
        pass

    assert bus.subscribe(Audited, nothing).active


@each_bus
@pytest.mark.parametrize("given", ["user_created", 5, UserCreated()], ids=repr)
def test_asking_who_listens_to_no_class_is_refused(make: MakeBus, given: Any) -> None:
    """A misspelt question has no empty answer."""
    bus = listening(make)

    with pytest.raises(errors.EventTypeError):
        bus.subscriptions(given)


def test_an_event_base_is_no_mistake() -> None:
    """`Event` itself is a base of the root: whoever subscribes to it hears all of the shop."""
    bus = plain()

    assert bus.subscribe(Event, nothing).active
