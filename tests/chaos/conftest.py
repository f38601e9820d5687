"""What scenarios need: databases that may be hurt, and processes that start at once."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chaos.actors import Nursery
from tests.chaos.places import Place
from tests.chaos.played import place_of
from tests.chaos.postgres import ChaosPostgres
from tests.chaos.scenarios import POSTGRESQL
from tests.servers.absence import absence_skips


class Servers:
    """A PostgreSQL of this run, which scenarios may kill; it starts when the first one asks."""

    def __init__(self) -> None:
        self._postgres: ChaosPostgres | None = None

    @property
    def postgres(self) -> ChaosPostgres:
        """The PostgreSQL."""
        if self._postgres is None:
            self._postgres = ChaosPostgres()
        return self._postgres

    def remove(self) -> None:
        """End it."""
        if self._postgres is not None:
            self._postgres.remove()


class Places:
    """New databases for one test."""

    def __init__(self, servers: Servers, stack: ExitStack, folder: Path) -> None:
        self._servers = servers
        self._stack = stack
        self._folder = folder

    def new(self, kind: str) -> Place:
        """Return a new database of *kind*; the test is skipped if there is no such server."""
        with absence_skips():
            server = self._servers.postgres if kind == POSTGRESQL else None
            return self._stack.enter_context(place_of(kind, server, self._folder))


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    """The servers of this run."""
    started = Servers()
    yield started
    started.remove()


@pytest.fixture
def places(servers: Servers, tmp_path: Path) -> Iterator[Places]:
    """What makes databases; they are dropped when the test is over."""
    with ExitStack() as stack:
        yield Places(servers, stack, tmp_path)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """What starts processes."""
    with Nursery() as started:
        yield started
