"""The suite: one relay at a time has the lease, and nobody writes under one that is gone."""

from __future__ import annotations

import pytest

from typedbus.core.errors import LeaseLostError
from typedbus.testing.conformance.harness import Harness
from typedbus.testing.conformance.records import start, take_over


class LeasesConformance:
    """What the calls about the lease promise."""

    def test_the_first_relay_gets_the_lease(self, harness: Harness) -> None:
        """It is free, and nothing is left in anybody's hands."""
        relay = harness.relay()

        lease = harness.store.take_lease(relay, 10 * harness.tick)

        assert lease is not None
        assert lease.relay == relay.id
        assert lease.clean

    def test_another_relay_does_not_get_it(self, harness: Harness) -> None:
        """As long as its holder lives, nobody else has the lease."""
        start(harness)

        assert harness.another().take_lease(harness.relay(), 10 * harness.tick) is None
        assert harness.store.take_lease(harness.relay(), 10 * harness.tick) is None

    def test_the_holder_gets_the_lease_that_it_has(self, harness: Harness) -> None:
        """Who asks again, for the answer was lost, is told the same."""
        relay = harness.relay()

        leases = {harness.store.take_lease(relay, 10 * harness.tick) for _ in range(3)}

        assert len(leases) == 1

    def test_a_holder_after_a_dead_one_is_told_so_again(self, harness: Harness) -> None:
        """The answer that was lost must not become a clean one."""
        start(harness)
        harness.pass_time(11 * harness.tick)
        relay = harness.relay()

        first, again = (harness.store.take_lease(relay, 10 * harness.tick) for _ in range(2))

        assert first == again
        assert first is not None
        assert not first.clean

    def test_a_lease_that_was_given_back_is_clean(self, harness: Harness) -> None:
        """The next relay gets it at once, under a later epoch, and need not suspect anything."""
        former = start(harness)

        former.store.release_lease(former.lease)
        successor = start(harness, harness.another())

        assert successor.lease.clean
        assert successor.lease.epoch > former.lease.epoch

    def test_the_lease_of_a_silent_relay_is_taken(self, harness: Harness) -> None:
        """After its ttl another one has it, under a later epoch, and is told that it died."""
        former = start(harness)

        successor = take_over(harness)

        assert not successor.lease.clean
        assert successor.lease.epoch > former.lease.epoch

    def test_a_lease_is_clean_again_after_a_clean_end(self, harness: Harness) -> None:
        """A death is told to the next relay, and not to the one after."""
        start(harness)
        successor = take_over(harness)

        successor.store.release_lease(successor.lease)

        assert start(harness).lease.clean

    def test_a_relay_that_renews_keeps_the_lease(self, harness: Harness) -> None:
        """Each sign of life counts for a whole ttl."""
        relay = start(harness)

        for _ in range(3):
            harness.pass_time(6 * harness.tick)
            relay.store.renew_lease(relay.lease, 10 * harness.tick)

        assert harness.another().take_lease(harness.relay(), 10 * harness.tick) is None

    def test_a_relay_may_renew_what_nobody_took(self, harness: Harness) -> None:
        """Silence alone does not end a lease: another relay does."""
        relay = start(harness)
        harness.pass_time(11 * harness.tick)

        relay.store.renew_lease(relay.lease, 10 * harness.tick)

        assert harness.another().take_lease(harness.relay(), 10 * harness.tick) is None

    def test_a_lost_lease_cannot_be_renewed(self, harness: Harness) -> None:
        """The former holder is told, and the new one keeps what it has."""
        former = start(harness)
        successor = take_over(harness)

        with pytest.raises(LeaseLostError):
            former.store.renew_lease(former.lease, 10 * harness.tick)

        successor.store.renew_lease(successor.lease, 10 * harness.tick)

    def test_a_lost_lease_cannot_be_given_back(self, harness: Harness) -> None:
        """Saying so does nothing to whoever has it."""
        former = start(harness)
        successor = take_over(harness)

        former.store.release_lease(former.lease)

        successor.store.renew_lease(successor.lease, 10 * harness.tick)
        assert harness.another().take_lease(harness.relay(), 10 * harness.tick) is None

    def test_a_lease_may_be_given_back_twice(self, harness: Harness) -> None:
        """Who got no answer says it again."""
        relay = start(harness)

        relay.store.release_lease(relay.lease)
        relay.store.release_lease(relay.lease)

        assert start(harness).lease.clean

    def test_the_former_holder_may_come_back(self, harness: Harness) -> None:
        """A relay that lost the lease may have it again: under an epoch of its own."""
        info = harness.relay()
        first = harness.store.take_lease(info, 10 * harness.tick)
        successor = take_over(harness)
        successor.store.release_lease(successor.lease)

        again = harness.store.take_lease(info, 10 * harness.tick)

        assert first is not None
        assert again is not None
        assert first.epoch < successor.lease.epoch < again.epoch
        with pytest.raises(LeaseLostError):
            harness.store.renew_lease(first, 10 * harness.tick)

    def test_a_death_that_is_seen_frees_the_lease_at_once(self, harness: Harness) -> None:
        """Where the store sees that the holder's session ended, nobody waits for its ttl."""
        relay = harness.relay()
        former = harness.store.take_lease(relay, 1000 * harness.tick)

        if not harness.died(relay):
            pytest.skip("this store tells the dead by their silence only")
        lease = harness.another().take_lease(harness.relay(), 10 * harness.tick)

        assert former is not None
        assert lease is not None
        assert lease.epoch > former.epoch
        assert not lease.clean

    def test_epochs_only_go_up(self, harness: Harness) -> None:
        """However relays come and go, no two holders have one epoch."""
        epochs = []
        for turn in range(6):
            relay = take_over(harness) if turn % 2 else start(harness)
            epochs.append(relay.lease.epoch)
            if turn % 2:
                relay.store.release_lease(relay.lease)

        assert epochs == sorted(set(epochs))
