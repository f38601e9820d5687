"""AsyncBus(concurrency=N): up to N handlers of one event run at a time, begun in order."""

from functools import partial

import anyio
import anyio.lowlevel
import pytest

from tests.core.shop import (
    DeclinedError,
    EndError,
    LostError,
    ShopEvent,
    UserCreated,
    decline,
    decline_later,
    failing,
    noting,
)
from typedbus import AsyncBus, HandlersFailedError, current_envelope

pytestmark = pytest.mark.anyio


class Gates:
    """Handlers each of which stands at a gate of its own until that is opened."""

    def __init__(self, bus: AsyncBus[ShopEvent], count: int) -> None:
        self.begun = list[int]()
        self.ended = list[int]()
        self._gates = [anyio.Event() for _ in range(count)]
        for number in range(count):
            bus.subscribe(UserCreated, partial(self._pass, number))

    def open(self, *numbers: int) -> None:
        for number in numbers:
            self._gates[number].set()

    async def _pass(self, number: int, event: UserCreated) -> None:
        self.begun.append(number)
        await self._gates[number].wait()
        self.ended.append(number)


async def test_up_to_n_handlers_run_at_a_time_begun_in_order() -> None:
    """The next one begins when one of the N has ended."""
    bus = AsyncBus(ShopEvent, concurrency=2)
    gates, begun = Gates(bus, 4), list[list[int]]()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bus.publish, UserCreated())
        for number in (1, 0, 3, 2):
            await anyio.wait_all_tasks_blocked()
            begun.append(list(gates.begun))
            gates.open(number)

    assert begun == [[0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3]]
    assert gates.ended == [1, 0, 3, 2]


async def test_one_at_a_time_is_the_default() -> None:
    """Without a number, a handler begins when the one before it has ended."""
    bus = AsyncBus(ShopEvent)
    gates = Gates(bus, 2)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(bus.publish, UserCreated())
        await anyio.wait_all_tasks_blocked()
        first = list(gates.begun)
        gates.open(0, 1)

    assert first == [0]
    assert gates.ended == [0, 1]


async def test_more_room_than_handlers_is_fine() -> None:
    """All run at once, and publish returns when the last has ended."""
    bus, returned = AsyncBus(ShopEvent, concurrency=50), list[bool]()
    gates = Gates(bus, 3)

    async def publish() -> None:
        await bus.publish(UserCreated())
        returned.append(True)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(publish)
        await anyio.wait_all_tasks_blocked()
        gates.open(2, 1)
        await anyio.wait_all_tasks_blocked()
        before = list(returned)
        gates.open(0)

    assert gates.begun == [0, 1, 2]
    assert (before, returned) == ([], [True])


async def test_sync_handlers_take_their_turn_among_the_async_ones() -> None:
    """They run when their turn to begin comes."""
    bus, calls = AsyncBus(ShopEvent, concurrency=2), list[str]()

    async def wait(event: UserCreated) -> None:
        calls.append("wait begins")
        await anyio.lowlevel.checkpoint()
        calls.append("wait ends")

    bus.subscribe(UserCreated, wait)
    bus.subscribe(UserCreated, noting(calls, "sync"))

    await bus.publish(UserCreated())

    assert calls == ["wait begins", "sync", "wait ends"]


async def test_failures_of_handlers_that_run_at_a_time_are_collected() -> None:
    """One failure neither ends nor hides another."""
    bus, calls = AsyncBus(ShopEvent, concurrency=3), list[str]()
    bus.subscribe(UserCreated, decline_later)
    bus.subscribe(UserCreated, failing(LostError()))
    bus.subscribe(UserCreated, decline)
    bus.subscribe(UserCreated, noting(calls, "last"))

    with pytest.raises(HandlersFailedError) as failed:
        await bus.publish(UserCreated())

    assert {type(error) for error in failed.value.exceptions} == {DeclinedError, LostError}
    assert len(failed.value.exceptions) == 3
    assert calls == ["last"]


async def test_raise_cancels_the_handlers_that_run_meanwhile() -> None:
    """The error is raised plainly; who was running is cancelled, who had not begun never is."""
    bus, calls = AsyncBus(ShopEvent, concurrency=2, on_error="raise"), list[str]()

    async def wait(event: UserCreated) -> None:
        calls.append("waiting")
        try:
            await anyio.Event().wait()
        except anyio.get_cancelled_exc_class():
            calls.append("cancelled")
            raise

    bus.subscribe(UserCreated, wait)
    bus.subscribe(UserCreated, decline_later)
    bus.subscribe(UserCreated, noting(calls, "never"))

    with pytest.raises(DeclinedError):
        await bus.publish(UserCreated())

    assert calls == ["waiting", "cancelled"]


async def test_an_error_on_the_way_out_of_a_cancelled_handler_is_not_lost() -> None:
    """A handler that fails while it is cancelled for another one's failure is told in a note."""
    bus = AsyncBus(ShopEvent, concurrency=2, on_error="raise")

    async def wait_and_fail(event: UserCreated) -> None:
        try:
            await anyio.Event().wait()
        finally:
            raise LostError

    bus.subscribe(UserCreated, wait_and_fail)
    bus.subscribe(UserCreated, decline_later)

    with pytest.raises(DeclinedError) as failed:
        await bus.publish(UserCreated())

    *_, note = failed.value.__notes__
    assert note.startswith("meanwhile, ")
    assert "LostError" in note


async def test_what_is_no_exception_ends_all_of_them() -> None:
    """It is raised itself, with notes on what had failed; who was running is cancelled."""
    bus, calls, stop = AsyncBus(ShopEvent, concurrency=3), list[str](), EndError()

    async def wait(event: UserCreated) -> None:
        try:
            await anyio.Event().wait()
        finally:
            calls.append("ended")

    async def stop_later(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        raise stop

    bus.subscribe(UserCreated, wait)
    bus.subscribe(UserCreated, failing(LostError("gone")))
    bus.subscribe(UserCreated, stop_later)

    with pytest.raises(EndError) as raised:
        await bus.publish(UserCreated())

    assert raised.value is stop
    assert "LostError('gone')" in "\n".join(stop.__notes__)
    assert calls == ["ended"]


async def test_each_publish_has_room_of_its_own() -> None:
    """N counts the handlers of one publish, so a nested publish never waits for the outer one."""
    bus, calls = AsyncBus(ShopEvent, concurrency=2), list[str]()

    class Inner(ShopEvent):
        pass

    async def publish_inner(event: UserCreated) -> None:
        await bus.publish(Inner())

    for _ in range(2):
        bus.subscribe(UserCreated, publish_inner)
        bus.subscribe(Inner, noting(calls, "inner"))

    await bus.publish(UserCreated())

    assert calls == ["inner"] * 4


async def test_handlers_that_run_at_a_time_share_the_envelope() -> None:
    """It is the same publication for each of them."""
    bus, ids = AsyncBus(ShopEvent, concurrency=2, envelopes=True), list[str]()

    async def note_id(event: UserCreated) -> None:
        await anyio.lowlevel.checkpoint()
        ids.append(current_envelope().id)

    for _ in range(3):
        bus.subscribe(UserCreated, note_id)

    await bus.publish(UserCreated())

    assert len(ids) == 3
    assert len(set(ids)) == 1


@pytest.mark.parametrize("concurrency", [0, -1])
async def test_at_least_one_handler_must_run(concurrency: int) -> None:
    """A bus on which no handler could ever run is refused where it is made."""
    with pytest.raises(ValueError, match="at least one"):
        AsyncBus(ShopEvent, concurrency=concurrency)
