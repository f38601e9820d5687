"""Processes of a run are started at once, stopped, killed, and do not outlive it."""

import signal
import time
from pathlib import Path

from tests.chaos.actors import Actor, Nursery
from tests.chaos.telling import Told


def actor(nursery: Nursery, folder: Path, *arguments: str) -> Actor:
    """Start a process that does what *arguments* say."""
    told = Told(url="", folder=str(folder), name="actor")
    return Actor(nursery, "tests.chaos.sleeping", arguments, told)


def test_a_process_leaves_its_exit_code(nursery: Nursery, tmp_path: Path) -> None:
    """As `wait` of a child would tell it."""
    started = actor(nursery, tmp_path, "exit", "3")

    assert started.wait() == 3


def test_a_process_that_is_killed_says_by_which_signal(nursery: Nursery, tmp_path: Path) -> None:
    """A negative number, as in subprocess."""
    started = actor(nursery, tmp_path, "sleep")

    started.kill()

    assert not started.is_alive
    assert started.wait() == -signal.SIGKILL


def test_a_process_that_is_stopped_goes_on_where_it_stood(nursery: Nursery, tmp_path: Path) -> None:
    """It does nothing while it is stopped, and all of it afterwards."""
    started = actor(nursery, tmp_path, "wait", str(tmp_path / "go"))

    started.stop()
    (tmp_path / "go").touch()
    assert started.is_alive
    started.go_on()

    assert started.wait() == 0


def test_what_a_process_says_is_kept(nursery: Nursery, tmp_path: Path) -> None:
    """Its traceback too."""
    started = actor(nursery, tmp_path, "no such word")

    assert started.wait() == 1
    assert "no such word" in started.last_words()


def test_nobody_outlives_the_nursery(tmp_path: Path) -> None:
    """However a run ends, it leaves no process behind, stopped ones included."""
    with Nursery() as nursery:
        started = actor(nursery, tmp_path, "sleep")
        started.stop()

    deadline = time.monotonic() + 10
    while started.state() not in "XZ":  # its new parent may be slow to look after it
        assert time.monotonic() < deadline
        time.sleep(0.01)
