"""Short histories in which a relay was wrong once: the simulation found each, and cut it down."""

from collections.abc import Callable, Sequence

import pytest

from tests.outbox.simulation import Simulation
from tests.outbox.simulation_events import Deed
from tests.outbox.simulation_moves import Mishap, Move, Publication


def fact(
    key: str, *to: str, does: Sequence[Sequence[Deed]] = ((), ()), known: bool = True
) -> Publication:
    """Return an event for the handlers *to*; *does* says what the first calls of each do."""
    return Publication(key, tuple(f"dsim.{name}" for name in to), does, known)


KILLS, FAILS, HANGS = (Deed.KILL,), (Deed.FAIL,), (Deed.HANG,)


def publish(state: Simulation, *events: Publication) -> None:
    """Commit *events* in one transaction."""
    state.publish(0, list(events), 0, commits=True)


def two_fail_in_a_line(state: Simulation) -> None:
    """The first of two events of a line, both in hand, fails."""
    state.begin([fact("a", "billing", does=[FAILS]), fact("a", "billing")], 0, new=True)


def a_killer_beside_an_innocent(state: Simulation) -> None:
    """One handler of an event kills, and the other is not to die with it."""
    state.begin([fact("a", "billing", "mail", does=[(), KILLS])], 0, new=True)


def a_killer_before_others(state: Simulation) -> None:
    """The first of a line kills until it is dead; the second waits behind it."""
    state.begin([fact("a", "billing", does=[KILLS]), fact("a", "billing")], 0, new=True)


def a_failure_in_a_bundle(state: Simulation) -> None:
    """A thread has taken the second of a line along when the first fails."""
    first = fact("a", "new", "billing", does=[(), FAILS])
    state.begin([first, fact("a", "billing", "mail")], 0, new=True)


def something_unknown_in_a_line(state: Simulation) -> None:
    """Of three in a line, the second is of a class that nobody has, and the relay dies."""
    state.begin([fact("a", "billing")], 0, new=True)
    publish(state, fact("a", "billing", known=False), fact("a", "billing"))
    state.work(0, 1)
    state.suffer(0, Mishap.KILLED, 0)


def something_unknown_behind_a_failure(state: Simulation) -> None:
    """What is held behind it must not come with the first of the line."""
    first = fact("a", "new", "billing", does=[(), FAILS])
    state.begin([first, fact("a", "billing", known=False), fact("a", "billing")], 0, new=True)


def a_killer_that_is_tried_again(state: Simulation) -> None:
    """It waits in the store when it kills, and fresh events of its line come in meanwhile."""
    state.begin([fact("a", "parcel", does=[HANGS]), fact("b", "score", does=[HANGS])], 0, new=True)
    killer = fact("b", "billing", does=[(Deed.FAIL, Deed.KILL)])
    publish(state, fact("a", "score"), killer, fact("b", "parcel"))
    state.work(0, 7)
    state.pass_time(1, 0, 2)
    others = [fact("a", "parcel", known=False), fact("b", "remote"), fact("b", "billing")]
    publish(state, *others)


def a_stop_before_the_suspects_are_seen(state: Simulation) -> None:
    """The relay after a dead one is told to end at once: the third one must suspect, too."""
    state.begin([fact("a", "score", does=[KILLS])], 5, new=True)
    state.move(0, [Move.TURN])
    state.suffer(0, Mishap.STOPPED, 0)


def an_old_version_meets_a_new_handler(state: Simulation) -> None:
    """It puts the event apart, and the new version adopts it."""
    state.begin([fact("b", "new")], 0, new=False)
    state.move(0, [Move.TURN] * 5)


def a_line_marked_with_its_first(state: Simulation) -> None:
    """Suspects of one line, of which the first kills, and one of another event is sent on."""
    state.begin([fact("a", "remote", "score"), fact("a", "score", does=[KILLS])], 0, new=True)


HISTORIES = [
    two_fail_in_a_line,
    a_killer_beside_an_innocent,
    a_killer_before_others,
    a_failure_in_a_bundle,
    something_unknown_in_a_line,
    something_unknown_behind_a_failure,
    a_killer_that_is_tried_again,
    a_stop_before_the_suspects_are_seen,
    an_old_version_meets_a_new_handler,
    a_line_marked_with_its_first,
]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: history.__name__)
def test_it_is_not_wrong_again(history: Callable[[Simulation], None]) -> None:
    """Everything comes to rest, and what was wrong then is right."""
    state = Simulation()

    history(state)

    state.teardown()


def test_a_relay_that_lost_the_lease_may_have_it_again() -> None:
    """Also when a thread that hung, with a second event of the line behind, ends long after."""
    state = Simulation()
    state.begin([fact("b", "score", does=[HANGS]), fact("b", "score")], 5, new=True)
    state.pass_time(25, 1, 0)

    state.suffer(1, Mishap.ONE_MORE_OLD, 1)

    state.teardown()
