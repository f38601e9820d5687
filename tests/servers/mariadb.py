"""MariaDB or MySQL, where one runs already."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from tests.servers.absence import AbsentError
from tests.servers.database import Database, new_name

NAME = "MariaDB"
VARIABLE = "TYPEDBUS_MARIADB"
# PyMySQL would read all certificates of the machine for each connection: 25 ms.
USUAL = "mysql+pymysql://root@127.0.0.1:3306?ssl_disabled=true"
CANNOT_CONNECT = 2003
"""The number that MySQL's clients give to the error."""


class MariaDB:
    """The server that TYPEDBUS_MARIADB names, or the usual one; its user may make databases."""

    def __init__(self) -> None:
        import sqlalchemy
        from sqlalchemy.exc import OperationalError

        self._url = sqlalchemy.make_url(os.environ.get(VARIABLE, USUAL))
        self._engine = sqlalchemy.create_engine(
            self._url,
            isolation_level="AUTOCOMMIT",
            poolclass=sqlalchemy.NullPool,
            # A drop that somebody holds up fails; by default it waits for a day.
            connect_args={"connect_timeout": 3, "init_command": "SET lock_wait_timeout = 10"},
        )
        try:
            self._run("SELECT 1")
        except OperationalError as error:
            where = f"{self._url.host}:{self._url.port or 3306}"
            if isinstance(error.orig, Exception) and error.orig.args[0] == CANNOT_CONNECT:
                raise AbsentError(NAME, f"none at {where} ({VARIABLE} names one)") from error
            raise AbsentError(
                NAME, f"not let in at {where}: {error.orig} ({VARIABLE} names another)"
            ) from error

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Make a database, and drop it whoever still uses it."""
        name = new_name()
        self._run(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            yield self._told(name)
        finally:
            self._drop(name)

    def _told(self, name: str) -> Database:
        url = self._url.set(database=name)
        by_aiomysql = url.set(drivername="mysql+aiomysql").difference_update_query(["ssl_disabled"])
        return Database(
            url=url.render_as_string(hide_password=False),
            async_url=by_aiomysql.render_as_string(hide_password=False),
            django={
                "ENGINE": "django.db.backends.mysql",
                "NAME": name,
                "USER": url.username or "",
                "PASSWORD": str(url.password or ""),
                "HOST": url.host or "",
                "PORT": str(url.port or 3306),
            },
        )

    def _drop(self, name: str) -> None:
        # As PostgreSQL's WITH (FORCE): an open transaction would hold up the drop.
        users = self._run(f"SELECT id FROM information_schema.processlist WHERE db = '{name}'")
        for user in users:
            self._run(f"KILL {user}")
        self._run(f"DROP DATABASE {name}")

    def _run(self, statement: str) -> list[int]:
        import sqlalchemy

        with self._engine.connect() as connection:
            result = connection.execute(sqlalchemy.text(statement))
            return list(result.scalars()) if result.returns_rows else []
