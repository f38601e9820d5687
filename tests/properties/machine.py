"""The machine: any program of subscribe, cancel and publish does on a bus what the model does."""

import logging
from collections.abc import Callable
from typing import TypeAlias

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.properties.classes import BASES, LEAVES, PUBLISHED, Fact, define
from tests.properties.drivers import SyncWorld
from tests.properties.model import ModelBus
from tests.properties.scripts import (
    MOST_SUBSCRIPTIONS,
    Options,
    Request,
    Script,
    options,
    policies,
    published,
    requests,
    scripts,
    subscribed,
)
from tests.properties.worlds import LogReader, World
from typedbus.core.policies import OnError

LOGGER = logging.getLogger("typedbus")
Opens: TypeAlias = Callable[[OnError], World]
"""Makes a world around a bus with that policy."""


class BusMachine(RuleBasedStateMachine):
    """Does everything twice: with a bus and with the model, and finds no difference.

    Compared are the order of the calls and of what is logged, what each publish raises, and who
    is listed afterwards.
    """

    opens: Opens

    def __init__(self) -> None:
        super().__init__()
        self.late: list[type[Fact]] = []
        self.reader = LogReader()
        LOGGER.addHandler(self.reader)
        LOGGER.propagate = False  # thousands of tracebacks that nobody reads

    @initialize(on_error=policies, known=st.booleans())
    def open(self, on_error: OnError, known: bool) -> None:  # noqa: FBT001 - hypothesis calls it by name
        """Make the bus; let it see every class before anyone listens, or not."""
        self.real = type(self).opens(on_error)
        self.reader.worlds.append(self.real)
        model = ModelBus(on_error)
        self.model = SyncWorld(model)
        model.log = self.model.logged
        if known:
            self.publish(list(PUBLISHED))

    @rule(requests=st.lists(requests(), min_size=1, max_size=3))
    def subscribe(self, requests: list[Request]) -> None:
        """A new handler comes behind all others."""
        for request in requests:
            for world in self.worlds:
                world.subscribe(request.event_type, request.script, request.options)

    @precondition(lambda self: self.model.actors)
    @rule(event_type=subscribed, actor=st.integers(0, 3), options=options())
    def subscribe_again(self, event_type: type, actor: int, options: Options) -> None:
        """A handler that is subscribed already is called once for each subscription."""
        for world in self.worlds:
            world.subscribe_again(event_type, actor, options)

    @precondition(lambda self: self.model.made)
    @rule(number=st.integers(0, MOST_SUBSCRIPTIONS - 1))
    def cancel(self, number: int) -> None:
        """A cancelled subscription is gone, and cancelling it again is fine."""
        for world in self.worlds:
            world.cancel(number)

    @rule(event_types=st.lists(published, min_size=1, max_size=3))
    def publish(self, event_types: list[type[Fact]]) -> None:
        """An event reaches the same handlers, in the same order, and raises the same."""
        for event_type in event_types:
            expected, raised = (world.publish(event_type) for world in self.worlds)

            assert self.real.log == self.model.log
            assert raised == expected

            for world in self.worlds:
                world.log.clear()

    @rule(bases=st.sampled_from(BASES), script=scripts(), options=options())
    def define(self, bases: tuple[type, ...], script: Script, options: Options) -> None:
        """A class may be defined while the program runs."""
        self.late.append(define(bases))
        for world in self.worlds:
            world.subscribe(self.late[-1], script, options)
        self.publish([self.late[-1]])

    @precondition(lambda self: self.late)
    @rule(number=st.integers(0, 3))
    def publish_late(self, number: int) -> None:
        """A class defined late is one like all others."""
        self.publish([self.late[number % len(self.late)]])

    @invariant()
    def the_same_are_listed(self) -> None:
        """Who listens to a class, and in which order, is no secret."""
        for event_type in (*LEAVES, *self.late):
            assert self.real.listening(event_type) == self.model.listening(event_type)
        assert self.real.active() == self.model.active()

    def teardown(self) -> None:
        LOGGER.removeHandler(self.reader)
        LOGGER.propagate = True

    @property
    def worlds(self) -> tuple[World, World]:
        """The model's first, so that a failure of it is seen as one."""
        return self.model, self.real


def machine_on(opens: Opens, name: str) -> type[BusMachine]:
    """Return the machine that drives the buses that *opens* makes."""
    return type(name, (BusMachine,), {"opens": staticmethod(opens)})
