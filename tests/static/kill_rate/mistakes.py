"""Every mistake that the contract can suffer."""

from collections.abc import Iterator
from typing import Final

from tests.static.kill_rate.buses import injecting, making
from tests.static.kill_rate.drafts import Mutant
from tests.static.kill_rate.event_classes import deriving, listening
from tests.static.kill_rate.events import asking, publishing
from tests.static.kill_rate.handlers import defining, subscribing
from tests.static.kill_rate.places import Places
from tests.static.kill_rate.sources import World

_ALL: Final = (
    listening,
    subscribing,
    defining,
    publishing,
    injecting,
    asking,
    making,
    deriving,
)
KINDS: Final = tuple(kind.name for kinds in _ALL for kind in kinds.kinds)


def mutants_of(world: World, places: Places) -> Iterator[Mutant]:
    """Yield every mutant of the programs."""
    yield from listening.mutants(world, places.listening)
    yield from subscribing.mutants(world, places.subscribing)
    yield from defining.mutants(world, places.defining)
    yield from publishing.mutants(world, places.publishing)
    yield from injecting.mutants(world, places.injecting)
    yield from asking.mutants(world, places.asking)
    yield from making.mutants(world, places.making)
    yield from deriving.mutants(world, places.deriving)
