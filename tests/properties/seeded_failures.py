"""Seeded bugs: what becomes of errors, and of publishes inside of a delivery."""

from collections.abc import Sequence
from contextlib import ExitStack
from inspect import iscoroutinefunction

from tests.properties.by_hand import AsyncByHand, ByHand, Steps
from tests.properties.classes import Fact
from tests.properties.scripts import ScriptError, ScriptStop
from typedbus import Decision, Failure, HandlersFailedError, Subscription
from typedbus.core.policies import OnError


class StopsAtTheFirst(Steps):
    """An error that is to be collected keeps later handlers from being called."""

    def goes_on(self, decision: Decision, error: Exception, collected: list[Exception]) -> bool:
        super().goes_on(decision, error, collected)
        return decision is not Decision.COLLECT


class GoesOnAfterRaise(Steps):
    """Handlers behind the one whose error is to be raised at once are called."""

    def goes_on(self, decision: Decision, error: Exception, collected: list[Exception]) -> bool:
        return super().goes_on(decision, error, collected) or True


class StopsAtIgnored(Steps):
    """An error that is to be ignored keeps later handlers from being called."""

    def goes_on(self, decision: Decision, error: Exception, collected: list[Exception]) -> bool:
        return super().goes_on(decision, error, collected) and decision is not Decision.IGNORE


class ForgetsToLog(Steps):
    """An error that is to be logged is ignored."""

    def goes_on(self, decision: Decision, error: Exception, collected: list[Exception]) -> bool:
        return decision is Decision.LOG or super().goes_on(decision, error, collected)


class LogsAndRaises(Steps):
    """An error that was logged is raised as well."""

    def goes_on(self, decision: Decision, error: Exception, collected: list[Exception]) -> bool:
        if decision is Decision.LOG:
            collected.append(error)
        return super().goes_on(decision, error, collected)


class AsksTheBusAlone(Steps):
    """The policy of a subscription is not asked."""

    def decide(self, failure: Failure, subscription: Subscription) -> Decision:
        on_error = self.on_error
        return Decision(on_error) if isinstance(on_error, str) else on_error(failure)


class TellsTheFirst(Steps):
    """Only the first of several errors is told."""

    def settle(self, collected: Sequence[Exception], *, stopped: bool) -> None:
        super().settle(collected[:1], stopped=stopped)


class TellsTheLast(Steps):
    """Only the last of several errors is told; so the one that stops hides those before it."""

    def settle(self, collected: Sequence[Exception], *, stopped: bool) -> None:
        super().settle(collected[-1:], stopped=stopped)


class TellsBackwards(Steps):
    """Errors are not told in the order of the handlers."""

    def settle(self, collected: Sequence[Exception], *, stopped: bool) -> None:
        super().settle(collected[::-1], stopped=stopped)


class TellsASinglePlainly(Steps):
    """A group of one error is not a group."""

    def settle(self, collected: Sequence[Exception], *, stopped: bool) -> None:
        super().settle(collected, stopped=True)


class TellsRaiseInAGroup(Steps):
    """An error that is to be raised plainly comes in a group."""

    def settle(self, collected: Sequence[Exception], *, stopped: bool) -> None:
        super().settle(collected, stopped=False)


class TellsNotWhose(Steps):
    """An error in a group has no note."""

    def settle(self, collected: Sequence[Exception], *, stopped: bool) -> None:
        if not stopped and collected:
            raise HandlersFailedError("by hand", collected)
        super().settle(collected, stopped=stopped)


class HoldsBackStops(ByHand):
    """What is no `Exception` counts as a failure of its handler."""

    def publish(self, event: Fact, /) -> None:
        try:
            super().publish(event)
        except ScriptStop as stop:
            raise ScriptError(*stop.args) from stop


class PutsOffNested(ByHand):
    """A publish inside of a handler waits until the outer one is through."""

    def __init__(self, on_error: OnError) -> None:
        super().__init__(on_error)
        self.waiting: list[Fact] = []

    def publish(self, event: Fact, /) -> None:
        self.waiting.append(event)
        if len(self.waiting) == 1:
            while self.waiting:
                super().publish(self.waiting[0])
                del self.waiting[0]


class StaysBusy(ByHand):
    """After an error the bus believes that the delivery is still running, and is deaf."""

    def __init__(self, on_error: OnError) -> None:
        super().__init__(on_error)
        self.depth = 0

    def publish(self, event: Fact, /) -> None:
        if self.depth < 4:
            self.depth += 1
            super().publish(event)
            self.depth -= 1


class ForgetsReturned(AsyncByHand):
    """What a handler returns is awaited only if the handler is an async function."""

    async def call(self, subscription: Subscription, event: Fact) -> None:
        result = subscription.handler(event)
        if iscoroutinefunction(subscription.handler):
            await result
        elif result is not None:
            result.close()


class LosesSyncErrors(AsyncByHand):
    """What a handler raises that has nothing to await is taken for nothing."""

    async def call(self, subscription: Subscription, event: Fact) -> None:
        try:
            result = subscription.handler(event)
        except ScriptError:
            return
        if result is not None:
            await result


class AwaitsLater(AsyncByHand):
    """All handlers are called before the first is awaited."""

    async def publish(self, event: Fact, /) -> None:
        with ExitStack() as stack:
            results = []
            for subscription in self.steps.reached(event):
                if (result := subscription.handler(event)) is not None:
                    stack.callback(result.close)  # or Python warns of what nobody awaited
                    results.append(result)
            for result in results:
                await result


FAILURES: dict[str, type[Steps]] = {
    each.__name__: each
    for each in (
        StopsAtTheFirst,
        GoesOnAfterRaise,
        StopsAtIgnored,
        ForgetsToLog,
        LogsAndRaises,
        AsksTheBusAlone,
        TellsTheFirst,
        TellsTheLast,
        TellsBackwards,
        TellsASinglePlainly,
        TellsRaiseInAGroup,
        TellsNotWhose,
    )
}
