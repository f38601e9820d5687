"""The event loop: asyncio is known, others are found through entry points."""

import os
import subprocess
import sys
from collections.abc import Callable, Coroutine
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.core.shop import ShopEvent, UserCreated, nothing, noting
from typedbus import AsyncBackground, AsyncBus, errors, in_thread


def wait_for(bus: AsyncBus[ShopEvent]) -> Coroutine[Any, Any, object]:
    """Wait for an event."""
    return bus.wait_for(UserCreated)


def publish_at_once(bus: AsyncBus[ShopEvent]) -> Coroutine[Any, Any, object]:
    """Publish to two handlers at a time."""
    concurrent = AsyncBus(ShopEvent, concurrency=2, on_error="raise")
    concurrent.subscribe(UserCreated, nothing)
    concurrent.subscribe(UserCreated, nothing)
    return concurrent.publish(UserCreated())


def publish_in_thread(bus: AsyncBus[ShopEvent]) -> Coroutine[Any, Any, object]:
    """Publish to a handler in a thread."""
    bus.on(UserCreated, via=in_thread)(nothing)
    return bus.publish(UserCreated())


def start_background(bus: AsyncBus[ShopEvent]) -> Coroutine[Any, Any, object]:
    """Start tasks."""
    return AsyncBackground().__aenter__()


@pytest.mark.parametrize("act", [wait_for, publish_at_once, publish_in_thread, start_background])
def test_what_needs_an_event_loop_says_so_without_one(
    act: Callable[[AsyncBus[ShopEvent]], Coroutine[Any, Any, object]],
) -> None:
    """The error tells how to run one."""
    bus = AsyncBus(ShopEvent, on_error="raise")

    with pytest.raises(errors.NoLoopError, match=r"asyncio\.run\(\) or trio\.run\(\)"):
        act(bus).send(None)

    assert all(each.handler is nothing for each in bus.subscriptions())


def test_a_plain_publish_needs_no_event_loop() -> None:
    """Handlers that wait for nothing run wherever somebody drives the publish."""
    bus, calls = AsyncBus(ShopEvent), list[str]()
    bus.subscribe(UserCreated, noting(calls, "called"))

    with pytest.raises(StopIteration):
        bus.publish(UserCreated()).send(None)

    assert calls == ["called"]


@pytest.mark.anyio
async def test_asyncio_and_trio_are_both_known() -> None:
    """What waits finds the loop that runs it."""
    bus, seen = AsyncBus(ShopEvent), list[ShopEvent]()

    async def wait() -> None:
        seen.append(await bus.wait_for(UserCreated))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        await bus.publish(UserCreated())

    assert seen == [UserCreated()]


def test_trio_is_found_through_an_entry_point() -> None:
    """The core does not name it: the installed package does."""
    named = {entry.name: entry.value for entry in entry_points(group="typedbus.loops")}

    assert named["trio"].startswith("typedbus.adapters.trio:")


def test_loops_that_others_bring_are_found(tmp_path: Path) -> None:
    """An adapter that does not import is passed over; one that finds its loop is asked."""
    write(tmp_path / "brought-1.dist-info" / "METADATA", "Name: brought\nVersion: 1\n")
    write(
        tmp_path / "brought-1.dist-info" / "entry_points.txt",
        "[typedbus.loops]\nabsent = no_such_module:running\nbrought = brought:running\n",
    )
    write(tmp_path / "brought.py", BROUGHT)

    done = subprocess.run(
        [sys.executable, "-c", USES_IT],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.stdout, done.stderr) == (
        "NoLoopError\nthe signal of the loop that was brought\n",
        "",
    )


def write(path: Path, text: str) -> None:
    """Write *text* into the file at *path*."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


BROUGHT = """
runs = False

class Signal:
    def set(self): pass
    async def wait(self): raise SystemExit(print("the signal of the loop that was brought"))

class Loop:
    def signal(self): return Signal()

def running():
    return Loop() if runs else None
"""
USES_IT = """
import brought
from typedbus import AsyncBus, Event, errors
try:
    AsyncBus().wait_for(Event).send(None)
except errors.NoLoopError as error:
    print(type(error).__name__)
brought.runs = True
AsyncBus().wait_for(Event).send(None)
"""
