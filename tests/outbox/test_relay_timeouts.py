"""What a relay does about handlers that take too long, and when nothing moves any more."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.outbox.machines import Packed, by_key
from tests.outbox.relays import PATIENCE, QUICK, Place, run_once, running, until
from typedbus.core.retries import Backoff
from typedbus.outbox.health import serving
from typedbus.outbox.records import State
from typedbus.outbox.relay import Relay

SHORT = timedelta(milliseconds=50)


def test_an_async_handler_that_takes_too_long_is_cancelled() -> None:
    """It counts as a failed try, with an error that says how long it may take."""
    place, cancelled = Place(), list[int]()

    async def handle(event: Packed) -> None:
        try:
            await asyncio.sleep(PATIENCE)
        except asyncio.CancelledError:
            cancelled.append(event.number)
            raise

    place.bus.on(Packed, via=place.durable("h", timeout=SHORT))(handle)
    place.publish(Packed(number=1))

    run_once(place)

    (row,) = place.store.deliveries()
    assert (row.state, row.attempts, cancelled) == (State.WAITING, 1, [1])
    assert row.error is not None
    assert "timeout=0.05" in row.error


def test_an_async_handler_that_ignores_its_cancellation_has_failed_all_the_same() -> None:
    """It was cut off, so nobody knows what it has done."""
    place = Place()

    async def handle(event: Packed) -> None:
        place.store.unit().write("effect")
        try:
            await asyncio.sleep(PATIENCE)
        except asyncio.CancelledError:
            return

    place.bus.on(Packed, via=place.durable("h", timeout=SHORT))(handle)
    place.publish(Packed(number=1))

    run_once(place)

    assert [row.attempts for row in place.store.deliveries()] == [1]
    assert place.store.effects == []


def test_a_sync_handler_that_takes_too_long_is_given_up_and_commits_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Its line waits until its thread ends; then the event is tried again, before the next."""
    place, release = Place(), threading.Event()
    seen = list[tuple[int, str]]()
    calls = list[int]()

    def handle(event: Packed) -> None:
        calls.append(event.number)
        seen.append((event.number, "began"))
        place.store.unit().write(event.number)
        if len(calls) == 1:
            assert release.wait(PATIENCE)
        seen.append((event.number, "ended"))

    retry = Backoff(first=timedelta(0))
    via = place.durable("h", key=by_key, timeout=SHORT, retry=retry)
    place.bus.on(Packed, via=via)(handle)
    place.publish(Packed(number=1), Packed(number=2))

    async def main() -> None:
        async with running(Relay(place, QUICK)):
            await until(place.store.deliveries)
            await asyncio.sleep(0.1)
            assert calls == [1]
            release.set()
            await until(lambda: not place.store.deliveries())

    asyncio.run(main())

    assert seen == [
        (1, "began"),
        (1, "ended"),
        (1, "began"),
        (1, "ended"),
        (2, "began"),
        (2, "ended"),
    ]
    assert [effect.value for effect in place.store.effects] == [1, 2]
    assert "cannot be stopped" in caplog.text


def test_other_events_go_on_beside_handlers_that_are_given_up() -> None:
    """A thread that is lost is replaced."""
    place, release, seen = Place(), threading.Event(), list[int]()

    def handle(event: Packed) -> None:
        if event.number < 3:
            assert release.wait(PATIENCE)
        seen.append(event.number)

    place.bus.on(Packed, via=place.durable("h", key=by_key, timeout=SHORT))(handle)
    place.publish(*(Packed(number=n, key=str(n)) for n in range(20)))

    async def main() -> None:
        settings = QUICK._replace(threads=2, drain=timedelta(milliseconds=50))
        async with running(Relay(place, settings)):
            await until(lambda: len(seen) >= 17)
            release.set()

    asyncio.run(main())

    assert set(range(3, 20)) <= set(seen)


def test_a_relay_whose_loop_is_blocked_does_not_move() -> None:
    """Past the timeout and `settings.stall` its heartbeat ends, so that another can take over."""
    place, statuses = Place(), list[bool]()

    async def handle(event: Packed) -> None:
        time.sleep(0.6)  # noqa: ASYNC251 - it is the fault that is looked for
        statuses.append(relay.status().moves)

    place.bus.on(Packed, via=place.durable("h", timeout=SHORT))(handle)
    place.publish(Packed(number=1))
    relay = Relay(place, QUICK._replace(stall=timedelta(milliseconds=100)))

    asyncio.run(relay.run(once=True))

    assert statuses == [False]


def test_a_relay_whose_handler_may_take_long_moves_as_long() -> None:
    """What a handler was allowed to take is no stall."""
    place, statuses = Place(), list[bool]()

    async def handle(event: Packed) -> None:
        time.sleep(0.3)  # noqa: ASYNC251 - it blocks, and may
        statuses.append(relay.status().moves)

    place.bus.on(Packed, via=place.durable("h", timeout=timedelta(minutes=1)))(handle)
    place.publish(Packed(number=1))
    relay = Relay(place, QUICK._replace(stall=timedelta(milliseconds=100)))

    asyncio.run(relay.run(once=True))

    assert statuses == [True]


PROGRAM = """
import asyncio, time
from datetime import timedelta
from tests.outbox.machines import Packed
from tests.outbox.relays import QUICK, Place
from typedbus.outbox.relay import Relay

place = Place()

async def hang(event: Packed) -> None:
    time.sleep(60)

place.bus.on(Packed, via=place.durable("hangs", timeout=timedelta(milliseconds=10)))(hang)
place.publish(Packed(number=1))
settings = QUICK._replace(stall=timedelta(milliseconds=200))
asyncio.run(Relay(place, settings, exit_on_stall=True).run())
"""


def test_a_process_that_is_a_relay_ends_when_nothing_moves() -> None:
    """Code 70, with the stacks of all threads, and the name of the handler and its event."""
    folder = Path(__file__).parents[2]

    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )

    assert ended.returncode == 70, ended.stderr
    assert "hangs on event 1 (relay.packed)" in ended.stderr
    assert "in hang" in ended.stderr


async def ask(address: tuple[str, int], text: str) -> tuple[str, dict[str, object]]:
    """Return the first line, and the body, of the answer to *text*."""
    reader, writer = await asyncio.open_connection(*address)
    writer.write(text.encode())
    answer = (await reader.read()).decode()
    writer.close()
    head, _, body = answer.partition("\r\n\r\n")
    return head.partition("\r\n")[0], json.loads(body) if body else {}


def test_probes_are_answered_over_http() -> None:
    """A relay that works, or stands by, is healthy; one that has ended is not."""
    place = Place()

    async def main() -> None:
        relay, other = Relay(place, QUICK), Relay(place, QUICK)
        async with serving(relay, "127.0.0.1", 0) as address:
            async with running(other), running(relay):
                await until(lambda: "standby" in (relay.status().phase, other.status().phase))
                await until(lambda: "working" in (relay.status().phase, other.status().phase))
                line, body = await ask(address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert line == "HTTP/1.1 200 OK"
                assert body["healthy"] is True
                assert body["outbox"] == "memory"
            line, body = await ask(address, "GET /healthz HTTP/1.1\r\n\r\n")
            assert line == "HTTP/1.1 503 Service Unavailable"
            assert body["phase"] == "stopped"

    asyncio.run(main())


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("GET /other HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found"),
        ("POST /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 405 Method Not Allowed"),
        ("HEAD /healthz HTTP/1.1\r\n\r\n", "HTTP/1.1 503 Service Unavailable"),
        ("x" * 20_000 + "\r\n\r\n", ""),
    ],
    ids=["path", "method", "head", "nonsense"],
)
def test_what_is_no_probe_is_refused(text: str, line: str) -> None:
    """It does no harm, whatever is sent."""
    relay = Relay(Place(), QUICK)
    relay.stop()

    async def main() -> str:
        await relay.run()
        async with serving(relay, "127.0.0.1", 0) as address:
            try:
                return (await ask(address, text))[0]
            except ConnectionError:
                return ""

    assert asyncio.run(asyncio.wait_for(main(), PATIENCE)) == line
