"""The benchmark of the outbox: it runs, and measures what it says. No test asserts a time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.outbox.counted import Counted
from benchmarks.outbox.orders import orders
from benchmarks.results import Target

ROOT = Path(__file__).parents[2]
DATABASES = {"PostgreSQL", "SQLite"}
"""Those that come as wheels; MariaDB is measured where there is one."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, object]]]:
    """The figures of a run that is as short as can be."""
    file = tmp_path_factory.mktemp("outbox") / "figures.json"
    command = [sys.executable, "-m", "benchmarks.outbox", "--quick", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    kept = json.loads(file.read_text(encoding="utf-8"))
    figures: dict[str, list[dict[str, object]]] = kept["figures"] | {"targets": kept["targets"]}
    return figures


def test_everyone_empties_a_table(run: dict[str, list[dict[str, object]]]) -> None:
    """Our relay on each database, raw SQL, the outbox by hand: each called its handlers."""
    figures = run["relays"]

    ours = {figure["on"] for figure in figures if str(figure["contender"]).startswith("typedbus")}

    assert ours >= DATABASES
    assert all(rate_of(figure, "calls_per_second") > 0 for figure in figures)
    assert len(figures) > len(ours) + 1


def test_our_relay_keeps_each_key_in_order(run: dict[str, list[dict[str, object]]]) -> None:
    """In all that was timed, no event came behind a later one of its key."""
    ours = [each for each in run["relays"] if str(each["contender"]).startswith("typedbus")]

    disorder = sum(rate_of(each, "out_of_order") for each in [*ours, *run["backlog"]])

    assert disorder == 0


@pytest.mark.parametrize("question", ["publishing", "latency", "takeover", "requests"])
def test_each_question_is_asked_of_each_database(
    question: str, run: dict[str, list[dict[str, object]]]
) -> None:
    """What comes as a wheel is measured everywhere."""
    asked = {figure["on"] for figure in run[question]}

    assert asked >= DATABASES


def test_each_number_of_the_blueprint_is_judged(run: dict[str, list[dict[str, object]]]) -> None:
    """Each target says what must be reached, what is aimed at, and whether it is."""
    told = " | ".join(str(target["what"]) for target in run["targets"])

    for words in ("keys in order", "hot key", "three handlers", "publish in one transaction"):
        assert words in told
    for words in ("one durable event", "at rest", "takeover", "pending", "drain"):
        assert words in told
    assert all(
        {"must", "aim", "reached", "aim_reached"} <= target.keys() for target in run["targets"]
    )


def test_more_may_be_better() -> None:
    """A rate reaches its target from above, a time from below."""
    rate = Target(what="", against="", measured=50.0, must=40.0, aim=60.0, more_is_better=True)
    time = Target(what="", against="", measured=50.0, must=60.0, aim=40.0)

    assert (rate.reached, rate.aim_reached) == (True, False)
    assert (time.reached, time.aim_reached) == (True, False)


def test_a_call_behind_a_later_one_of_its_key_is_seen() -> None:
    """What counts the calls sees the disorder that it would be there to see."""
    counted = Counted(expected=4)

    for key, number in [("a", 1), ("b", 2), ("a", 4), ("a", 3)]:
        counted.call_in_order("handler", key, number)

    assert counted.out_of_order == 1
    assert counted.all.is_set()


def test_the_events_take_their_keys_by_turns() -> None:
    """Each key has as many events as the next, and they are numbered through."""
    some = list(orders(6, keys=3))

    assert [order.number for order in some] == [1, 2, 3, 4, 5, 6]
    assert [order.order_id for order in some[:3]] == [order.order_id for order in some[3:]]


def rate_of(figure: dict[str, object], name: str) -> float:
    """Return the number *name* of *figure*."""
    number = figure[name]
    assert isinstance(number, int | float)
    return number
