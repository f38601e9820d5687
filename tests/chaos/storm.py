"""Scenario: every fault that there is, at random, for as long as one likes."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Final, TypeAlias

from tests.chaos.actors import Actor
from tests.chaos.checker import Promises
from tests.chaos.places import PostgresPlace
from tests.chaos.proxy import Fate, Proxy
from tests.chaos.run import Kept, Run
from tests.chaos.usual import USUAL

_RELAYS: Final = 3
_PRODUCERS: Final = 3
_COMMITS: Final = (
    "INSERT INTO chaos_order",
    "INSERT INTO chaos_effect",
    r"DELETE FROM \S*typedbus_pending",
    r"typedbus_delivery",
    r"typedbus_lease",
)
_FATES: Final[tuple[Fate, ...]] = ("lose the reply", "lose it")
_LONGEST_DRAIN: Final = 120

Blow: TypeAlias = Callable[[], None]


class Storm:
    """Strikes a run by chance, which a seed decides."""

    def __init__(self, run: Run, seed: int) -> None:
        self._run = run
        self._chance = random.Random(seed)
        self._seed = seed
        self._doors: list[Proxy] = []
        self._started = 0
        self._relays = [
            run.keep_relay(run.told(f"relay-{number + 1}", url=self._url()))
            for number in range(_RELAYS)
        ]
        self._producers = [self._producer(self._url()) for _ in range(_PRODUCERS)]
        self._stopped: list[tuple[float, Actor]] = []
        self._hushed: list[tuple[float, Proxy]] = []

    def rage(self, seconds: float) -> None:
        """Strike every now and then, for *seconds*."""
        end = self._run.now() + seconds
        while self._run.now() < end:
            self._run.pause(self._chance.uniform(0.05, 0.6))
            self._chance.choice(self._blows())()
            self._mend()
        self._calm_down()

    def _url(self) -> str:
        if self._run.place.door_is_there:
            self._doors.append(self._run.door())
            return self._run.place.url_by(self._doors[-1])
        return self._run.place.url

    def _producer(self, url: str) -> Actor:
        self._started += 1
        name = f"producer-{self._started}"
        seed = self._seed * 1000 + self._started
        return self._run.producer(self._run.told(name, url=url), seed=seed, pause=0.003, hot=0.3)

    def _blows(self) -> list[Blow]:
        relay = self._chance.choice(self._relays)
        blows: list[Blow] = [
            partial(self._kill_relay, relay),
            partial(self._kill_relay, relay),
            partial(self._stop_relay, relay),
            partial(self._stop_relay, relay),
            partial(self._terminate_relay, relay),
            self._kill_producer,
        ]
        if self._doors:
            blows += [self._cut, self._lose_a_commit, self._lose_a_commit, self._hush]
        if isinstance(self._run.place, PostgresPlace):
            blows += [self._end_sessions, partial(self._kill_server, self._run.place)]
        return blows

    def _kill_relay(self, relay: Kept) -> None:
        is_holder = relay.actor.pid == self._run.traces.holder_or_nobody()
        self._run.did("kill the working relay" if is_holder else "kill a relay", relay.told.name)
        relay.actor.kill()

    def _stop_relay(self, relay: Kept) -> None:
        if any(actor is relay.actor for _, actor in self._stopped):
            return
        self._run.did("stop a relay past its lease", relay.told.name)
        relay.actor.stop()
        end = self._run.now() + relay.told.ttl * self._chance.uniform(0.5, 2.0)
        self._stopped.append((end, relay.actor))

    def _terminate_relay(self, relay: Kept) -> None:
        self._run.did("terminate a relay", relay.told.name)
        relay.actor.terminate()

    def _kill_producer(self) -> None:
        number = self._chance.randrange(len(self._producers))
        victim = self._producers[number]
        self._run.did("kill a producer", victim.name)
        victim.kill()
        self._producers[number] = self._producer(victim.told.url)

    def _cut(self) -> None:
        self._run.did("cut connections", "a door")
        self._chance.choice(self._doors).cut()

    def _lose_a_commit(self) -> None:
        fate = self._chance.choice(_FATES)
        self._run.did(f"COMMIT: {fate}", "a door")
        self._chance.choice(self._doors).trap(self._chance.choice(_COMMITS), fate)

    def _hush(self) -> None:
        door = self._chance.choice(self._doors)
        self._run.did("half-open connections", "a door")
        door.hush()
        self._hushed.append((self._run.now() + self._chance.uniform(0.5, 3.0), door))

    def _end_sessions(self) -> None:
        place = self._run.place
        if isinstance(place, PostgresPlace):
            self._run.did("server ends all sessions", "all")
            place.server.terminate_connections(place.database)

    def _kill_server(self, place: PostgresPlace) -> None:
        if self._chance.random() < 0.5:
            return
        self._run.did("kill the database server", "server")
        place.server.kill()
        place.server.start()

    def _mend(self, *, everything: bool = False) -> None:
        now = self._run.now()
        for due in [each for each in self._stopped if everything or each[0] <= now]:
            self._stopped.remove(due)
            due[1].go_on()
        for silence in [each for each in self._hushed if everything or each[0] <= now]:
            self._hushed.remove(silence)
            silence[1].speak()

    def _calm_down(self) -> None:
        self._mend(everything=True)
        (self._run.folder / "stop").touch()
        self._run.wait_for_end(*self._producers)
        self._run.drain(_LONGEST_DRAIN)


def storm(run: Run, seed: int = 1, seconds: float = 4) -> Promises:
    """Every fault that there is, at random, on three relays and three producers."""
    Storm(run, seed).rage(seconds)
    return USUAL
