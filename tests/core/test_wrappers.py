"""What goes around handlers: on the bus, on a subscription, inside deliveries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any, TypeAlias

import anyio
import anyio.lowlevel
import pytest

from tests.core.buses import MakeBus, publish
from tests.core.shop import (
    DeclinedError,
    LostError,
    ShopEvent,
    UserCreated,
    decline,
    decline_later,
    nothing,
    nothing_async,
    noting,
)
from typedbus import (
    AsyncBackground,
    AsyncBus,
    Background,
    Bus,
    Decision,
    Failure,
    HandlersFailedError,
    Wrapper,
    around,
    collect,
    collected,
    errors,
    in_thread,
)

Calls: TypeAlias = list[str]


def noted(calls: Calls, name: str) -> Wrapper:
    """Return a wrapper that notes when it is entered and left."""

    @contextmanager
    def note(handler: str, event: object) -> Iterator[None]:
        calls.append(f"{name} begins")
        try:
            yield
        finally:
            calls.append(f"{name} ends")

    return around(note)


def test_wrappers_of_the_bus_go_around_those_of_the_subscription(make_bus: MakeBus) -> None:
    """The first is the outermost, each time."""
    calls = Calls()
    bus = make_bus(wrap=[noted(calls, "bus 1"), noted(calls, "bus 2")])
    wrap = [noted(calls, "own 1"), noted(calls, "own 2")]
    bus.subscribe(UserCreated, noting(calls, "handler"), wrap=wrap)

    publish(bus, UserCreated())

    names = ["bus 1", "bus 2", "own 1", "own 2"]
    assert calls == [
        *(f"{name} begins" for name in names),
        "handler",
        *(f"{name} ends" for name in reversed(names)),
    ]


def test_on_takes_wrappers(make_bus: MakeBus) -> None:
    """`@bus.on(..., wrap=[...])` wraps one handler; the function stays itself."""
    bus, calls = make_bus(), Calls()

    handler = noting(calls, "handler")
    given_back = bus.on(UserCreated, wrap=[noted(calls, "own")])(handler)
    bus.subscribe(UserCreated, noting(calls, "bare"))
    publish(bus, UserCreated())

    assert given_back is handler
    assert calls == ["own begins", "handler", "own ends", "bare"]


def test_around_is_told_the_handler_and_the_event(make_bus: MakeBus) -> None:
    """The name as messages say it, and the event itself."""
    told = list[tuple[str, object]]()

    @contextmanager
    def tell(handler: str, event: object) -> Iterator[None]:
        told.append((handler, event))
        yield

    bus, event = make_bus(wrap=[around(tell)]), UserCreated()
    bus.subscribe(UserCreated, nothing)

    publish(bus, event)

    assert told == [("tests.core.shop.nothing", event)]


def test_around_sees_the_error_of_the_handler(make_bus: MakeBus) -> None:
    """And may give another in its place; the policy judges what comes out."""

    @contextmanager
    def translate(handler: str, event: object) -> Iterator[None]:
        try:
            yield
        except DeclinedError as error:
            raise LostError from error

    bus = make_bus(wrap=[around(translate)])
    bus.subscribe(UserCreated, decline)

    with pytest.raises(HandlersFailedError) as failed:
        publish(bus, UserCreated())

    (lost,) = failed.value.exceptions
    assert isinstance(lost, LostError)
    assert isinstance(lost.__cause__, DeclinedError)


def test_what_around_raises_on_the_way_in_keeps_the_handler_from_running(make_bus: MakeBus) -> None:
    """It is a failure of the handler; the others run."""

    class Refusing(nullcontext[None]):
        def __enter__(self) -> None:
            raise LostError

    bus, calls = make_bus(), Calls()
    bus.subscribe(UserCreated, noting(calls, "never"), wrap=[around(lambda *_: Refusing())])
    bus.subscribe(UserCreated, noting(calls, "behind"))

    with pytest.raises(HandlersFailedError) as failed:
        publish(bus, UserCreated())

    assert [type(error) for error in failed.value.exceptions] == [LostError]
    assert calls == ["behind"]


@pytest.mark.anyio
async def test_around_stays_around_an_async_handler_to_its_end() -> None:
    """Also around one that shows only at the call that it must be awaited."""
    calls = Calls()

    async def slow(event: UserCreated) -> None:
        calls.append("slow begins")
        await anyio.lowlevel.checkpoint()
        calls.append("slow ends")

    bus = AsyncBus(ShopEvent, wrap=[noted(calls, "wrapper")])
    bus.subscribe(UserCreated, slow)
    bus.subscribe(UserCreated, lambda event: slow(event))  # noqa: PLW0108 - it hides the async function

    await bus.publish(UserCreated())

    assert calls == ["wrapper begins", "slow begins", "slow ends", "wrapper ends"] * 2


@pytest.mark.anyio
async def test_around_sees_the_error_of_an_async_handler() -> None:
    """The context manager is left by the handler's error."""
    seen = list[BaseException]()

    @contextmanager
    def see(handler: str, event: object) -> Iterator[None]:
        try:
            yield
        except DeclinedError as error:
            seen.append(error)
            raise

    bus = AsyncBus(ShopEvent, wrap=[around(see)])
    bus.subscribe(UserCreated, decline_later)
    bus.subscribe(UserCreated, lambda event: decline_later(event))  # noqa: PLW0108 - it hides the async function

    with pytest.raises(HandlersFailedError) as failed:
        await bus.publish(UserCreated())

    assert list(failed.value.exceptions) == seen
    assert len(seen) == 2


def test_around_is_left_when_a_bus_refuses_the_awaitable() -> None:
    """What was entered is left, whatever happens to what the handler returned."""
    calls = Calls()
    bus = Bus(ShopEvent, wrap=[noted(calls, "wrapper")])
    hidden: Any = lambda event: nothing_async(event)  # noqa: E731, PLW0108 - it hides the async function
    bus.subscribe(UserCreated, hidden)

    with pytest.raises(HandlersFailedError) as failed:
        bus.publish(UserCreated())

    assert [type(error) for error in failed.value.exceptions] == [errors.AsyncHandlerError]
    assert calls == ["wrapper begins", "wrapper ends"]


def test_a_wrapper_goes_around_the_handler_inside_its_delivery() -> None:
    """What it times is the run of the handler, not the moment of putting it in a queue."""
    calls = Calls()
    bus = Bus(ShopEvent, wrap=[noted(calls, "bus")])
    bus.on(UserCreated, via=collected, wrap=[noted(calls, "own")])(noting(calls, "handler"))

    with collect():
        bus.publish(UserCreated())
        calls.append("collected")

    assert calls == ["collected", "bus begins", "own begins", "handler", "own ends", "bus ends"]


def test_a_wrapper_goes_around_in_the_thread_of_a_background() -> None:
    """The plain form and the decorator form alike."""
    calls = Calls()
    bus = Bus(ShopEvent, wrap=[noted(calls, "bus")])

    with Background(workers=1) as background:
        bus.on(UserCreated, via=background)(noting(calls, "handler"))
        bus.subscribe(UserCreated, background(noting(calls, "handler")))
        bus.publish(UserCreated())

    assert calls == ["bus begins", "handler", "bus ends"] * 2


@pytest.mark.anyio
async def test_a_wrapper_goes_around_in_async_deliveries() -> None:
    """In a worker thread, in a task, at the end of a scope."""
    calls = Calls()
    bus = AsyncBus(ShopEvent, wrap=[noted(calls, "bus")])

    async with AsyncBackground() as background, collect():
        for via in (in_thread, background, collected):
            bus.on(UserCreated, via=via)(noting(calls, "handler"))
        await bus.publish(UserCreated())

    assert calls == ["bus begins", "handler", "bus ends"] * 3


def test_a_delivery_keeps_one_handler_for_each_subscription() -> None:
    """A handler that was given a delivery once may be subscribed to two buses."""
    calls = Calls()
    one, other = Bus(ShopEvent, wrap=[noted(calls, "one")]), Bus(ShopEvent)
    handler = collected(noting(calls, "handler"))
    one.subscribe(UserCreated, handler)
    other.subscribe(UserCreated, handler)

    other.publish(UserCreated())
    before = list(calls)
    one.publish(UserCreated())

    assert before == ["handler"]
    assert calls == ["handler", "one begins", "handler", "one ends"]


def bare(handler: Callable[[Any], Any]) -> Any:  # Any: it keeps the type of the handler
    """Wrap *handler* and tell nothing of it."""

    def call(event: object) -> object:
        return handler(event)

    return call


@pytest.mark.parametrize("via", [None, collected], ids=["inline", "collected"])
def test_a_failure_names_the_handler_whatever_goes_around_it(
    via: Any,
) -> None:  # Any: what `on` takes
    """Not a wrapper that tells nothing of what it wraps, however the handler is delivered."""
    judged = list[str]()

    def judge(failure: Failure) -> Decision:
        judged.append(failure.subscription.name)
        return Decision.IGNORE

    bus = Bus(ShopEvent, wrap=[bare], on_error=judge)
    bus.on(UserCreated, via=via)(decline)

    with collect(on_error=judge):
        bus.publish(UserCreated())

    assert judged == ["tests.core.shop.decline"]


@pytest.mark.parametrize("garbage", [None, 5, "handler"], ids=["nothing", "number", "text"])
@pytest.mark.parametrize("where", ["bus", "subscription"])
def test_a_wrapper_that_returns_no_handler_is_refused(garbage: object, where: str) -> None:
    """Where somebody subscribes; the error names the wrapper and the handler."""

    def break_it(handler: object) -> Any:  # Any: the mistake under test
        return garbage

    bus = Bus(ShopEvent, wrap=[break_it] if where == "bus" else [])

    with pytest.raises(errors.NotAHandlerError) as refused:
        bus.subscribe(UserCreated, nothing, wrap=[break_it] if where != "bus" else [])

    assert repr(garbage) in str(refused.value)
    assert "break_it" in str(refused.value)
    assert "tests.core.shop.nothing" in str(refused.value)
    assert bus.subscriptions() == ()
