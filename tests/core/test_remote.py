"""An event on its way to a handler in another process: when, and what is refused."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.core.post import Kept, Post, UserCreated, UserDeleted
from typedbus import (
    AsyncBus,
    Bus,
    Event,
    around,
    collect,
    context,
    current_context,
    current_envelope,
)
from typedbus.core.collect import Collector
from typedbus.core.errors import (
    TooLargeError,
    WireNameError,
)
from typedbus.core.transactions import Transactions


class Nameless(Event):
    pass


@pytest.fixture
def post() -> Post:
    """A carrier of this test."""
    return Post()


@pytest.fixture
def bus() -> Bus[Event]:
    """A bus of this test."""
    return Bus(Event)


def test_nothing_is_handed_over_before_the_end_of_the_transaction(
    post: Post, bus: Bus[Event]
) -> None:
    """And what was dropped with it never is."""
    bus.on(UserCreated, via=post.to("mail"))(print)

    with post.commits.scope():
        bus.publish(UserCreated(user_id=1))
        before = len(post.outbox)
    with post.commits.scope() as dropped:
        bus.publish(UserCreated(user_id=2))
        dropped.drop()

    assert before == 0
    assert [message.body for _, message, _ in post.outbox] == ['{"user_id":1}']


def test_the_event_is_written_down_when_it_is_published(post: Post, bus: Bus[Event]) -> None:
    """What becomes of the object until the commit does not matter."""
    bus.on(UserCreated, via=post.to("mail"))(print)
    published = UserCreated(user_id=1)

    with post.commits.scope():
        bus.publish(published)
        object.__setattr__(published, "user_id", 2)

    assert [message.body for _, message, _ in post.outbox] == ['{"user_id":1}']


@pytest.mark.parametrize(
    ("unsendable", "error"),
    [(Nameless(), WireNameError), (UserCreated(user_id=10**2100), TooLargeError)],
    ids=["without a wire name", "too large"],
)
def test_what_cannot_be_handed_over_fails_the_publish(
    post: Post, bus: Bus[Event], unsendable: Event, error: type[Exception]
) -> None:
    """While the transaction can still be rolled back."""
    bus.on(type(unsendable), via=post.to("mail"), on_error="raise")(print)

    with post.commits.scope() as pending:
        with pytest.raises(error):
            bus.publish(unsendable)
        waiting = len(pending)

    assert (waiting, post.outbox) == (0, [])


@pytest.mark.parametrize("scope", [True, False], ids=["in a scope", "at once"])
def test_a_coroutine_hands_over_without_blocking(post: Post, scope: bool) -> None:  # noqa: FBT001 - a case
    """On an `AsyncBus` it is `hand_over_async` that is awaited."""
    bus = AsyncBus(Event)
    bus.on(UserCreated, via=post.to("mail"))(print)

    async def publish() -> None:
        if scope:
            async with post.commits.scope():
                await bus.publish(UserCreated())
        else:
            await bus.publish(UserCreated())

    asyncio.run(publish())

    assert [how for _, _, how in post.outbox] == ["async"]


def test_an_async_handler_needs_nobody_who_awaits_the_commit(post: Post, bus: Bus[Event]) -> None:
    """It is awaited in the other process, so a sync transaction takes it."""
    seen: list[int] = []

    @bus.on(UserCreated, via=post.to("mail"))
    async def mail(event: UserCreated) -> None:
        await asyncio.sleep(0)
        seen.append(event.user_id)

    with post.commits.scope():
        bus.publish(UserCreated(user_id=7))
    post.deliver()

    assert seen == [7]


def test_wrappers_of_the_bus_go_around_the_run_of_the_handler(post: Post) -> None:
    """Not around the moment of sending."""
    told: list[str] = []

    @contextmanager
    def telling(handler: str, event: object) -> Iterator[None]:
        told.append("before")
        yield
        told.append("after")

    bus = Bus(Event, wrap=[around(telling)])
    bus.on(UserCreated, via=post.to("mail"))(lambda event: told.append("handler"))
    bus.publish(UserCreated())
    sent = list(told)
    post.deliver()

    assert sent == []
    assert told == ["before", "handler", "after"]


def test_any_known_transaction_is_waited_for(bus: Bus[Event]) -> None:
    """With `Transactions` as its source it waits for that of whichever adapter is open."""
    post = Post()
    known, other = Transactions(), Collector("other")
    known.know(post.commits)
    known.know(other)

    def to_mail(handler: Callable[[UserCreated], None]) -> Callable[[UserCreated], None]:
        kept = Kept(known, post.handlers, "mail", handler)
        kept.outbox = post.outbox
        return kept

    bus.subscribe(UserCreated, to_mail(print))
    with other.scope():
        bus.publish(UserCreated())
        before = len(post.outbox)
    with collect():
        bus.publish(UserCreated())

    assert before == 0
    assert len(post.outbox) == 2


def test_a_handler_runs_with_an_equal_event_in_its_context(post: Post, bus: Bus[Event]) -> None:
    """Correlation, tenant and cause are those of the publish."""
    seen: list[tuple[object, str, str | None, str | None]] = []

    @bus.on(UserCreated, via=post.to("mail"))
    def mail(event: UserCreated) -> None:
        envelope = current_envelope()
        seen.append(
            (event, envelope.correlation_id, envelope.causation_id, current_context().tenant)
        )
        bus.publish(UserDeleted())

    @bus.on(UserDeleted, via=post.to("forget"))
    def forget(event: UserDeleted) -> None:
        envelope = current_envelope()
        seen.append(
            (event, envelope.correlation_id, envelope.causation_id, current_context().tenant)
        )

    with context(correlation_id="request-1", tenant="acme"):
        bus.publish(UserCreated(user_id=7))
    first_id = post.outbox[0][1].headers["ce-id"]
    post.deliver()

    assert seen == [
        (UserCreated(user_id=7), "request-1", None, "acme"),
        (UserDeleted(), "request-1", first_id, "acme"),
    ]
