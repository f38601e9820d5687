"""Random histories of a whole outbox: any actor may die, stall, be late or be cut off."""

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.outbox.simulation_checks import check_rest, check_step
from tests.outbox.simulation_events import HANDLERS, NOBODYS, Deed
from tests.outbox.simulation_moves import Act, Mishap, Move, Publication, make
from tests.outbox.simulation_relay import Relay
from tests.outbox.simulation_world import World
from typedbus.outbox.records import State
from typedbus.testing import MemoryDelivery

MOST_RELAYS = 3
MOST_ROUNDS = 4000
KEYS = ["a", "b"]
OWED = [
    ("dsim.billing",),
    ("dsim.billing", "dsim.mail"),
    ("dsim.parcel",),
    ("dsim.parcel", "dsim.ship"),
    ("dsim.score",),
    ("dsim.ship",),
    ("dsim.mail",),
    ("dsim.new", "dsim.billing"),
    ("dsim.remote",),
    ("dsim.remote", "dsim.score"),
]


_DEEDS = st.lists(st.sampled_from([Deed.OK, Deed.FAIL, *Deed]), max_size=3)
_EVENTS = st.builds(
    Publication,
    key=st.sampled_from(KEYS),
    to=st.sampled_from(OWED),
    deeds=st.lists(_DEEDS, min_size=2, max_size=2),
    known=st.sampled_from([True] * 9 + [False]),
)
_INDEX = st.integers(0, 2)
_MOVES = st.lists(
    st.sampled_from([*[Move.TURN] * 5, *[Move.BEGIN] * 3, *[Move.END] * 2, *Move]),
    min_size=10,
    max_size=60,
)
_THEN = st.integers(0, 30)
_COMMITS = st.sampled_from([True, True, False])


class Simulation(RuleBasedStateMachine):
    """Producers, relays, handlers, another process and an operator around one store."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.relays: list[Relay] = []
        self._serial = 0
        self._count = 0

    @initialize(new=st.booleans(), events=st.lists(_EVENTS, min_size=3, max_size=12), then=_THEN)
    def begin(self, events: list[Publication], then: int, *, new: bool) -> None:
        """Start a relay that has something to do."""
        self.start_relay(new=new)
        self.publish(0, events, then, commits=True)

    @rule(
        who=_INDEX,
        events=st.lists(_EVENTS, min_size=1, max_size=8),
        commits=_COMMITS,
        then=_THEN,
    )
    def publish(self, who: int, events: list[Publication], then: int, *, commits: bool) -> None:
        """Write events, in a transaction that is committed now or later."""
        producer = self.world.producers[who]
        for each in events:
            if not self.world.is_locked(each.key, producer):
                self._serial += 1
                self.world.write(producer, each.key, each.record(self._serial))
        if commits:
            self.world.commit(producer)
        self._work(who, then)

    @rule(who=_INDEX, ends=st.sampled_from(["commits", "commits", "is rolled back"]))
    def end_transaction(self, who: int, ends: str) -> None:
        """Commit or roll back; rolling back is also what a killed producer does."""
        end = self.world.commit if ends == "commits" else self.world.roll_back
        end(self.world.producers[who])

    @rule(who=_INDEX, turns=st.integers(5, 60))
    def work(self, who: int, turns: int) -> None:
        """Let a relay do its work for a while, undisturbed."""
        self._work(who, turns)

    @rule(who=_INDEX, moves=_MOVES)
    def move(self, who: int, moves: list[Move]) -> None:
        """Let a relay go on by small steps, some of which fail."""
        relay = self._alive(who)
        for move in moves:
            if relay.goes_on:
                make(relay, move)
                check_step(self.world)

    @rule(seconds=st.sampled_from([0.5, 1, 1, 2, 2, 5, 9, 25]), who=_INDEX, then=_THEN)
    def pass_time(self, seconds: float, who: int, then: int) -> None:
        """Let time pass."""
        self.world.pass_time(seconds)
        self._work(who, then)

    @precondition(lambda self: self.world.letters)
    @rule(which=_INDEX, how=st.sampled_from(["is brought", "is lost", "is brought twice"]))
    def bring(self, which: int, how: str) -> None:
        """Bring a letter to the other process, lose it, or bring it and keep it."""
        letters = self.world.letters
        letter = letters[which % len(letters)]
        if how != "is brought twice":
            letters.remove(letter)
        if how != "is lost":
            self.world.bring(letter)

    @rule(who=_INDEX, mishap=st.sampled_from(Mishap), then=_THEN)
    def suffer(self, who: int, mishap: Mishap, then: int) -> None:
        """Let something go wrong with a relay, or start one more."""
        self._suffer(who, mishap)
        self._work(who, then)

    def _suffer(self, who: int, mishap: Mishap) -> None:
        relay, history = self._alive(who), self.world.history
        match mishap:
            case Mishap.ONE_MORE | Mishap.ONE_MORE_OLD:
                if sum(each.is_alive for each in self.relays) < MOST_RELAYS:
                    self.start_relay(new=mishap is Mishap.ONE_MORE)
            case Mishap.KILLED | Mishap.KILLED_UNSEEN:
                relay.die(seen=mishap is Mishap.KILLED)
            case Mishap.KILLED_LATE:
                relay.perform()
                relay.die(seen=True)
            case Mishap.STALLED:
                relay.is_stalled = not relay.is_stalled
                history.stalls += 1
            case Mishap.CUT_OFF:
                self.world.store.died(relay.info.id)
                history.stalls += 1
            case Mishap.STOPPED:
                relay.stop()
            case Mishap.CLOCK_BACK:
                self.world.jump(-7)
            case Mishap.CLOCK_FORWARD:
                self.world.jump(11)
            case Mishap.CLOCK_FAR:
                self.world.jump(3600)

    @rule(
        handler=st.sampled_from([*[*HANDLERS] * 2, "*"]),
        act=st.sampled_from([*Act, Act.RESUME, Act.RESUME]),
        which=_INDEX,
    )
    def operate(self, handler: str, act: Act, which: int) -> None:
        """Let an operator pause, resume, retry or discard something."""
        match act:
            case Act.PAUSE:
                self.world.history.pauses += 1
                self.world.store.pause(handler)
            case Act.RESUME:
                for each in [*HANDLERS, "*"]:
                    self.world.store.resume(each)
            case Act.RETRY | Act.DISCARD:
                self.world.decide(which, discards=act is Act.DISCARD)

    @invariant()
    def all_is_well(self) -> None:
        """Check what holds at any time."""
        check_step(self.world)

    def teardown(self) -> None:
        """Let all come to rest, and check what holds then."""
        come_to_rest(self.world, self.relays)
        check_rest(self.world)

    def _work(self, who: int, turns: int) -> None:
        relay = self._alive(who)
        for _ in range(turns):
            if relay.goes_on:
                relay.go_on()
                self.world.pass_time(0.02)
                check_step(self.world)

    def start_relay(self, *, new: bool) -> None:
        """Start one more process, of either version of the program."""
        self._count += 1
        self.relays.append(Relay(self.world, self._count, new=new))

    def _alive(self, who: int) -> Relay:
        """Return one of the relays that live; somebody sees to it that there is one."""
        if not any(relay.is_alive for relay in self.relays):
            self.start_relay(new=True)
        alive = [relay for relay in self.relays if relay.is_alive]
        return alive[who % len(alive)]


def come_to_rest(world: World, relays: list[Relay]) -> None:
    """Heal everything, and let it run until nothing is left to be done."""
    for producer in world.producers:
        world.commit(producer)
    for handler in [*HANDLERS, "*"]:
        world.store.resume(handler)
    for relay in relays:
        relay.is_stalled = False
    for dead in world.history.dead:
        world.store.died(dead)  # or it would be an hour, if the clock was set back
    for turn in range(MOST_ROUNDS):
        relays[:] = [relay for relay in relays if relay.is_alive]
        if not any(relay.new for relay in relays):
            relays.append(Relay(world, 1000 + turn, new=True))
        for letter in world.letters[:]:
            world.letters.remove(letter)
            world.bring(letter)
        for relay in relays:
            if not relay.new:
                relay.stop()
        went_on = [relay.go_on() for relay in relays]
        if not any(went_on) and is_at_rest(world, relays):
            return
        world.pass_time(0.05 if any(went_on) else 0.5)
        check_step(world)
    raise AssertionError(f"no rest: {world.store.pending()} {world.store.deliveries()}")


def is_at_rest(world: World, relays: list[Relay]) -> bool:
    """Return whether nothing is left to be done."""
    kept = [row for row in world.store.deliveries() if stays(world, row)]
    blocked = {row.stands_in for row in kept}
    return (
        not world.store.pending()
        and not any(relay.calls.threads for relay in relays)
        and not world.letters
        and all(
            row in kept or (row.state is State.HELD and row.stands_in in blocked)
            for row in world.store.deliveries()
        )
    )


def stays(world: World, row: MemoryDelivery) -> bool:
    """Return whether nobody will handle a delivery, unless an operator decides."""
    if row.state is State.UNKNOWN:
        return world.store.event(row.id).type == NOBODYS
    return row.state is State.DEAD
