"""The suite: many threads, each with a store of its own, at one time."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier

from typedbus.core.errors import LeaseLostError
from typedbus.outbox.records import Lease
from typedbus.outbox.store import RelayInfo, Store
from typedbus.testing.conformance.harness import Harness
from typedbus.testing.conformance.records import Relay, record, start, write

_ROUNDS = 5
_EACH = 25


class ConcurrencyConformance:
    """What the port promises when more than one uses it."""

    def test_one_of_many_gets_the_lease(self, harness: Harness) -> None:
        """Relays that ask at one time do not get the same lease, nor does each get none."""
        stores = [harness.another() for _ in range(4)]
        barrier = Barrier(len(stores))

        def take(store: Store, relay: RelayInfo) -> Lease | None:
            barrier.wait()
            return store.take_lease(relay, 10 * harness.tick)

        for _ in range(_ROUNDS):
            with ThreadPoolExecutor(len(stores)) as pool:
                leases = list(pool.map(take, stores, [harness.relay() for _ in stores]))

            (lease,) = [lease for lease in leases if lease is not None]
            harness.store.release_lease(lease)

    def test_nothing_is_written_after_a_takeover(self, harness: Harness) -> None:
        """What the new relay sees is not changed by the old one, which may be writing just then."""
        barrier = Barrier(2)

        def settle(relay: Relay, numbers: list[int]) -> None:
            barrier.wait()
            try:
                for number in numbers:
                    relay.settle(done=[number])
            except LeaseLostError:
                return

        def take(store: Store) -> tuple[Relay, list[int]]:
            barrier.wait()
            lease = store.take_lease(harness.relay(), 10 * harness.tick)
            assert lease is not None
            relay = Relay(store, lease)
            return relay, relay.fresh()

        for _ in range(_ROUNDS):
            numbers = write(harness, *(record() for _ in range(40)))
            former = start(harness, harness.another())
            # Silent for long before it begins, so that the takeover meets its settlements.
            harness.pass_time(11 * harness.tick)
            with ThreadPoolExecutor(2) as pool:
                settling = pool.submit(settle, former, numbers)
                successor, seen = pool.submit(take, harness.another()).result()
                settling.result()

            assert sorted(harness.pending()) == seen
            successor.settle(done=seen)
            successor.store.release_lease(successor.lease)

    def test_everything_that_writers_commit_is_read(self, harness: Harness) -> None:
        """A relay that reads and settles while others commit sees each event, and each once."""
        relay = start(harness)

        def publish() -> list[int]:
            return [write(harness, record())[0] for _ in range(_EACH)]

        def drain(writers: list[Future[list[int]]]) -> list[int]:
            found: list[int] = []
            is_over = False
            while not is_over:
                is_over = all(writer.done() for writer in writers)
                fresh = relay.fresh()
                relay.settle(done=fresh)
                found += fresh
            return found

        with ThreadPoolExecutor() as pool:
            writers = [pool.submit(publish) for _ in range(min(harness.writers, 4))]
            found = drain(writers)
        written = [number for writer in writers for number in writer.result()]

        assert sorted(found) == sorted(written)
        assert not harness.pending()
