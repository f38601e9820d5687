"""Right buses whose delivery is written by hand, in steps: each seeded bug changes a step."""

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from tests.properties.classes import Fact
from tests.properties.scripts import Options, ScriptError
from typedbus import AsyncBus, Bus, Decision, Failure, HandlersFailedError, Subscription
from typedbus.core.policies import OnError


class Steps:
    """The steps of a delivery, all but the call itself."""

    def __init__(self, bus: Bus[Fact] | AsyncBus[Fact], on_error: OnError) -> None:
        self.bus = bus
        self.on_error = on_error
        self.options: dict[Subscription, Options] = {}
        self.called = set[Subscription]()

    def reached(self, event: Fact) -> Iterable[Subscription]:
        """Return whom *event* reaches, in order."""
        return self.bus.subscriptions(type(event))

    def takes(self, subscription: Subscription) -> bool:
        """Say whether to call it now; what is for one call is cancelled before that call."""
        if self.options[subscription].once:
            if subscription in self.called:
                return False
            subscription.cancel()
        self.called.add(subscription)
        return True

    def decide(self, failure: Failure, subscription: Subscription) -> Decision:
        """Ask the policy of the subscription, or else that of the bus."""
        on_error = self.options[subscription].on_error or self.on_error
        return Decision(on_error) if isinstance(on_error, str) else on_error(failure)

    def goes_on(self, decision: Decision, error: Exception, collected: list[Exception]) -> bool:
        """Do with *error* what was decided; say whether the next handler is called."""
        match decision:
            case Decision.COLLECT:
                collected.append(error)
            case Decision.LOG:
                logging.getLogger("typedbus").error("", exc_info=error)
            case Decision.IGNORE:
                pass
            case Decision.RAISE:
                collected.append(error)
                return False
        return True

    def settle(self, collected: Sequence[Exception], *, stopped: bool) -> None:
        """Raise what there is to raise."""
        if stopped and len(collected) == 1:
            raise collected[0]
        if collected:
            for error in collected:
                error.add_note("whose it is")
            raise HandlersFailedError("by hand", collected)


class Registry:
    """The half of a bus that the package does: who is subscribed."""

    def __init__(self, bus: Bus[Fact] | AsyncBus[Fact], steps: Steps) -> None:
        self.bus = bus
        self.steps = steps

    def subscribe(
        self,
        event_type: type[Any],
        handler: Callable[[Any], Any],
        /,
        *,
        once: bool,
        on_error: OnError | None,
    ) -> Subscription:
        """Subscribe *handler*."""
        subscription = self.bus.subscribe(event_type, handler)
        self.steps.options[subscription] = Options(once, on_error)
        return subscription

    def subscriptions(self, event_type: type, /) -> tuple[Subscription, ...]:
        """Return who listens to *event_type*, in order."""
        return self.bus.subscriptions(event_type)


class ByHand(Registry):
    """A bus that does not wait."""

    def __init__(self, on_error: OnError, steps: type[Steps] = Steps) -> None:
        bus = Bus(Fact)
        super().__init__(bus, steps(bus, on_error))

    def publish(self, event: Fact, /) -> None:
        """Deliver *event*."""
        collected: list[Exception] = []
        stopped = False
        for subscription in self.steps.reached(event):
            if not self.steps.takes(subscription):
                continue
            try:
                subscription.handler(event)
            except (ScriptError, HandlersFailedError) as error:
                failure = Failure(event, error, subscription)
                decision = self.steps.decide(failure, subscription)
                stopped = not self.steps.goes_on(decision, error, collected)
            if stopped:
                break
        self.steps.settle(collected, stopped=stopped)


class AsyncByHand(Registry):
    """A bus that is awaited."""

    def __init__(self, on_error: OnError, steps: type[Steps] = Steps) -> None:
        bus = AsyncBus(Fact)
        super().__init__(bus, steps(bus, on_error))

    async def publish(self, event: Fact, /) -> None:
        """Deliver *event*."""
        collected: list[Exception] = []
        stopped = False
        for subscription in self.steps.reached(event):
            if not self.steps.takes(subscription):
                continue
            try:
                await self.call(subscription, event)
            except (ScriptError, HandlersFailedError) as error:
                failure = Failure(event, error, subscription)
                decision = self.steps.decide(failure, subscription)
                stopped = not self.steps.goes_on(decision, error, collected)
            if stopped:
                break
        self.steps.settle(collected, stopped=stopped)

    async def call(self, subscription: Subscription, event: Fact) -> None:
        """Call the handler, and await what it returns if that is anything."""
        result = subscription.handler(event)
        if result is not None:
            await result
