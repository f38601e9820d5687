"""Subscribing and publishing are safe from any thread."""

import threading
from collections.abc import Callable

from tests.core.held import PATIENCE, Held
from tests.core.shop import OrderPlaced, ShopEvent, UserCreated, noting
from typedbus import Bus, Subscription


def at_once(*work: Callable[[], object]) -> None:
    """Run each of *work* in a thread of its own, all from the same moment on."""
    start, errors = threading.Barrier(len(work)), list[BaseException]()

    def run(do: Callable[[], object]) -> None:
        try:
            start.wait(PATIENCE)
            do()
        except BaseException as error:  # noqa: BLE001 - raised in the test's own thread
            errors.append(error)

    threads = [threading.Thread(target=run, args=(each,)) for each in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    for error in errors:
        raise error


def test_publishes_of_several_threads_run_at_a_time(held: Held) -> None:
    """A handler that stands still in one thread keeps no other thread from publishing."""
    bus, calls = Bus(ShopEvent), list[str]()
    bus.subscribe(UserCreated, held)
    bus.subscribe(OrderPlaced, noting(calls, "order"))
    publisher = threading.Thread(target=bus.publish, args=(UserCreated(),))
    publisher.start()
    assert held.started.wait(PATIENCE)

    bus.publish(OrderPlaced())
    bus.subscribe(UserCreated, noting(calls, "late")).cancel()
    before = (list(calls), list(held.ended))
    held.let_go.set()
    publisher.join(PATIENCE)

    assert before == (["order"], [])
    assert held.ended == [UserCreated()]


def test_subscriptions_of_several_threads_are_all_kept_in_one_order() -> None:
    """None is lost, and every event sees the same order."""
    bus, by_thread = Bus(ShopEvent), list[list[Subscription]]()

    def subscribe_many() -> None:
        made = list[Subscription]()
        for event_type in (UserCreated, ShopEvent) * 50:
            made.append(bus.subscribe(event_type, noting([], "")))
            bus.publish(UserCreated())
        by_thread.append(made)

    at_once(*[subscribe_many] * 4)

    everyone = bus.subscriptions()
    assert len(everyone) == 400
    assert bus.subscriptions(UserCreated) == everyone
    for made in by_thread:
        assert [each for each in everyone if each in set(made)] == made


def test_cancelling_in_several_threads_cancels_each_once() -> None:
    """Nobody cancels what another subscribed meanwhile."""
    bus = Bus(ShopEvent)
    kept = bus.subscribe(UserCreated, noting([], ""))

    def come_and_go() -> None:
        for _ in range(100):
            subscription = bus.subscribe(UserCreated, noting([], ""))
            bus.publish(UserCreated())
            subscription.cancel()

    at_once(*[come_and_go] * 4)

    assert bus.subscriptions() == (kept,)


def test_once_is_called_once_whoever_publishes_first() -> None:
    """Also where several threads have begun to publish before any has called it."""
    for _ in range(20):
        bus, calls, together = Bus(ShopEvent), list[str](), threading.Barrier(3)

        def meet(event: UserCreated, together: threading.Barrier = together) -> None:
            together.wait(PATIENCE)

        bus.subscribe(UserCreated, meet)
        bus.subscribe(UserCreated, noting(calls, "once"), once=True)

        at_once(*[lambda bus=bus: bus.publish(UserCreated())] * 3)

        assert calls == ["once"]


def test_a_subscription_made_before_a_publish_begins_is_seen_by_it() -> None:
    """A thread that publishes after another has subscribed calls the new handler."""
    bus, calls, subscribed = Bus(ShopEvent), list[str](), threading.Event()
    bus.publish(UserCreated())

    def publish() -> None:
        assert subscribed.wait(PATIENCE)
        bus.publish(UserCreated())

    def subscribe() -> None:
        bus.subscribe(ShopEvent, noting(calls, "seen"))
        subscribed.set()

    at_once(publish, subscribe)

    assert calls == ["seen"]


class Watched(type):
    """The class of event classes whose hash runs other code."""

    meanwhile: Callable[[], None] | None = None

    def __hash__(cls) -> int:
        if Watched.meanwhile is not None:
            Watched.meanwhile()
        return super().__hash__()


def test_a_cancel_in_the_middle_of_a_subscribe_does_not_lock_up() -> None:
    """A garbage collection may run a `__del__` that cancels at any line; here a hash does."""
    bus = Bus(ShopEvent)
    cancelled = bus.subscribe(UserCreated, noting([], ""))

    class Arrived(ShopEvent, metaclass=Watched):
        pass

    def subscribe_and_publish() -> None:
        bus.subscribe(Arrived, noting([], ""))
        bus.publish(Arrived())

    Watched.meanwhile = cancelled.cancel
    thread = threading.Thread(target=subscribe_and_publish, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    Watched.meanwhile = None

    assert not thread.is_alive()
    assert not cancelled.active
    assert len(bus.subscriptions()) == 1
