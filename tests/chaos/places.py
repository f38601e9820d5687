"""The databases of runs, one of each kind: where processes find them, and how they are hurt."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import sqlalchemy

from tests.chaos.postgres import ChaosPostgres
from tests.chaos.proxy import Proxy, mariadb_proxy
from tests.servers.mariadb import MariaDB


class Place(Protocol):
    """A database of one run."""

    @property
    def kind(self) -> str:
        """What it is: "postgresql", "mariadb" or "sqlite"."""
        ...

    @property
    def url(self) -> str:
        """Where it is."""
        ...

    @property
    def door_is_there(self) -> bool:
        """Whether processes reach it by a connection."""
        ...

    def door(self) -> Proxy:
        """Return a new door to it."""
        ...

    def url_by(self, door: Proxy) -> str:
        """Return where it is for those who come by *door*."""
        ...


class PostgresPlace:
    """A database of a PostgreSQL that we may kill."""

    kind = "postgresql"
    door_is_there = True

    def __init__(self, server: ChaosPostgres, database: str) -> None:
        self.server = server
        self.database = database

    @property
    def url(self) -> str:
        """Where it is."""
        return self.server.url(self.database)

    def door(self) -> Proxy:
        """Return a new door to it."""
        return self.server.proxy()

    def url_by(self, door: Proxy) -> str:
        """Return where it is for those who come by *door*."""
        return self.server.url_by(door, self.database)


class MariaDBPlace:
    """A database of the MariaDB of this machine, which nobody may kill."""

    kind = "mariadb"
    door_is_there = True

    def __init__(self, url: str) -> None:
        self._url = sqlalchemy.make_url(url)

    @property
    def url(self) -> str:
        """Where it is."""
        return self._url.render_as_string(hide_password=False)

    def door(self) -> Proxy:
        """Return a new door to it."""
        return mariadb_proxy(self._url.host or "127.0.0.1", self._url.port or 3306)

    def url_by(self, door: Proxy) -> str:
        """Return where it is for those who come by *door*."""
        return self._url.set(host="127.0.0.1", port=door.port).render_as_string(hide_password=False)


class SQLitePlace:
    """A file."""

    kind = "sqlite"
    door_is_there = False

    def __init__(self, path: Path) -> None:
        self.url = f"sqlite:///{path}"

    def door(self) -> Proxy:
        """Raise: nobody stands between a process and its file."""
        raise NotImplementedError

    def url_by(self, door: Proxy) -> str:
        """Return where it is."""
        del door
        return self.url


@contextmanager
def postgres_place(server: ChaosPostgres) -> Iterator[PostgresPlace]:
    """Make a database in *server*, and drop it afterwards."""
    database = server.new_database()
    try:
        yield PostgresPlace(server, database)
    finally:
        server.drop_database(database)


@contextmanager
def mariadb_place() -> Iterator[MariaDBPlace]:
    """Make a database in the MariaDB of this machine, and drop it afterwards."""
    with MariaDB().database() as database:
        yield MariaDBPlace(database.url)
