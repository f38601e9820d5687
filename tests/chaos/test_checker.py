"""The checker finds each promise that a history breaks, and no other."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.chaos.checker import Promises, check, takeovers
from tests.chaos.history import Fault, Handled, History, Left, Order, read_history

PROMISES = Promises(transactional=["table"])
BOTH = ("table", "file")


def handled(handler: str, seq: int, *, epoch: int = 1, delivery_id: str = "") -> Handled:
    """Return an effect for the one key of these histories."""
    return Handled(
        handler, "k", seq, f"r{seq}", 1, epoch, 1, delivery_id or f"{handler}-{seq}", float(seq)
    )


def history(effects: Sequence[Handled], left: Sequence[Left] = ()) -> History:
    """Return a history of three orders, with *effects*."""
    orders = [Order(f"r{seq}", "k", seq, BOTH) for seq in (1, 2, 3)]
    return History({"k": 3}, orders, effects, left)


GOOD = [handled(handler, seq) for handler in BOTH for seq in (1, 2, 3)]
LEFT = Left("file", "k", 3, "waiting", 1, 0, "ConnectionError()")


def test_a_history_without_fault_breaks_no_promise() -> None:
    """Each order handled once by each handler, in order."""
    findings = check(history(GOOD), PROMISES)

    assert findings.broken == {}


def test_telling_something_outside_twice_breaks_no_promise() -> None:
    """At least once: the second telling is counted, and comes before anything newer."""
    findings = check(history([*GOOD, handled("file", 3)]), PROMISES)

    assert findings.broken == {}
    assert findings.redelivered == 1


@pytest.mark.parametrize(
    ("effects", "left", "broken"),
    [
        pytest.param(GOOD[:-1], (), {"lost": 1}, id="lost"),
        pytest.param(
            [*GOOD, handled("file", 3)._replace(request_id="ghost")],
            (),
            {"phantom": 1},
            id="phantom",
        ),
        pytest.param([*GOOD, handled("table", 3)], (), {"doubled effects": 1}, id="doubled"),
        pytest.param(
            [GOOD[1], GOOD[0], *GOOD[2:]], (), {"first delivery out of order": 1}, id="out of order"
        ),
        pytest.param(
            [*GOOD, handled("file", 1)], (), {"redelivery behind newer": 1}, id="behind newer"
        ),
        pytest.param(
            [GOOD[0], handled("table", 2, epoch=2), handled("table", 3), *GOOD[3:]],
            (),
            {"stale effects": 1},
            id="stale",
        ),
        pytest.param(GOOD[:-1], [LEFT], {"unfinished": 1}, id="unfinished"),
        pytest.param(
            GOOD[:-1], [LEFT._replace(state="dead")], {"dead without reason": 1}, id="dead"
        ),
        pytest.param(
            [*GOOD, handled("file", 3, delivery_id="another")],
            (),
            {"two delivery ids": 1},
            id="two ids",
        ),
    ],
)
def test_a_broken_promise_is_found(
    effects: Sequence[Handled], left: Sequence[Left], broken: dict[str, int]
) -> None:
    """What is planted is found, and nothing else."""
    findings = check(history(effects, left), PROMISES)

    assert findings.broken == broken


def test_a_new_relay_begins_again_with_what_was_not_settled() -> None:
    """It goes back, and then up from there: that is at least once, in order."""
    again = [handled("file", seq, epoch=2) for seq in (2, 3)]

    findings = check(history([*GOOD, *again]), PROMISES)

    assert findings.broken == {}
    assert findings.redelivered == 2


def test_a_former_relay_may_tell_something_outside_late() -> None:
    """No database can fence off what is outside of it: that is counted apart."""
    effects = [*GOOD[:4], handled("file", 2, epoch=2), handled("file", 3, epoch=2)]

    findings = check(history([*effects, handled("file", 1)]), PROMISES)

    assert findings.broken == {}
    assert len(findings.by_former) == 1


def test_what_has_to_die_is_missed_when_it_lives() -> None:
    """A scenario says which dead letters it expects."""
    findings = check(history(GOOD), PROMISES._replace(dead=[("file", "k", 3)]))

    assert findings.broken == {"not dead": 1}


def test_a_dead_letter_that_is_expected_needs_its_error() -> None:
    """Dead letters keep what happened."""
    dead = LEFT._replace(state="dead")
    promises = PROMISES._replace(dead=[("file", "k", 3)])

    kept = check(history(GOOD[:-1], [dead]), promises)
    silent = check(history(GOOD[:-1], [dead._replace(error=None)]), promises)

    assert kept.broken == {}
    assert silent.broken == {"dead without reason": 1}


def test_a_workload_that_disagrees_with_itself_is_found() -> None:
    """The truth is the table of keys; a harness that miscounts proves nothing."""
    findings = check(history(GOOD)._replace(keys={"k": 4}), PROMISES)

    assert findings.broken == {"miscounted": 1}


def test_a_takeover_lasts_from_the_fault_to_the_first_effect_of_another_epoch() -> None:
    """Faults that changed no epoch count for nothing."""
    effects = [handled("table", 1), handled("table", 2), handled("table", 3, epoch=2)]
    faults = [Fault(1.5, "kill", "standby"), Fault(2.25, "kill", "relay")]

    found = takeovers(history(effects)._replace(faults=faults), ["kill"])

    assert found == [0.75]


def test_a_history_that_was_written_down_is_the_same_when_read(tmp_path: Path) -> None:
    """A run can be checked again later, by other checkers too."""
    told = history(GOOD, [LEFT])._replace(faults=[Fault(1.0, "kill", "relay-1")])

    told.write(tmp_path / "history.json")

    assert read_history(tmp_path / "history.json") == told
