"""Background: its queue is bounded, and nobody waits for ever."""

import sys
import threading
from collections.abc import Iterator

import pytest

from tests.core.held import PATIENCE, Held, order
from tests.core.shop import OrderPlaced, ShopEvent
from typedbus import AsyncBackground, Background, Bus, errors


def test_a_full_queue_makes_the_publisher_wait(held: Held) -> None:
    """One event is being handled, one waits: the third is taken in when the first is done."""
    bus = Bus(ShopEvent)

    def let_go_when_the_queue_is_full() -> None:
        assert full.wait(PATIENCE)
        held.let_go.set()

    full, helper = threading.Event(), threading.Thread(target=let_go_when_the_queue_is_full)
    helper.start()
    with Background(workers=1, queue=1) as background:
        bus.on(OrderPlaced, via=background)(held)
        bus.publish(order(1))
        assert held.started.wait(PATIENCE)
        bus.publish(order(2))
        before = list(held.ended)
        full.set()
        bus.publish(order(3))
        after = list(held.ended)
    helper.join()

    assert before == []
    assert order(1) in after
    assert held.ended == [order(1), order(2), order(3)]


def test_a_full_queue_is_an_error_by_choice(held: Held) -> None:
    """`when_full="raise"` names the queue, its size, the handler and the event."""
    bus = Bus(ShopEvent, on_error="raise")

    with Background(workers=1, queue=1, when_full="raise", name="mail") as background:
        bus.on(OrderPlaced, via=background)(held)
        bus.publish(order(1))
        assert held.started.wait(PATIENCE)
        bus.publish(order(2))
        with pytest.raises(errors.QueueFullError) as refused:
            bus.publish(order(3))
        held.let_go.set()

    full = refused.value
    assert (full.queue, full.size) == ("mail", 1)
    assert full.handler == "tests.core.held.Held()"
    assert full.event == "tests.core.shop.OrderPlaced"
    assert held.ended == [order(1), order(2)]


@pytest.fixture
def busy_threads() -> Iterator[None]:
    """Let threads change turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("busy_threads")
@pytest.mark.parametrize("attempt", range(10))
def test_no_publisher_waits_where_a_full_queue_is_an_error(held: Held, attempt: int) -> None:
    """Several that find the last place at once do not all take it: one does, the others raise."""
    bus, raised = Bus(ShopEvent, on_error="raise"), list[Exception]()
    together = threading.Barrier(8)

    def publish() -> None:
        together.wait(PATIENCE)
        try:
            bus.publish(order(attempt))
        except errors.QueueFullError as error:
            raised.append(error)

    publishers = [threading.Thread(target=publish) for _ in range(8)]
    with Background(workers=1, queue=1, when_full="raise") as background:
        bus.on(OrderPlaced, via=background)(held)
        bus.publish(order(attempt))
        assert held.started.wait(PATIENCE)
        for publisher in publishers:
            publisher.start()
        for publisher in publishers:
            publisher.join(1)
        waiting = [publisher for publisher in publishers if publisher.is_alive()]
        held.let_go.set()

    assert waiting == []
    assert len(raised) == 7


def test_a_handler_that_publishes_to_it_again_never_waits_for_itself() -> None:
    """Its events go in, room or not, and are handled before the block is left."""
    bus, seen = Bus(ShopEvent, on_error="raise"), list[int]()

    def count_down(event: OrderPlaced) -> None:
        seen.append(event.order_id)
        if event.order_id > 0:
            for _ in range(2):
                bus.publish(order(event.order_id - 1))

    with Background(workers=1, queue=1) as background:
        bus.on(OrderPlaced, via=background)(count_down)
        bus.publish(order(4))

    assert len(seen) == 31


def test_a_publisher_that_waits_for_room_is_told_when_there_will_be_none(held: Held) -> None:
    """Leaving the block takes in no more; whoever stood in line gets an error, not silence."""
    bus, refused = Bus(ShopEvent, on_error="raise"), list[Exception]()

    def publish() -> None:
        try:
            bus.publish(order(3))
        except errors.NotStartedError as error:
            refused.append(error)
        held.let_go.set()

    publisher = threading.Thread(target=publish)
    with Background(workers=1, queue=1) as background:
        bus.on(OrderPlaced, via=background)(held)
        bus.publish(order(1))
        assert held.started.wait(PATIENCE)
        bus.publish(order(2))
        publisher.start()
    publisher.join(PATIENCE)

    assert len(refused) == 1
    assert held.ended == [order(1), order(2)]


@pytest.mark.parametrize("size", ["workers", "queue"])
def test_a_pool_that_could_run_nothing_is_refused(size: str) -> None:
    """Where it is made."""
    sizes: dict[str, int] = {"workers": 1, "queue": 1, size: 0}

    with pytest.raises(ValueError, match=f"{size}=0"):
        Background(workers=sizes["workers"], queue=sizes["queue"])


@pytest.mark.parametrize("make", [Background, AsyncBackground])
def test_what_to_do_when_full_is_one_of_two(
    make: type[Background] | type[AsyncBackground],
) -> None:
    """A third word is refused where the delivery is made."""
    with pytest.raises(ValueError, match="'wait' or 'raise'"):
        make(when_full="drop")  # type: ignore[arg-type]  # the mistake under test
