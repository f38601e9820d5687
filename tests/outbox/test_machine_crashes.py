"""What the machine does after the process of a relay has died."""

from tests.outbox.machines import USUAL, Desk, Packed, Sent, by_key, ignore
from typedbus.outbox.records import Put, Settlement, State
from typedbus.outbox.settings import RelaySettings


def desk_of(before: Desk | None = None, settings: RelaySettings = USUAL) -> Desk:
    """Return the desk of a process; that of the process *before* it has died."""
    desk = Desk(settings, before.store if before else None)
    desk.bus.on(Packed, via=desk.place.durable("h", key=by_key, on_dead="block"))(ignore)
    if before is not None:
        desk.store.died(before.info.id)
    return desk


def test_a_relay_that_ended_well_is_followed_by_one_that_trusts() -> None:
    """After a clean end nothing is marked."""
    first = desk_of()
    first.publish(Packed(number=1))
    first.work()
    first.machine.stop(first.now)
    first.ask()
    assert first.phase == "stopped"

    second = Desk(store=first.store)
    second.bus.on(Packed, via=second.place.durable("h", key=by_key))(ignore)
    second.publish(Packed(number=2))
    second.work()

    assert second.ids("h") == [2]
    assert not any(settlement.puts for settlement in second.settlements)


def test_after_a_death_each_event_is_marked_before_it_begins() -> None:
    """What may have killed the process can be named if it kills the next one."""
    first = desk_of()
    first.publish(Packed(number=1), Packed(number=2, key="b"))
    first.ask()
    first.begin_all()

    second = desk_of(first)
    second.ask()

    assert second.rows() == {("h", 1): State.RUNNING, ("h", 2): State.RUNNING}
    second.work()
    assert second.ids("h") == [1, 2]
    assert second.rows() == {}


def test_the_marks_end_when_what_was_in_hand_is_done() -> None:
    """As many as the dead one can have had in its hands, of either kind; the rest is trusted."""
    settings = RelaySettings(window=50, batch=20)
    first = desk_of()
    first.publish(*(Packed(number=n) for n in range(200)))
    first.ask()

    second = desk_of(first, settings)
    second.work()

    assert second.ids("h") == list(range(1, 201))
    marked = {put.id for settlement in second.settlements for put in settlement.puts}
    assert set(range(1, 51)) <= marked
    assert len(marked) < 150
    assert second.phase == "working"


def test_a_mark_that_is_found_counts_as_a_crash_and_runs_alone() -> None:
    """While it runs, nothing else does: the next death names it."""
    first = desk_of()
    first.publish(Packed(number=1), Packed(number=2, key="b"), Packed(number=3, key="c"))
    first.ask()
    second = desk_of(first)
    second.ask()
    second.begin_all()

    third = desk_of(second)
    third.ask()
    began = third.begin_all()

    assert [piece.id for piece in began] == [1]
    assert [row.crashes for row in third.store.deliveries()] == [1, 0, 0]
    third.end(began[0])
    third.work()
    assert third.ids("h") == [1, 2, 3]
    assert third.rows() == {}


def test_what_kills_again_and_again_becomes_a_dead_letter() -> None:
    """At `max_crashes` it is put away, and its line is blocked like by any dead one."""
    desk = desk_of(settings=RelaySettings(max_crashes=3))
    desk.publish(Packed(number=1), Packed(number=2), Packed(number=3, key="b"))
    killed = 0

    desk.ask()
    began = desk.begin_all()
    while any(piece.id == 1 for piece in began):
        killed += 1
        desk = desk_of(desk)
        desk.ask()
        began = desk.begin_all()
    for piece in began:
        desk.end(piece)
    for _ in range(5):
        desk.work()
        desk.wait(1)

    row = desk.store.deliveries()[0]
    assert (row.id, row.state, row.crashes) == (1, State.DEAD, 3)
    assert row.error is not None
    assert "process died" in row.error
    assert killed == 4
    assert desk.rows() == {("h", 1): State.DEAD, ("h", 2): State.HELD}


def test_one_that_runs_alone_for_long_lets_the_others_go_on() -> None:
    """The others wait for a second, not for ever."""
    first = desk_of()
    first.publish(Packed(number=1), Packed(number=2, key="b"))
    first.ask()
    second = desk_of(first)
    second.ask()
    second.begin_all()
    third = desk_of(second)
    third.ask()
    (alone,) = third.begin_all()
    assert third.begin_all() == []

    third.wait(1.5)
    third.ask()
    third.ask()
    (other,) = third.begin_all()

    assert (alone.id, other.id) == (1, 2)


def test_a_delivery_waits_until_all_with_lower_numbers_were_read() -> None:
    """One of them may be of its line: a relay that died may have put off what was behind it."""
    desk = desk_of(settings=RelaySettings(batch=10))
    desk.publish(*(Packed(number=n, key=str(n)) for n in range(30)), Packed(number=30))
    desk.publish(Packed(number=31))
    lease = desk.store.take_lease(desk.info, desk.settings.ttl)
    assert lease is not None
    behind = Put("h", 32, "a", State.HELD)
    desk.store.settle(lease, Settlement(done=[32], puts=[behind]))
    assert desk.rows() == {("h", 32): State.WAITING}

    for _ in range(5):
        desk.work()
        desk.wait(0.5)

    assert desk.ids("h").index(31) < desk.ids("h").index(32)
    assert sorted(desk.ids("h")) == list(range(1, 33))


def test_an_event_of_several_handlers_is_marked_for_each_and_done_for_each() -> None:
    """What one handler did before the death is not asked for: each is marked, each runs."""
    first = Desk()
    for name in ("one", "two"):
        first.bus.on(Packed, via=first.place.durable(name))(ignore)
    first.publish(Packed(number=1))
    first.ask()
    second = Desk(store=first.store)
    for name in ("one", "two"):
        second.bus.on(Packed, via=second.place.durable(name))(ignore)
    second.store.died(first.info.id)

    second.ask()
    assert second.rows() == {("one", 1): State.RUNNING, ("two", 1): State.RUNNING}
    pieces = second.begin_all()
    assert [(piece.late, piece.alone) for piece in pieces] == [(True, False), (True, False)]
    for piece in pieces:
        second.end(piece)
    second.work()

    assert second.rows() == {}


def test_what_was_put_off_behind_a_running_event_does_not_pass_it_after_a_death() -> None:
    """The first of a line may still be pending while those behind it wait in the store."""
    first = Desk(RelaySettings(batch=4, window=6))
    for name in ("h", "other"):
        on = Packed if name == "h" else Sent
        first.bus.on(on, via=first.place.durable(name, key=by_key))(ignore)
    first.publish(*(Packed(number=n) for n in range(8)))
    first.ask()
    (running,) = first.begin_all()
    first.wait(1.5)
    first.ask()
    assert running.id == 1
    assert 1 in first.store.pending()
    assert first.rows()[("h", 2)] is State.WAITING

    second = Desk(store=first.store)
    second.bus.on(Packed, via=second.place.durable("h", key=by_key))(ignore)
    second.store.died(first.info.id)
    for _ in range(10):
        second.work()
        second.wait(0.5)

    assert second.ids("h") == [1, 2, 3, 4, 5, 6, 7, 8]
    assert second.rows() == {}


def test_a_relay_that_still_suspects_something_does_not_end_clean() -> None:
    """The next one has to look at what it had not looked at."""
    first = desk_of()
    first.publish(*(Packed(number=n, key=str(n)) for n in range(100)))
    first.ask()
    second = desk_of(first)
    second.ask()

    second.machine.stop(second.now)
    second.ask()

    assert second.phase == "stopped"
    assert second.store.holder() == second.info.id
    third = desk_of(second)
    third.ask()
    assert third.machine.lease is not None
    assert not third.machine.lease.clean


def test_a_delivery_that_failed_before_and_then_kills_is_marked_too() -> None:
    """What was tried again when the process died is as suspect as what was new."""
    first = desk_of()
    first.publish(Packed(number=1))
    first.work(lambda _: ValueError("no"))
    first.wait(3)
    first.ask()
    (piece,) = first.begin_all()
    assert piece.late

    second = desk_of(first)
    second.ask()
    (again,) = second.begin_all()

    assert again.id == 1
    assert second.rows() == {("h", 1): State.RUNNING}


def test_what_stands_behind_a_suspect_is_a_suspect_too() -> None:
    """It may be what ran: the one before it may have been done, and not yet settled."""
    first = desk_of()
    first.publish(Packed(number=1), Packed(number=2))
    first.ask()
    second = desk_of(first)
    second.ask()
    (before,) = second.begin_all()
    second.end(before)
    for _ in range(5):
        second.wait(0.3)
        second.ask()

    (behind,) = second.begin_all()

    assert behind.id == 2
    assert second.rows() == {("h", 2): State.RUNNING}
