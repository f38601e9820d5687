"""What a kind of mistake is, and how it is made at every place where it can be made."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, NamedTuple, TypeAlias, TypeVar

from tests.static.kill_rate.drafts import CannotBeMadeError, Draft, Mutant
from tests.static.kill_rate.places import Defining, Place
from tests.static.kill_rate.sources import World

P = TypeVar("P", bound=Place)
Make: TypeAlias = Callable[[Draft, P], tuple[str, ...]]
"""Makes the mistake; returns the classes that do not go together then."""


class Kind(NamedTuple, Generic[P]):
    """One kind of mistake."""

    name: str
    code: str
    """By which code mypy with the plugin reports it; empty where mypy's own words are better."""
    make: Make[P]
    reaches: bool
    """Whether it changes what other modules import."""


class Kinds(Generic[P]):
    """The mistakes that can be made at one kind of place."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.kinds: list[Kind[P]] = []

    def kind(
        self, name: str, code: str = "", *, reaches: bool = False
    ) -> Callable[[Make[P]], Make[P]]:
        """Add the function below, whose docstring says why it makes a mistake."""

        def add(make: Make[P]) -> Make[P]:
            self.kinds.append(Kind(f"{self.where}: {name}", code, make, reaches))
            return make

        return add

    def mutants(self, world: World, places: Iterable[P]) -> Iterator[Mutant]:
        """Yield a mutant for each of *places* and each kind that makes a mistake there."""
        for place in places:
            for kind in self.kinds:
                draft = Draft(world, place.module, place.node)
                try:
                    classes = kind.make(draft, place)
                    here = isinstance(place, Defining) and not place.by_name
                    reaches = kind.reaches and not here
                    yield draft.finished(kind.name, kind.code, classes, reaches=reaches)
                except CannotBeMadeError:
                    pass


def demand(condition: bool) -> None:  # noqa: FBT001 - it reads as `assert` does
    """Go on only if the mistake is one at this place."""
    if not condition:
        raise CannotBeMadeError


def first(candidates: Iterable[str]) -> str:
    """Return the first of *candidates*, if there is one."""
    for candidate in candidates:
        return candidate
    raise CannotBeMadeError


def event_name(cls: str) -> str:
    """Return what the event *cls* would be called by a bus that goes by strings."""
    name = cls.rpartition(".")[2]
    return ".".join(part.lower() for part in re.findall(r"[A-Z][a-z0-9]*", name))
