"""The lease of an outbox in memory: who may work as its relay."""

from __future__ import annotations

from datetime import datetime, timedelta

from typedbus.core.errors import LeaseLostError
from typedbus.outbox.records import Lease
from typedbus.outbox.store import RelayInfo


class MemoryLease:
    """Who has the lease, and who else asks for it. It takes no lock: whoever calls it has one."""

    def __init__(self) -> None:
        self.holder: str | None = None
        self.epoch = 0
        self._clean = True
        self._expires: dict[str, datetime] = {}
        self._cut_off: set[str] = set()

    def take(self, relay: RelayInfo, now: datetime, ttl: timedelta) -> Lease | None:
        """Return the lease if it is free, or *relay* has it, or its holder is dead."""
        self._lives_until(relay.id, now + ttl)
        if self.holder != relay.id:
            if self.holder is not None and self._lives(self.holder, now):
                return None
            self._clean = self.holder is None
            self.holder = relay.id
            self.epoch += 1
        return Lease(relay.id, self.epoch, self._clean)

    def renew(self, lease: Lease, now: datetime, ttl: timedelta) -> None:
        """Say that the holder lives."""
        self.fence(lease)
        self._lives_until(lease.relay, now + ttl)

    def release(self, lease: Lease) -> None:
        """Give it back, unless it is somebody else's by now."""
        if self._is_held_under(lease):
            self.holder = None
        self._expires.pop(lease.relay, None)

    def died(self, relay: str) -> None:
        """Say that the session of a relay has ended."""
        self._cut_off.add(relay)

    def fence(self, lease: Lease) -> None:
        """Raise `LeaseLostError` if another relay has it, or nobody."""
        if not self._is_held_under(lease):
            raise LeaseLostError(
                f"write for the relay {lease.relay} under epoch {lease.epoch}",
                f"the epoch is {self.epoch}, and the lease is held by {self.holder}",
                "let the relay that holds it do the work",
            )

    def _is_held_under(self, lease: Lease) -> bool:
        return (self.holder, self.epoch) == (lease.relay, lease.epoch)

    def _lives_until(self, relay: str, expires: datetime) -> None:
        self._expires[relay] = expires
        self._cut_off.discard(relay)

    def _lives(self, relay: str, now: datetime) -> bool:
        return relay not in self._cut_off and self._expires.get(relay, now) > now
