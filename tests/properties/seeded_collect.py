"""Seeded bugs: models of `collect()` that are wrong, so `collect()` must be seen to differ."""

from tests.properties.classes import Fact
from tests.properties.collect_model import Chain, CollectModel, Waiting, innermost, raise_all
from tests.properties.collect_programs import Body, Plan
from tests.properties.scripts import ScriptError
from typedbus import HandlersFailedError


class ReleasesInner(CollectModel):
    """A scope inside of another is released at its own end."""

    def leave(self, scope: Waiting, chain: Chain) -> None:
        self.release(scope)


class ReleasesAfterErrors(CollectModel):
    """A scope that is left by an error is released."""

    def leave_by_error(self, scope: Waiting) -> None:
        self.release(scope)


class DropsOuter(CollectModel):
    """An error drops what the outermost scope has collected, though it is caught inside."""

    def enter(self, scope: Waiting, body: Body, chain: Chain, *, fails: bool) -> None:
        try:
            super().enter(scope, body, chain, fails=fails)
        except (ScriptError, HandlersFailedError):
            for each in chain:
                each.calls.clear()
            raise


class StopsAtTheFirst(CollectModel):
    """The failure of one keeps those behind it from being called."""

    def release(self, scope: Waiting) -> None:
        try:
            while scope.calls:
                self.call(*scope.calls.pop(0))
        except (ScriptError, HandlersFailedError) as error:
            raise_all([error])
        finally:
            scope.close()


class NewestFirst(CollectModel):
    """What was collected last is called first."""

    def release(self, scope: Waiting) -> None:
        scope.calls.reverse()
        super().release(scope)


class ClosesEarly(CollectModel):
    """What is published while a scope is released runs at once."""

    def release(self, scope: Waiting) -> None:
        scope.is_open = False
        super().release(scope)


class CollectsForEver(CollectModel):
    """A scope that was released collects what will never be called."""

    def release(self, scope: Waiting) -> None:
        super().release(scope)
        scope.is_open = True


class AsksTheFirst(CollectModel):
    """Outside of any open scope, a handler that is collected is not called."""

    def deliver(self, number: int, plan: Plan, event: Fact, chain: Chain) -> None:
        if not plan.collected or innermost(chain):
            super().deliver(number, plan, event, chain)


class LosesThePublisher(CollectModel):
    """A handler that is released publishes outside of every scope."""

    def call(self, number: int, event: Fact, chain: Chain) -> None:
        super().call(number, event, ())


SEEDED = [
    ReleasesInner,
    ReleasesAfterErrors,
    DropsOuter,
    StopsAtTheFirst,
    NewestFirst,
    ClosesEarly,
    CollectsForEver,
    AsksTheFirst,
    LosesThePublisher,
]
