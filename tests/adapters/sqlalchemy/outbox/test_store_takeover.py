"""Relays that die or stop: when another one gets the lease, on real databases."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.adapters.sqlalchemy.outbox.sql_harness import SqlHarness, wait_for_a_lock
from typedbus.adapters.sqlalchemy.outbox.fencing import fence
from typedbus.core.errors import LeaseLostError
from typedbus.outbox.records import Lease, Settlement
from typedbus.outbox.store import RelayInfo
from typedbus.testing.conformance.records import record, start, write

PROGRAM = Path(__file__).with_name("relay_process.py")
PATIENCE = 30
HOUR = timedelta(hours=1)


@contextmanager
def relay_in_a_process(
    harness: SqlHarness, act: str, ttl: timedelta
) -> Iterator[subprocess.Popen[str]]:
    """Start a relay that has the lease, and end it whatever becomes of it."""
    url = harness.engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, PROGRAM, url, act, str(ttl.total_seconds())],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip()
            yield process
        finally:
            process.kill()


def lease_in_time(harness: SqlHarness, relay: RelayInfo, ttl: timedelta) -> Lease:
    """Ask for the lease until it is given."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        lease = harness.store.take_lease(relay, ttl)
        if lease is not None:
            return lease
        time.sleep(0.01)
    raise AssertionError("the lease is not given")


def test_a_killed_relay_is_seen_at_once(harness: SqlHarness) -> None:
    """The lease of a relay that died by `kill -9` is free long before its ttl is over."""
    with relay_in_a_process(harness, "live", HOUR) as process:
        before = harness.store.take_lease(harness.relay(), HOUR)
        process.kill()
        process.wait()

        lease = lease_in_time(harness, harness.relay(), HOUR)

    assert before is None
    assert not lease.clean


def test_a_stopped_relay_keeps_the_lease_for_its_ttl(harness: SqlHarness) -> None:
    """One that was stopped is not dead, and its session is there: its silence has to tell."""
    with relay_in_a_process(harness, "live", HOUR) as process:
        process.send_signal(signal.SIGSTOP)

        assert harness.store.take_lease(harness.relay(), HOUR) is None

        harness.pass_time(2 * HOUR)
        assert harness.store.take_lease(harness.relay(), HOUR) is not None


def test_a_relay_stopped_in_mid_act_does_not_block_the_next_one(
    server_harness: SqlHarness,
) -> None:
    """The server ends the transaction in which it holds the lease."""
    ttl = timedelta(seconds=1)
    with relay_in_a_process(server_harness, "stop", ttl):
        lease = lease_in_time(server_harness, server_harness.relay(), HOUR)

        server_harness.store.settle(lease, Settlement())
    assert not lease.clean


def test_a_relay_whose_session_was_cut_holds_on_by_its_next_renewal(
    server_harness: SqlHarness,
) -> None:
    """A cut connection looks like a death; a holder that renews in time keeps the lease."""
    relay = server_harness.relay()
    lease = server_harness.store.take_lease(relay, HOUR)
    assert lease is not None
    assert server_harness.died(relay)

    server_harness.store.renew_lease(lease, HOUR)

    other = server_harness.another().take_lease(server_harness.relay(), HOUR)
    assert other is None


def test_a_standby_whose_session_was_cut_gets_a_new_one(server_harness: SqlHarness) -> None:
    """What it shows of itself, once it has the lease, is what it has then."""
    holder, standby = start(server_harness, server_harness.another()), server_harness.relay()
    assert server_harness.store.take_lease(standby, HOUR) is None
    assert server_harness.died(standby)

    holder.store.release_lease(holder.lease)
    lease = server_harness.store.take_lease(standby, HOUR)

    assert lease is not None
    assert server_harness.another().take_lease(server_harness.relay(), HOUR) is None


def test_a_store_that_is_closed_gives_its_lease_up(server_harness: SqlHarness) -> None:
    """It does not say that it did so cleanly: something may be left in its hands."""
    other = server_harness.another()
    lease = other.take_lease(server_harness.relay(), HOUR)
    assert lease is not None

    other.close()  # type: ignore[attr-defined]  # a SqlStore

    successor = server_harness.store.take_lease(server_harness.relay(), HOUR)
    assert successor is not None
    assert not successor.clean


def test_a_zombie_finds_its_lease_gone(harness: SqlHarness) -> None:
    """A relay that comes back after its ttl settles nothing, and renews nothing."""
    (number,) = write(harness, record())
    zombie = start(harness, harness.another())
    harness.pass_time(HOUR)
    assert harness.store.take_lease(harness.relay(), HOUR) is not None

    with pytest.raises(LeaseLostError):
        zombie.settle(done=[number])
    with pytest.raises(LeaseLostError):
        zombie.store.renew_lease(zombie.lease, HOUR)

    assert list(harness.pending()) == [number]


def test_a_takeover_waits_for_what_is_being_settled(server_harness: SqlHarness) -> None:
    """Whoever has passed the fence may commit: the next relay sees all of it, or waits."""
    former = start(server_harness, server_harness.another())
    server_harness.pass_time(HOUR)
    successor = server_harness.relay()

    with ThreadPoolExecutor(1) as pool, server_harness.engine.connect() as settling:
        fence(settling, server_harness.tables, former.lease)
        taking = pool.submit(server_harness.store.take_lease, successor, HOUR)
        wait_for_a_lock(server_harness, taking)
        settling.commit()

        assert taking.result() is not None


def test_nobody_can_tell_of_a_process_of_another_host(sqlite_harness: SqlHarness) -> None:
    """On SQLite a number of a process says nothing elsewhere: there, silence has to tell."""
    relay = sqlite_harness.relay()
    assert sqlite_harness.another().take_lease(relay, HOUR) is not None
    assert sqlite_harness.died(relay)

    elsewhere = sqlite_harness.relay()._replace(host="elsewhere")

    assert sqlite_harness.store.take_lease(elsewhere, HOUR) is None
    assert sqlite_harness.store.take_lease(sqlite_harness.relay(), HOUR) is not None
