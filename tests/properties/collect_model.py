"""The model of `collect()`: lists of calls that wait."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from tests.properties.classes import Fact, Paid, Placed
from tests.properties.collect_programs import (
    Attempt,
    Body,
    Drop,
    Plan,
    Program,
    Publish,
    Release,
    Scope,
)
from tests.properties.scripts import ScriptError
from tests.properties.worlds import told
from typedbus import HandlersFailedError, errors

Chain: TypeAlias = "tuple[Waiting, ...]"
"""The scopes around a place, the innermost last."""


@dataclass
class Waiting:
    """What one scope has collected: handlers, with their events and the scopes around them."""

    awaited: bool
    is_open: bool = True
    calls: list[tuple[int, Fact, Chain]] = field(default_factory=list)

    def close(self) -> None:
        """Forget everything and collect no more."""
        self.is_open = False
        self.calls.clear()


class CollectModel:
    """Runs a program; the log tells what happened."""

    def __init__(self, program: Program) -> None:
        self.plans = program.plans
        self.log: list[object] = []
        self.published = 0

    def attempt(self, body: Body, chain: Chain = ()) -> None:
        """Run *body* and take down what it raises."""
        try:
            self.run(body, chain)
        except (ScriptError, HandlersFailedError) as error:
            self.log.append(told(error))

    def run(self, body: Body, chain: Chain) -> None:
        """Run *body*, the scopes of *chain* being around it."""
        for statement in body:
            match statement:
                case Publish(event_type):
                    self.log.append([len(scope.calls) for scope in chain])
                    self.publish(event_type, chain)
                case Attempt(inner):
                    self.attempt(inner, chain)
                case Release(outwards):
                    for scope in chain[::-1][outwards : outwards + 1]:
                        self.release(scope)
                case Drop(outwards):
                    for scope in chain[::-1][outwards : outwards + 1]:
                        scope.close()
                case Scope(awaited, inner, fails):
                    self.enter(Waiting(awaited), inner, chain, fails=fails)

    def enter(self, scope: Waiting, body: Body, chain: Chain, *, fails: bool) -> None:
        """Run *body* in *scope*, then let the scope around it have the calls, or release them."""
        try:
            self.run_scope(body, (*chain, scope), fails=fails)
        except (ScriptError, HandlersFailedError):
            self.leave_by_error(scope)
            raise
        self.leave(scope, chain)

    def run_scope(self, body: Body, chain: Chain, *, fails: bool) -> None:
        """Do what is done inside of a scope."""
        self.run(body, chain)
        if fails:
            raise ScriptError("in a scope")

    def leave_by_error(self, scope: Waiting) -> None:
        """An error drops what it passes."""
        scope.close()

    def leave(self, scope: Waiting, chain: Chain) -> None:
        """A scope around this one takes over what waits, if it can do what this one can."""
        outer = innermost(chain)
        if outer and (outer.awaited or not scope.awaited):
            outer.calls.extend(scope.calls)
            scope.close()
        else:
            self.release(scope)

    def release(self, scope: Waiting) -> None:
        """Call all that waits, and what is collected meanwhile, one after the other."""
        failed: list[Exception] = []
        while scope.calls:
            try:
                self.call(*scope.calls.pop(0))
            except (ScriptError, HandlersFailedError) as error:
                failed.append(error)
        scope.close()
        raise_all(failed)

    def publish(self, event_type: type[Fact], chain: Chain) -> None:
        """Call or collect each handler, in order; collect errors."""
        self.published += 1
        event = event_type(number=self.published)
        failed: list[Exception] = []
        for number, plan in enumerate(self.plans):
            if isinstance(event, plan.event_type):
                try:
                    self.deliver(number, plan, event, chain)
                except (ScriptError, HandlersFailedError, errors.AsyncHandlerError) as error:
                    failed.append(error)
        raise_all(failed)

    def deliver(self, number: int, plan: Plan, event: Fact, chain: Chain) -> None:
        """Let the innermost open scope have the call, if it can await it; without one, call."""
        scope = innermost(chain)
        if not plan.collected or scope is None:
            self.call(number, event, chain)
        elif plan.awaited and not scope.awaited:
            raise errors.AsyncHandlerError("", "", "")
        else:
            scope.calls.append((number, event, chain))

    def call(self, number: int, event: Fact, chain: Chain) -> None:
        """Do what the plan says, in the scopes that were around the publish."""
        self.log.append((number, event))
        if self.plans[number].publishes and type(event) is Placed:
            self.publish(Paid, chain)
        if self.plans[number].fails:
            raise ScriptError(number)


def innermost(chain: Chain) -> Waiting | None:
    """Return the innermost scope that is open."""
    return next((scope for scope in reversed(chain) if scope.is_open), None)


def raise_all(failed: list[Exception]) -> None:
    """Raise one group of what failed."""
    for error in failed:
        error.add_note("whose it is")
    if failed:
        raise HandlersFailedError("", failed)
