"""The relay: an asyncio shell around the machine, that asks the store and calls the handlers."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Iterable, Sequence
from contextvars import copy_context
from functools import partial
from random import Random
from time import monotonic
from typing import Final
from uuid import uuid4

from typedbus.core.errors import LeaseLostError, OutboxTablesError
from typedbus.outbox.acts import Act, Answer, Stopped, Wait, perform
from typedbus.outbox.async_pool import AsyncPool
from typedbus.outbox.calling import warm_up
from typedbus.outbox.heartbeat import Heartbeat
from typedbus.outbox.machine import Machine
from typedbus.outbox.phases import Phase
from typedbus.outbox.pieces import Piece
from typedbus.outbox.processes import started_at
from typedbus.outbox.records import Lease
from typedbus.outbox.reporting import Reporter
from typedbus.outbox.running import Doorbell, Workplace
from typedbus.outbox.settings import RelaySettings
from typedbus.outbox.status import RelayStatus
from typedbus.outbox.store import RelayInfo
from typedbus.outbox.sync_pool import SyncPool
from typedbus.outbox.telling import Teller
from typedbus.outbox.watch import Watch

_CHECK: Final = 0.1
"""How often, in seconds, threads are looked at for handlers that take too long."""
_DEFAULTS: Final = RelaySettings()

logger: Final = logging.getLogger("typedbus")


class Relay:
    """Brings the events of one outbox to their handlers, one relay at a time.

    Any number may run, in one process or many: one works, the others stand by.

    Args:
        workplace: What it needs of the outbox.
        settings: Its bounds and times.
        exit_on_stall: End the process with code 70 when nothing moves any more; for a process that
            is a relay and nothing else.
    """

    def __init__(
        self,
        workplace: Workplace,
        settings: RelaySettings = _DEFAULTS,
        *,
        exit_on_stall: bool = False,
    ) -> None:
        self.exit_on_stall = exit_on_stall
        self.settings: Final = settings
        self._place = workplace
        self._info: Final = RelayInfo(
            str(uuid4()), socket.gethostname(), os.getpid(), started_at(os.getpid())
        )
        self._machine = Machine(workplace.handlers, settings, random=Random().random)
        self._reporter = Reporter(workplace.name)
        self._teller = Teller()
        self._watch = Watch(
            workplace.name,
            settings.stall.total_seconds(),
            moved=self._moved_at,
            under_way=self._under_way,
            exits=lambda: self.exit_on_stall,
        )
        self._moved = monotonic()
        self._pools: tuple[AsyncPool | SyncPool, ...] = ()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stops = 0
        self._once = False
        self._heartbeat: Heartbeat | None = None

    async def run(self, *, once: bool = False) -> Sequence[str]:
        """Work, or stand by, until `stop` is called; return what was left when it ended.

        With *once*, end when nothing more is due. Raises `OutboxTablesError` if there are no
        tables to work on.
        """
        if self._loop is not None:
            raise RuntimeError("This relay has run already: make a new one.")
        self._loop = asyncio.get_running_loop()
        self._once = once
        self._wake = asyncio.Event()
        clean = copy_context()
        self._async = AsyncPool(self._machine, clean, ended=self._wake.set, lost=self._lost)
        self._sync = SyncPool(
            self._machine,
            clean,
            self._loop,
            self.settings.threads,
            ended=self._wake.set,
            lost=self._lost,
        )
        self._pools = (self._async, self._sync)
        self._watch.start()
        self._take_stops()
        try:
            await self._run()
        finally:
            self._watch.stop()
            await self._place.close()
        return [str(piece) for piece in self._under_way()]

    def stop(self) -> None:
        """Begin nothing more and end when what runs has ended, or `settings.drain` is over.

        May be called by any thread, and by a signal handler. The second call waits for nothing.
        """
        self._stops += 1
        if self._loop is not None:
            try:
                self._loop.call_soon_threadsafe(self._take_stops)
            except RuntimeError:
                return  # the loop is closed: it has ended

    def status(self) -> RelayStatus:
        """Return how it stands; may be called by any thread."""
        machine = self._machine
        hands = machine.hands
        return RelayStatus(
            outbox=self._place.name,
            relay=self._info.id,
            phase=machine.phase.value,
            epoch=None if hands is None else hands.lease.epoch,
            moves=self._watch.moves(),
            still_seconds=round(monotonic() - self._moved_at(), 3),
            away_seconds=round(self._reporter.seconds_away(), 3),
            in_hand=0 if hands is None else len(hands.ledger.known) + len(hands.ledger.known_late),
            running=sum(1 for _ in self._under_way()),
            handled=machine.handled + (0 if hands is None else hands.handled),
            failed=machine.failed + (0 if hands is None else hands.endings.failed),
        )

    async def _run(self) -> None:
        bell = self._place.doorbell()
        warming = asyncio.to_thread(warm_up, self._place.handlers.classes())
        calling = [
            asyncio.create_task(self._async.work()) for _ in range(self.settings.concurrency)
        ]
        beside = [asyncio.create_task(each) for each in (self._listen(bell), self._check())]
        warm = asyncio.create_task(warming)
        asking = asyncio.create_task(self._ask())
        try:
            # What ends before the asking does is a fault of ours, and ends the relay.
            await asyncio.wait([asking, *calling, *beside], return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                for task in (*calling, *beside):
                    if task.done():
                        task.result()
            await asking
        except asyncio.CancelledError:
            self._machine.hurry(monotonic())
            self._async.cut_off()
            self._wake.set()
            await asyncio.wait([asking], timeout=1)
            raise
        finally:
            self._end_heartbeat()
            self._async.close()
            self._sync.close()
            for task in (asking, *calling, *beside):
                task.cancel()
            await asyncio.gather(asking, warm, *calling, *beside, return_exceptions=True)
            await bell.close()

    async def _ask(self) -> None:
        """Ask the store what the machine wants, one thing at a time, until it has stopped."""
        machine = self._machine
        while True:
            self._wake.clear()
            now = self._moved = monotonic()
            self._teller.tell(machine.take_failures())
            act = machine.next_act(now)
            if isinstance(act, Stopped):
                return
            if isinstance(act, Wait):
                if self._once and machine.idle:
                    self.stop()
                await self._wait(act.until - now)
                continue
            operation = partial(
                perform, act, self._place.store, machine.lease, self._info, self.settings.ttl
            )
            try:
                answer = await self._place.call(operation)
            except OutboxTablesError:
                raise
            except LeaseLostError:
                self._lost(machine.lease)
            except Exception as error:  # noqa: BLE001 - whatever it is, the act comes again
                machine.away(act, monotonic())
                self._reporter.away(type(act).__name__, error)
            else:
                self._answered(act, answer, now)

    def _answered(self, act: Act, answer: Answer, sent: float) -> None:
        machine = self._machine
        had = machine.lease
        machine.answered(act, answer, sent, monotonic())
        self._reporter.answers(type(act).__name__)
        lease = machine.lease
        if lease is not had:
            self._end_heartbeat()
            if lease is not None:
                self._begin_heartbeat(lease)
        self._feed()

    def _feed(self) -> None:
        self._async.rouse()
        self._sync.feed()

    async def _wait(self, seconds: float) -> None:
        if seconds > 0:
            try:
                await asyncio.wait_for(self._wake.wait(), seconds)
            except TimeoutError:
                return

    async def _listen(self, bell: Doorbell) -> None:
        while True:
            try:
                await bell.wait(self.settings.poll)
            except Exception as error:  # noqa: BLE001 - it is polled as well
                self._reporter.away("doorbell", error)
                await asyncio.sleep(self.settings.poll.total_seconds())
            else:
                self._reporter.answers("doorbell")
            self._machine.rung(monotonic())
            self._wake.set()

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(_CHECK)
            self._sync.check(monotonic())
            self._feed()

    def _begin_heartbeat(self, lease: Lease) -> None:
        ttl = self.settings.ttl
        self._heartbeat = Heartbeat(
            self._place,
            lease,
            ttl.total_seconds(),
            self._reporter,
            renew=partial(self._place.store.renew_lease, lease, ttl),
            renewed=self._machine.renewed,
            lost=self._lost,
            moves=self._watch.moves,
        )
        how = "" if lease.clean else "; the one before it did not end as it should"
        logger.info("The relay of %s works, as holder %d%s", self._place.name, lease.epoch, how)

    def _end_heartbeat(self) -> None:
        if self._heartbeat is not None:
            self._heartbeat.stop()
            self._heartbeat = None

    def _lost(self, lease: Lease | None) -> None:
        hands = self._machine.hands
        if hands is None or lease is not hands.lease:
            return
        self._end_heartbeat()
        self._machine.lost(monotonic())
        logger.warning("The relay of %s has lost its lease, and stands by", self._place.name)
        self._wake.set()

    def _take_stops(self) -> None:
        """Do what `stop` was called for, in the loop."""
        if not self._stops or self._machine.phase is Phase.STOPPED:
            return
        now = monotonic()
        draining = self._machine.phase is Phase.DRAINING
        self._sync.halt()
        self._machine.stop(now)
        assert self._loop is not None, "it runs"
        if self._stops > 1:
            self._machine.hurry(now)
            self._async.cut_off()
        elif not draining:
            self._loop.call_later(self.settings.drain.total_seconds(), self._async.cut_off)
        self._wake.set()

    def _moved_at(self) -> float:
        return max([self._moved, *(pool.moved for pool in self._pools)])

    def _under_way(self) -> Iterable[Piece]:
        return self._machine.under_way()
