"""What the machine does with handlers and event classes that its process does not know."""

from tests.outbox.machines import Desk, Packed, by_key, ignore, stored
from typedbus.core.names import event
from typedbus.outbox.acts import Know
from typedbus.outbox.records import State
from typedbus.outbox.settings import RelaySettings
from typedbus.testing import MemoryStore


def knowing(desk: Desk, *names: str, aliases: tuple[str, ...] = ()) -> Desk:
    """Subscribe handlers of those names."""
    for name in names:
        desk.bus.on(Packed, via=desk.place.durable(name, key=by_key, aliases=aliases))(ignore)
    return desk


def test_it_says_which_handlers_it_knows() -> None:
    """Those who look at the outbox see which handlers there are."""
    desk = knowing(Desk(), "one", "two")

    desk.ask()

    assert [act for act in desk.acts if isinstance(act, Know)] == [Know(["one", "two"])]
    assert desk.store.known_handlers() == {"one", "two"}


def test_what_is_owed_to_a_handler_that_nobody_here_knows_is_kept() -> None:
    """The handlers that are known get it; for the other it is put away as unknown."""
    desk = knowing(Desk(), "known")
    stored(desk.store, "known newer=", "relay.packed", "a")

    desk.work()

    assert desk.ids("known") == [1]
    assert desk.rows() == {("newer", 1): State.UNKNOWN}
    assert desk.store.pending() == []


def test_an_event_class_that_nobody_here_knows_is_kept_in_its_line() -> None:
    """It holds back what comes after it for the same handler and key."""
    desk = knowing(Desk(), "h")
    stored(desk.store, "h=", "relay.never.heard.of", "a")
    desk.publish(Packed(number=2), Packed(number=3, key="b"))

    desk.work()

    assert desk.rows() == {("h", 1): State.UNKNOWN, ("h", 2): State.HELD}
    assert desk.ids("h") == [3]


def test_a_relay_that_knows_it_takes_it_over_in_order() -> None:
    """Of two versions of a program, the newer handles what the older one could not."""
    old = knowing(Desk(), "known")
    stored(old.store, "newer=", "relay.packed", "a")
    stored(old.store, "newer=", "relay.packed", "a")
    old.work()
    old.machine.stop(old.now)
    old.ask()

    new = knowing(Desk(store=old.store), "known", "newer")
    stored(new.store, "newer=", "relay.packed", "a")
    new.work()

    assert new.ids("newer") == [1, 2, 3]
    assert new.rows() == {}


def test_what_cannot_be_adopted_does_not_keep_the_rest_from_it() -> None:
    """However many deliveries are of a class still unknown, those behind them are found."""
    store = MemoryStore()
    for _ in range(5):
        stored(store, "h", "relay.never.heard.of")
    stored(store, "h", "relay.packed")
    knowing(old := Desk(store=store), "other").work()
    old.machine.stop(old.now)
    old.ask()

    new = knowing(Desk(RelaySettings(batch=2), store), "h")
    new.work()

    assert new.ids("h") == [6]


def test_a_handler_that_is_imported_later_is_found() -> None:
    """While the relay runs, a module may bring the handler that was missing."""
    desk = knowing(Desk(), "one")
    stored(desk.store, "two=", "relay.packed", "a")
    desk.work()
    assert desk.rows() == {("two", 1): State.UNKNOWN}

    knowing(desk, "two")
    desk.wait(2)
    desk.work()
    desk.wait(2)
    desk.work()

    assert desk.ids("two") == [1]


def test_an_event_class_that_is_imported_later_is_found() -> None:
    """It is looked again for what was put away, from time to time."""
    desk = knowing(Desk(), "h")
    stored(desk.store, "h=", "relay.imported.later", "a")
    desk.work()

    @event(name="relay.imported.later")
    class Later(Packed):
        """A class of a module that was imported since."""

    for _ in range(8):
        desk.wait(5)
        desk.work()

    assert desk.ids("h") == [1]
    assert Later.__name__ == "Later"


def test_a_former_name_of_a_handler_is_known() -> None:
    """Events that are owed to an alias go to the handler, in one line with the others."""
    desk = knowing(Desk(), "new", aliases=("old",))
    stored(desk.store, "old=", "relay.packed", "a")
    desk.publish(Packed(number=2))

    desk.ask()
    (first,) = desk.begin_all()
    assert (first.handler, first.id) == ("old", 1)
    assert desk.begin_all() == []
    desk.end(first)
    desk.work()

    assert desk.began == [("old", 1), ("new", 2)]


def test_what_waits_under_a_former_name_is_not_passed() -> None:
    """A failed event that is owed to an alias holds back those that are owed to the name of now."""
    desk = knowing(Desk(), "new", aliases=("old",))
    stored(desk.store, "old=", "relay.packed", "a")
    desk.work(lambda _: ValueError("no"))
    desk.publish(Packed(number=2))

    desk.work()
    desk.wait(0.5)
    desk.work()
    assert desk.began == [("old", 1)]
    for _ in range(6):
        desk.wait(1)
        desk.work()

    assert desk.began == [("old", 1), ("old", 1), ("new", 2)]
    assert desk.rows() == {}
