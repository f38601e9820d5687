"""Handlers in another process: found by name, run in the context of their event."""

import asyncio
from threading import get_ident
from typing import Any

import pytest

from tests.core.post import AdminCreated, Post, UserCreated, UserDeleted
from typedbus import (
    Bus,
    Event,
    context,
    current_context,
    current_envelope,
)
from typedbus.core.envelope import envelope_of
from typedbus.core.errors import (
    HandlerNameError,
    MessageError,
    NotAHandlerError,
    UnknownHandlerError,
)
from typedbus.core.messages import Message, pack


@pytest.fixture
def post() -> Post:
    """A carrier of this test."""
    return Post()


@pytest.fixture
def bus() -> Bus[Event]:
    """A bus of this test."""
    return Bus(Event)


def test_an_async_handler_runs_where_a_loop_runs_already(post: Post, bus: Bus[Event]) -> None:
    """It gets a loop of its own, in a thread, in the same context."""
    seen: list[tuple[bool, str | None]] = []
    here = get_ident()

    @bus.on(UserCreated, via=post.to("mail"))
    async def mail(event: UserCreated) -> None:
        await asyncio.sleep(0)
        seen.append((get_ident() == here, current_context().tenant))

    async def deliver() -> None:
        post.deliver()

    with context(tenant="acme"):
        bus.publish(UserCreated())
    asyncio.run(deliver())

    assert seen == [(False, "acme")]


def test_what_a_message_asks_for_can_be_awaited_here(post: Post, bus: Bus[Event]) -> None:
    """`run_async` awaits an async handler in the loop that runs, and calls any other."""
    loops: list[object] = []
    seen: list[str] = []

    @bus.on(UserCreated, via=post.to("one"))
    async def one(event: UserCreated) -> None:
        await asyncio.sleep(0)
        loops.append(asyncio.get_running_loop())
        seen.append(current_envelope().id)

    @bus.on(UserCreated, via=post.to("other"))
    def other(event: UserCreated) -> None:
        seen.append(current_envelope().id)

    async def run() -> object:
        for name, message, _ in post.outbox:
            await post.handlers.read(name, message).run_async()
        return asyncio.get_running_loop()

    bus.publish(UserCreated())
    loop = asyncio.run(run())

    assert loops == [loop]
    assert len(seen) == 2
    assert len(set(seen)) == 1


def test_what_a_handler_raises_comes_out(post: Post, bus: Bus[Event]) -> None:
    """Plain, for whoever runs it to judge."""

    @bus.on(UserCreated, via=post.to("mail"))
    def mail(event: UserCreated) -> None:
        raise ValueError("no address")

    bus.publish(UserCreated())

    with pytest.raises(ValueError, match="no address"):
        post.deliver()


def test_a_generator_is_no_handler(post: Post, bus: Bus[Event]) -> None:
    """Its body would never run, and nobody would see that."""

    def stream(event: UserCreated) -> Any:  # Any: no type checker would let it through
        return (each for each in "body")

    bus.on(UserCreated, via=post.to("mail"))(stream)
    bus.publish(UserCreated())

    with pytest.raises(NotAHandlerError, match="generator"):
        post.deliver()


def test_a_handler_of_a_base_class_is_found(post: Post, bus: Bus[Event]) -> None:
    """By the class that it was subscribed to, as on the bus."""
    seen: list[Event] = []
    bus.on(UserCreated, via=post.to("mail"))(seen.append)

    bus.publish(AdminCreated(user_id=7))
    post.deliver()

    assert seen == [AdminCreated(user_id=7)]


def test_one_function_may_handle_two_classes_under_one_name(post: Post, bus: Bus[Event]) -> None:
    """The nearest class that it was subscribed to counts."""
    seen: list[Event] = []

    def audit(event: Event) -> None:
        seen.append(event)

    bus.on(UserCreated, via=post.to("audit"))(audit)
    bus.on(UserDeleted, via=post.to("audit"))(audit)
    bus.publish(UserCreated())
    bus.publish(UserDeleted())
    post.deliver()

    assert seen == [UserCreated(), UserDeleted()]
    assert list(post.handlers) == ["audit"]


def test_two_functions_cannot_have_one_name(post: Post, bus: Bus[Event]) -> None:
    """A message could not tell them apart."""

    def one(event: Event) -> None:
        """Handle it."""

    def other(event: Event) -> None:
        """Handle it otherwise."""

    bus.on(UserCreated, via=post.to("audit"))(one)

    with pytest.raises(HandlerNameError) as caught:
        bus.on(UserDeleted, via=post.to("audit"))(other)
    assert "other" in str(caught.value)
    assert "one" in str(caught.value)


@pytest.mark.parametrize("name", ["", "two words", " padded", "line\n", 5, None])
def test_a_name_is_one_word(post: Post, bus: Bus[Event], name: Any) -> None:
    """What cannot be one is refused on subscribing, with an example."""
    with pytest.raises(HandlerNameError, match="accounting"):
        bus.on(UserCreated, via=post.to(name))(print)


def test_an_unknown_handler_is_told_with_those_that_are_known(post: Post, bus: Bus[Event]) -> None:
    """The error names the handler, the event and the handlers that there are."""
    bus.on(UserCreated, via=post.to("mail"))(print)
    message = pack(envelope_of(UserCreated()))

    with pytest.raises(UnknownHandlerError) as caught:
        post.handlers.run("male", message)

    for part in ("'male'", "UserCreated", "only mail", "import the module"):
        assert part in str(caught.value)


def test_a_handler_of_another_class_is_no_handler_of_this(post: Post, bus: Bus[Event]) -> None:
    """A name alone is not enough."""
    bus.on(UserCreated, via=post.to("mail"))(print)

    with pytest.raises(UnknownHandlerError):
        post.handlers.run("mail", pack(envelope_of(UserDeleted())))


def test_a_message_that_cannot_be_read_calls_nobody(post: Post, bus: Bus[Event]) -> None:
    """The error is that of `unpack`."""
    seen: list[Event] = []
    bus.on(UserCreated, via=post.to("mail"))(seen.append)

    with pytest.raises(MessageError):
        post.handlers.run("mail", Message("{}", {}))
    assert seen == []


def test_a_subscription_that_was_cancelled_is_still_owed_what_was_sent(
    post: Post, bus: Bus[Event]
) -> None:
    """It gets nothing new, and what was handed over before."""
    seen: list[Event] = []
    bus.on(UserCreated, via=post.to("mail"))(seen.append)
    bus.publish(UserCreated(user_id=1))

    for subscription in bus.subscriptions():
        subscription.cancel()
    bus.publish(UserCreated(user_id=2))
    post.deliver()

    assert seen == [UserCreated(user_id=1)]
