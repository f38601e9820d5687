"""A relay in the simulation: the machine, and what drives it in a process, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tests.outbox.simulation_calls import Calls, Fault, cut_off
from tests.outbox.simulation_events import NEWER, OLDER, Deed
from tests.outbox.simulation_world import World
from typedbus.core.errors import LeaseLostError
from typedbus.outbox import acts
from typedbus.outbox.machine import Machine
from typedbus.outbox.pieces import Kind
from typedbus.outbox.records import Lease
from typedbus.outbox.settings import RelaySettings
from typedbus.outbox.store import RelayInfo

SETTINGS = RelaySettings(batch=4, window=8, concurrency=2, threads=2)
MAX_CRASHES: Final = SETTINGS.max_crashes
MOST_TIMES: Final = 8
"""How often a relay may ask the same within a quarter of a second, and be told the same."""


@dataclass
class Question:
    """Something that was asked of the store, and perhaps answered; not heard yet."""

    act: acts.Act
    sent: float
    answer: acts.Answer = None
    error: Exception | None = None
    is_done: bool = False


class Relay:
    """One process with a relay."""

    def __init__(self, world: World, number: int, *, new: bool) -> None:
        self.world: Final = world
        self.info: Final = RelayInfo(f"relay-{number}", "here", number, "now")
        self.new: Final = new
        self.machine: Final = Machine(NEWER if new else OLDER, SETTINGS, random=lambda: 0.5)
        self.is_alive = True
        self.is_stalled = False
        self.held_until = 0.0
        """When the lease can be taken from it, if no clock jumps and nobody takes it for dead."""
        self.calls: Final = Calls(world, self.machine, SETTINGS)
        self.question: Question | None = None
        self._last = Question(acts.Refresh(), 0.0)
        self._times = 0
        self.beat: tuple[Lease, float, Exception | None] | None = None

    @property
    def goes_on(self) -> bool:
        """Whether it does anything."""
        return self.is_alive and not self.is_stalled

    # The store.

    def ask(self) -> None:
        """Ask the store what the machine wants to know, if it wants anything."""
        if self.question is None:
            act = self.machine.next_act(self.world.now)
            if isinstance(act, acts.Stopped):
                self.die(seen=True)
            elif not isinstance(act, acts.Wait):
                self.question = Question(act, self.world.now)

    def perform(self, fault: Fault = Fault.NONE) -> None:
        """Let the question reach the store, or not."""
        question = self.question
        if question is None or question.is_done:
            return
        question.is_done = True
        if fault is not Fault.BEFORE:
            before, running = self.world.store.holder(), self.world.running()
            try:
                question.answer = acts.perform(
                    question.act, self.world.store, self.machine.lease, self.info, SETTINGS.ttl
                )
            except LeaseLostError as error:
                question.error = error
            if isinstance(question.act, acts.TakeLease) and question.answer is not None:
                self.held_until = question.sent + SETTINGS.ttl.total_seconds()
            if self.world.store.holder() == self.info.id != before:
                self.world.taken_over(before, running)
        if fault is not Fault.NONE:
            question.error = cut_off()

    def hear(self) -> None:
        """Take in what the store has answered."""
        question = self.question
        if question is None or not question.is_done:
            return
        self.question = None
        self._check_pace(question)
        if isinstance(question.error, LeaseLostError):
            self.machine.lost(self.world.now)
        elif question.error is not None:
            self.machine.away(question.act, self.world.now)
        else:
            self.machine.answered(question.act, question.answer, question.sent, self.world.now)

    def _check_pace(self, question: Question) -> None:
        """Check that it does not ask the same again and again, and is told the same."""
        if (question.act, question.answer) != (self._last.act, self._last.answer):
            self._last, self._times = question, 0
        elif question.sent < self._last.sent + 0.25:
            self._times += 1
            assert self._times < MOST_TIMES, f"{self.info.id} runs in circles: {question}"
        else:
            self._last, self._times = question, 0

    def send_beat(self, fault: Fault = Fault.NONE) -> None:
        """Renew the lease; the answer is heard later."""
        lease = self.machine.lease
        if self.beat is not None or lease is None:
            return
        error: Exception | None = None
        if fault is not Fault.BEFORE:
            try:
                self.world.store.renew_lease(lease, SETTINGS.ttl)
            except LeaseLostError as lost:
                error = lost
            else:
                self.held_until = self.world.now + SETTINGS.ttl.total_seconds()
        self.beat = lease, self.world.now, cut_off() if fault is not Fault.NONE else error

    def hear_beat(self) -> None:
        """Take in whether the lease was renewed."""
        if self.beat is None:
            return
        (lease, sent, error), self.beat = self.beat, None
        if isinstance(error, LeaseLostError):
            self.machine.lost(self.world.now, lease)
        elif error is None:
            self.machine.renewed(lease, sent)

    # The handlers.

    def begin(self, kind: Kind) -> None:
        """Call a handler, if there is one to be called."""
        if self.calls.begin(kind):
            assert self.world.now < self.held_until, f"{self.info.id} begins when its time is over"

    def end(self, at: int, fault: Fault = Fault.NONE) -> None:
        """Let one of the running handlers end."""
        if not self.calls.end(at, fault):
            self.die(seen=fault is Fault.NONE)

    def give_up(self) -> None:
        """Give up what takes too long."""
        self.calls.give_up()

    def stop(self) -> None:
        """Ask it to end."""
        self.machine.stop(self.world.now)

    def die(self, *, seen: bool) -> None:
        """End the process; *seen* is whether the database notices at once."""
        self.is_alive = False
        self.world.history.dead.append(self.info.id)
        self.calls.threads.clear()
        if seen:
            self.world.store.died(self.info.id)

    def go_on(self) -> bool:
        """Do all that can be done at once without a fault; return whether there was anything."""
        if not self.goes_on:
            return False
        self.send_beat()
        self.hear_beat()
        self.give_up()
        self.ask()
        asked = self.question is not None
        self.perform()
        self.hear()
        self.begin(Kind.SYNC)
        self.begin(Kind.ASYNC)
        called = any(thread.does is not Deed.HANG for thread in self.calls.threads)
        self.end(0)
        return asked or called
