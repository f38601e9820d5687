"""The context of a request or a job travels with every event published in it."""

from contextvars import ContextVar

import anyio
import anyio.lowlevel
import pytest

from tests.core.hops import HOPS, Hop
from tests.core.shop import DeclinedError, ShopEvent, UserCreated
from typedbus import (
    AsyncBackground,
    AsyncBus,
    Background,
    Bus,
    Context,
    Envelope,
    collect,
    collected,
    context,
    current_context,
    current_envelope,
    tenant_scope,
)

REQUEST: ContextVar[str] = ContextVar("request", default="none")


def test_without_a_context_nothing_is_known() -> None:
    """No correlation, no tenant, no headers."""
    assert current_context() == Context(None, None, {})


def test_a_context_holds_inside_and_ends_with_its_block() -> None:
    """What was before is there again, also when an error leaves the block."""
    with context(correlation_id="outer") as outer:
        with context(correlation_id="inner"):
            inside = current_context().correlation_id
        with pytest.raises(DeclinedError), context(correlation_id="failing"):
            raise DeclinedError
        after = current_context()

    assert inside == "inner"
    assert after is outer
    assert current_context() == Context()


def test_what_an_inner_context_is_not_given_stays_as_it_was() -> None:
    """Each part is inherited by itself."""
    with (
        context(correlation_id="r-1", tenant="acme", headers={"a": "1"}),
        context(tenant="other") as inner,
    ):
        pass

    assert inner == Context("r-1", "other", {"a": "1"})


def test_headers_are_added_to_those_that_are_there() -> None:
    """The inner value wins inside; the outer headers, and the caller's own, stay as they are."""
    given = {"b": "2", "c": "3"}

    with (
        context(headers={"a": "1", "b": "1"}) as outer,
        context(headers=given) as inner,
    ):
        pass

    assert inner.headers == {"a": "1", "b": "2", "c": "3"}
    assert outer.headers == {"a": "1", "b": "1"}
    assert given == {"b": "2", "c": "3"}


def test_headers_that_the_caller_changes_later_do_not_change_the_context() -> None:
    """What travels is what was given."""
    given = {"a": "1"}

    with context(headers=given) as inside:
        given["a"] = "changed"

    assert inside.headers == {"a": "1"}


@pytest.mark.parametrize("hop", HOPS)
def test_the_context_is_there_again_when_the_handler_runs(hop: Hop) -> None:
    """Correlation, tenant and headers, and context variables of the program's own."""
    seen = list[tuple[Context, str]]()
    envelopes = list[Envelope[object]]()

    def note(event: ShopEvent) -> None:
        seen.append((current_context(), REQUEST.get()))
        envelopes.append(current_envelope())

    token = REQUEST.set("mine")
    with context(correlation_id="r-1", tenant="acme", headers={"traceparent": "00"}) as given:
        hop(note)
    REQUEST.reset(token)

    (envelope,) = envelopes
    assert seen == [(given, "mine")]
    assert envelope.context() == given
    assert envelope.causation_id is None


@pytest.mark.parametrize("hop", HOPS)
def test_a_delivery_leaves_the_context_of_the_publisher_alone(hop: Hop) -> None:
    """After the publish all is as before it."""
    with context(correlation_id="r-1") as given:
        hop(lambda event: None)
        after = current_context()

    assert after is given


def test_a_collected_handler_sees_the_context_of_its_publish() -> None:
    """Not that of the release: each event keeps the context it was published in."""
    bus, seen = Bus(ShopEvent), list[str | None]()
    bus.on(UserCreated, via=collected)(lambda event: seen.append(current_context().tenant))

    with context(tenant="release"), collect():
        for tenant in ("one", "two"):
            with context(tenant=tenant):
                bus.publish(UserCreated())

    assert seen == ["one", "two"]


def test_a_handler_in_the_background_sees_the_context_of_its_publish() -> None:
    """The threads are older than the request, and none of them mixes two up."""
    bus, seen = Bus(ShopEvent), list[str | None]()

    with Background(workers=1) as background:
        bus.on(UserCreated, via=background)(lambda event: seen.append(current_context().tenant))
        for tenant in ("one", "two", None):
            with context(tenant=tenant):
                bus.publish(UserCreated())

    assert seen == ["one", "two", None]


@pytest.mark.anyio
async def test_an_async_handler_keeps_its_context_over_every_step() -> None:
    """Behind an `await` that returns, behind one that raises, and in the tasks that it starts."""
    bus, seen = AsyncBus(ShopEvent), list[str | None]()

    async def note_after_waiting(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(current_context().tenant)
        with anyio.move_on_after(0):
            await anyio.Event().wait()
        seen.append(current_context().tenant)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(note)

    async def note() -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(current_context().tenant)

    async with AsyncBackground() as background, collect():
        bus.on(UserCreated, via=background)(note_after_waiting)
        bus.on(UserCreated, via=collected)(note_after_waiting)
        with context(tenant="acme"):
            await bus.publish(UserCreated())

    assert seen == ["acme"] * 6


@pytest.mark.anyio
async def test_what_a_delivered_handler_sets_stays_in_it() -> None:
    """A context variable that it changes is unchanged for the publisher and for the next one."""
    bus, seen = AsyncBus(ShopEvent), list[str]()

    def change(event: UserCreated) -> None:
        seen.append(REQUEST.get())
        REQUEST.set("changed")

    async with AsyncBackground(workers=1) as background, collect():
        for via in (background, collected, background, collected):
            bus.on(UserCreated, via=via)(change)
        await bus.publish(UserCreated())

    assert seen == ["none"] * 4
    assert REQUEST.get() == "none"


@pytest.mark.anyio
async def test_tasks_have_contexts_of_their_own() -> None:
    """Two requests at a time do not see each other's."""
    seen = dict[str, str | None]()
    both = anyio.Event()

    async def handle_request(name: str) -> None:
        with context(tenant=name):
            if seen:
                both.set()
            seen[name] = None
            await both.wait()
            seen[name] = current_context().tenant

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(handle_request, "one")
        tasks.start_soon(handle_request, "two")

    assert seen == {"one": "one", "two": "two"}


def test_a_tenant_scope_is_a_context_of_one_tenant() -> None:
    """What is published inside is that tenant's; the rest of the context stays."""
    with context(correlation_id="r-1"), tenant_scope("acme"):
        inside = current_context()

    assert inside == Context("r-1", "acme", {})
    assert current_context() == Context()


def test_a_tenant_has_a_name() -> None:
    """An empty one would be everybody's: it is refused before anything is published."""
    with pytest.raises(ValueError, match="pass the name of one"):
        tenant_scope("")
