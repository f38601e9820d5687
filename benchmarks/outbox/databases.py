"""Databases that keep what they have committed, as a program in production has them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers.absence import AbsentError
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey

POSTGRESQL, SQLITE, MARIADB = "PostgreSQL", "SQLite", "MariaDB"
# A commit is on the disk when it is answered; a quarter of a small machine's memory; else defaults.
DURABLE = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "512MB",
    "max_wal_size": "4GB",
    "io_method": "worker",
}


@dataclass
class Databases:
    """The servers of a run; each gives away new, empty databases."""

    postgres: Postgres | None
    mariadb: MariaDB | None
    folder: Path
    stack: ExitStack
    absent: list[str] = field(default_factory=list)
    """The servers that are not there, and why."""
    _files: int = 0

    @property
    def kinds(self) -> list[str]:
        """The kinds of database that are there."""
        found = {POSTGRESQL: self.postgres, SQLITE: True, MARIADB: self.mariadb}
        return [kind for kind, server in found.items() if server]

    def new(self, kind: str) -> str:
        """Return the URL of a new database, which goes away at the end of the run."""
        if kind == SQLITE:
            self._files += 1
            return f"sqlite:///{self.folder / f'{self._files}.sqlite3'}"
        server = self.postgres if kind == POSTGRESQL else self.mariadb
        if server is None:
            raise LookupError(kind)
        return self.stack.enter_context(server.database()).url


@contextmanager
def databases() -> Iterator[Databases]:
    """Start the servers that can be started here, and stop them at the end."""
    absent: list[str] = []
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="typedbus-benchmark-"))
        postgres: Postgres | None = None
        mariadb: MariaDB | None = None
        try:
            postgres = Postgres(DURABLE)
            stack.callback(postgres.stop)
        except AbsentError as error:
            absent.append(str(error))
        try:
            mariadb = MariaDB()
        except AbsentError as error:
            absent.append(str(error))
        yield Databases(postgres, mariadb, Path(folder), stack, absent)


@contextmanager
def broker() -> Iterator[str]:
    """Run a Valkey of our own, and yield its URL."""
    server = Valkey()
    try:
        yield server.url
    finally:
        server.stop()
