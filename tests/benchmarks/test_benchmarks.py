"""The benchmarks time what they say: everyone calls every handler. No test asserts a time."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import features, loops, ours
from benchmarks.async_peers import ASYNC_PEERS
from benchmarks.measure import QUICK, Timing, compile_loop, measure
from benchmarks.peers import PEERS, Peer
from benchmarks.workload import Contender, Workload

ROOT = Path(__file__).parents[2]
OWN = [loops.bare_loop, loops.loop_in_function, loops.naive_bus, ours.bus]
ASYNC_OWN = [
    loops.bare_async_loop,
    loops.async_loop_in_function,
    loops.naive_async_bus,
    ours.async_bus,
]
FEATURES = [contender.name for contender in features.contenders(Workload(count=1))]
ASYNC_FEATURES = [contender.name for contender in features.async_contenders(Workload(count=1))]


@pytest.mark.parametrize("prepare", OWN, ids=lambda prepare: prepare.__name__)
def test_what_needs_no_peer_calls_each_handler_once(
    prepare: Callable[[Workload], Contender],
) -> None:
    """The hand-written loops and our bus call each handler once per publish, in order."""
    called: list[int] = []
    contender = prepare(Workload(count=3, called=called.append))

    publish_twice(contender)

    assert called == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("prepare", ASYNC_OWN, ids=lambda prepare: prepare.__name__)
def test_what_needs_no_peer_awaits_each_handler_once(
    prepare: Callable[[Workload], Contender],
) -> None:
    """The hand-written async loops and our bus await each handler once per publish, in order."""
    called: list[int] = []

    asyncio.run(await_publish_twice(prepare, Workload(count=3, called=called.append)))

    assert called == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.prepare.__name__)
def test_a_peer_calls_each_handler_once(peer: Peer) -> None:
    """A peer calls each handler once per publish, in whatever order is its own."""
    skip_if_absent(peer)
    called: list[int] = []
    contender = peer.prepare(Workload(count=3, called=called.append))

    publish_twice(contender)

    assert sorted(called) == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("peer", ASYNC_PEERS, ids=lambda peer: peer.prepare.__name__)
def test_a_peer_has_awaited_each_handler_when_the_publish_is_over(peer: Peer) -> None:
    """A peer awaits each handler once per publish, in whatever order is its own."""
    skip_if_absent(peer)
    called: list[int] = []

    asyncio.run(await_publish_twice(peer.prepare, Workload(count=3, called=called.append)))

    assert sorted(called) == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("row", range(len(FEATURES)), ids=FEATURES)
def test_a_bus_with_a_feature_calls_each_handler_once(row: int) -> None:
    """Each row of the table of features calls each handler once per publish."""
    called: list[int] = []
    contender = features.contenders(Workload(count=3, called=called.append))[row]

    publish_twice(contender)

    assert called == [0, 1, 2, 0, 1, 2]


@pytest.mark.parametrize("row", range(len(ASYNC_FEATURES)), ids=ASYNC_FEATURES)
def test_an_async_bus_with_a_feature_calls_each_handler_once(row: int) -> None:
    """Each row of the table of async features calls each handler once per publish."""
    called: list[int] = []

    def prepare(workload: Workload) -> Contender:
        return features.async_contenders(workload)[row]

    asyncio.run(await_publish_twice(prepare, Workload(count=3, called=called.append)))

    assert sorted(called) == [0, 0, 1, 1, 2, 2]


def test_no_two_handlers_share_their_code() -> None:
    """The interpreter specialises on code objects: shared ones would be timed too well."""
    handlers = Workload(count=3).handlers()

    codes = {id(handler.__code__) for handler in handlers}

    assert len(codes) == 3


def test_everyone_is_timed_in_every_round() -> None:
    """A ratio is taken within a round, so every round has a time of every contender."""
    workload = Workload(count=1)
    contenders = [loops.bare_loop(workload), loops.loop_in_function(workload)]

    timings = measure(contenders, QUICK)

    assert [timing.contender for timing in timings] == contenders
    assert [len(timing.rounds) for timing in timings] == [QUICK.rounds, QUICK.rounds]


def test_a_ratio_is_the_median_of_the_rounds_ratios() -> None:
    """A slow round slows both, and does not touch the ratio."""
    contender = loops.nothing(Workload(count=1))
    reference = Timing(contender=contender, rounds=(10.0, 10.0, 50.0))
    timing = Timing(contender=contender, rounds=(20.0, 60.0, 100.0))

    ratio = timing.ratio_to(reference)

    assert ratio == 2.0


def test_the_figures_are_kept_as_json(tmp_path: Path) -> None:
    """`--json FILE` keeps all figures, with what is needed to read them later."""
    file = tmp_path / "figures.json"
    command = [sys.executable, "-m", "benchmarks.dispatch", "--quick", "--json", str(file)]

    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "await publish, 50 handlers" in done.stdout
    kept = json.loads(file.read_text(encoding="utf-8"))
    assert kept.keys() == {
        "schema",
        "quick",
        "rounds",
        "python",
        "machine",
        "versions",
        "not_installed",
        "figures",
        "targets",
    }
    assert kept["figures"].keys() == {"publish", "await_publish"}
    for figures in kept["figures"].values():
        assert {figure["handlers"] for figure in figures} == {1, 5, 50}
        assert {"contender", "ns", "ratio_to_bare_loop", "ratio_to_function"} <= figures[0].keys()
    assert {"what", "against", "measured", "must", "aim", "reached"} <= kept["targets"][0].keys()


def publish_twice(contender: Contender) -> None:
    """Run the very loop that is timed, for two turns."""
    timed = compile_loop(contender, "def")
    with contender.scope():
        timed(range(2), int, **contender.arguments)


async def await_publish_twice(prepare: Callable[[Workload], Contender], workload: Workload) -> None:
    """Run the very loop that is timed, for two turns, in the running event loop."""
    contender = prepare(workload)
    timed = compile_loop(contender, "async def")
    with contender.scope():
        await timed(range(2), int, **contender.arguments)
    if contender.close is not None:
        await contender.close()


def skip_if_absent(peer: Peer) -> None:
    """Skip the test of a peer that is not installed, by its name."""
    if peer.version is None:
        pytest.skip(f"{peer.name} is not installed")
