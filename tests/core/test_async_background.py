"""AsyncBackground: handlers in tasks that have an owner."""

import anyio
import anyio.lowlevel
import pytest

from tests.core.held import order
from tests.core.shop import (
    OrderPlaced,
    ShopEvent,
    UserCreated,
    nothing,
    noting,
)
from typedbus import AsyncBackground, AsyncBus, Bus, errors

pytestmark = pytest.mark.anyio


class HeldTask:
    """An async handler that notes its events and waits until it is let go."""

    def __init__(self) -> None:
        self.seen = list[ShopEvent]()
        self.ended = list[ShopEvent]()
        self.let_go = anyio.Event()

    async def __call__(self, event: ShopEvent) -> None:
        self.seen.append(event)
        await self.let_go.wait()
        self.ended.append(event)


HELD = f"{__name__}.HeldTask()"


async def test_the_publisher_goes_on_while_the_handler_runs() -> None:
    """The handler waits here for what the publisher does after publishing."""
    bus, held = AsyncBus(ShopEvent), HeldTask()

    async with AsyncBackground() as background:
        bus.on(UserCreated, via=background)(held)
        await bus.publish(UserCreated())
        held.let_go.set()

    assert held.ended == [UserCreated()]


async def test_leaving_the_block_drains_it() -> None:
    """Everything that was published has been handled then, by sync and async handlers."""
    bus, seen = AsyncBus(ShopEvent), list[ShopEvent]()

    async def note(event: OrderPlaced) -> None:
        await anyio.lowlevel.checkpoint()
        seen.append(event)

    async with AsyncBackground(workers=2, queue=3) as background:
        bus.on(OrderPlaced, via=background)(note)
        bus.on(OrderPlaced, via=background)(seen.append)
        for number in range(20):
            await bus.publish(order(number))

    assert sorted(seen, key=repr) == sorted([*map(order, range(20))] * 2, key=repr)


async def test_one_worker_keeps_the_order_of_publishing() -> None:
    """Each handler ends before the next begins."""
    bus, calls = AsyncBus(ShopEvent), list[str]()

    async def slow(event: UserCreated) -> None:
        calls.append("begins")
        await anyio.lowlevel.checkpoint()
        calls.append("ends")

    async with AsyncBackground(workers=1) as background:
        bus.on(UserCreated, via=background)(slow)
        bus.on(UserCreated, via=background)(noting(calls, "next"))
        await bus.publish(UserCreated())
        await bus.publish(UserCreated())

    assert calls == ["begins", "ends", "next"] * 2


async def test_as_many_handlers_run_at_a_time_as_there_are_workers() -> None:
    """One more begins when one of them has ended."""
    bus, held = AsyncBus(ShopEvent), HeldTask()

    async with AsyncBackground(workers=2) as background:
        bus.on(OrderPlaced, via=background)(held)
        for number in range(3):
            await bus.publish(order(number))
        await anyio.wait_all_tasks_blocked()
        begun = list(held.seen)
        held.let_go.set()

    assert begun == [order(0), order(1)]
    assert held.seen == [order(0), order(1), order(2)]


async def test_a_full_queue_makes_the_publisher_wait() -> None:
    """One event is being handled, one waits: the third is taken in when the first is done."""
    bus, held, published = AsyncBus(ShopEvent), HeldTask(), list[int]()

    async def publish_three() -> None:
        for number in range(3):
            await bus.publish(order(number))
            published.append(number)

    async with (
        AsyncBackground(workers=1, queue=1) as background,
        anyio.create_task_group() as tasks,
    ):
        bus.on(OrderPlaced, via=background)(held)
        await bus.publish(order(9))
        await anyio.wait_all_tasks_blocked()
        tasks.start_soon(publish_three)
        await anyio.wait_all_tasks_blocked()
        before = list(published)
        held.let_go.set()

    assert before == [0]
    assert published == [0, 1, 2]
    assert held.ended == [order(9), order(0), order(1), order(2)]


async def test_a_publisher_may_give_up_waiting_for_room() -> None:
    """Its event is not taken in then."""
    bus, held = AsyncBus(ShopEvent), HeldTask()

    async with AsyncBackground(workers=1, queue=1) as background:
        bus.on(OrderPlaced, via=background)(held)
        await bus.publish(order(1))
        await anyio.wait_all_tasks_blocked()
        await bus.publish(order(2))
        with anyio.move_on_after(0) as given_up:
            await bus.publish(order(3))
        held.let_go.set()

    assert given_up.cancelled_caught
    assert held.ended == [order(1), order(2)]


async def test_a_full_queue_is_an_error_by_choice() -> None:
    """`when_full="raise"` names the queue, its size, the handler and the event."""
    bus, held = AsyncBus(ShopEvent, on_error="raise"), HeldTask()

    async with AsyncBackground(workers=1, queue=1, when_full="raise", name="mail") as background:
        bus.on(OrderPlaced, via=background)(held)
        await bus.publish(order(1))
        await anyio.wait_all_tasks_blocked()
        await bus.publish(order(2))
        with pytest.raises(errors.QueueFullError) as refused:
            await bus.publish(order(3))
        held.let_go.set()

    full = refused.value
    assert (full.queue, full.size, full.handler) == ("mail", 1, HELD)
    assert full.event == "tests.core.shop.OrderPlaced"
    assert held.ended == [order(1), order(2)]


async def test_a_handler_that_publishes_to_it_again_never_waits_for_itself() -> None:
    """Its events go in, room or not, and are handled before the block is left."""
    bus, seen = AsyncBus(ShopEvent, on_error="raise"), list[int]()

    async def count_down(event: OrderPlaced) -> None:
        seen.append(event.order_id)
        if event.order_id > 0:
            for _ in range(2):
                await bus.publish(order(event.order_id - 1))

    async with AsyncBackground(workers=1, queue=1) as background:
        bus.on(OrderPlaced, via=background)(count_down)
        await bus.publish(order(4))

    assert len(seen) == 31


async def test_a_publisher_that_waits_for_room_is_told_when_there_will_be_none() -> None:
    """Leaving the block takes in no more; whoever stood in line gets an error, not silence."""
    bus, held = AsyncBus(ShopEvent, on_error="raise"), HeldTask()
    refused = list[errors.NotStartedError]()

    async def publish() -> None:
        try:
            await bus.publish(order(3))
        except errors.NotStartedError as error:
            refused.append(error)
        held.let_go.set()

    async with (
        anyio.create_task_group() as tasks,
        AsyncBackground(workers=1, queue=1) as background,
    ):
        bus.on(OrderPlaced, via=background)(held)
        await bus.publish(order(1))
        await anyio.wait_all_tasks_blocked()
        await bus.publish(order(2))
        tasks.start_soon(publish)
        await anyio.wait_all_tasks_blocked()

    assert len(refused) == 1
    assert held.ended == [order(1), order(2)]


@pytest.mark.parametrize("before", [True, False], ids=["before its block", "after its block"])
async def test_outside_of_its_block_it_takes_nothing(before: bool) -> None:  # noqa: FBT001 - pytest passes by name
    """A publish is an error that names delivery, handler and event; nothing is lost in silence."""
    bus, background = AsyncBus(ShopEvent, on_error="raise"), AsyncBackground(name="mail")
    bus.on(UserCreated, via=background)(nothing)
    if not before:
        async with background:
            pass

    with pytest.raises(errors.NotStartedError) as refused:
        await bus.publish(UserCreated())

    assert refused.value.delivery == "mail"
    assert refused.value.handler == "tests.core.shop.nothing"
    assert refused.value.event == "tests.core.shop.UserCreated"


async def test_it_can_be_started_again() -> None:
    """A block after a block works as the first did."""
    bus, calls, background = AsyncBus(ShopEvent), list[str](), AsyncBackground()
    bus.on(UserCreated, via=background)(noting(calls, "handled"))

    for _ in range(2):
        async with background:
            await bus.publish(UserCreated())

    assert calls == ["handled", "handled"]


async def test_it_cannot_be_started_twice() -> None:
    """Two owners could not both wait for its end."""
    async with AsyncBackground() as background:
        with pytest.raises(RuntimeError, match="enter it once"):
            await background.__aenter__()


@pytest.mark.parametrize("size", ["workers", "queue"])
async def test_a_pool_that_could_run_nothing_is_refused(size: str) -> None:
    """Where it is made."""
    sizes: dict[str, int] = {"workers": 1, "queue": 1, size: 0}

    with pytest.raises(ValueError, match=f"{size}=0"):
        AsyncBackground(workers=sizes["workers"], queue=sizes["queue"])


async def test_a_bus_cannot_use_it() -> None:
    """It is awaited itself, and a Bus awaits nothing: refused where it is subscribed."""
    bus = Bus(ShopEvent)

    with pytest.raises(errors.AsyncHandlerError, match="awaits nothing"):
        bus.on(UserCreated, via=AsyncBackground())(nothing)  # type: ignore[arg-type]  # the mistake under test

    assert bus.subscriptions() == ()
