"""SQLite: one connection for a unit of work, committed at its end or rolled back."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from contextvars import ContextVar

_SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (id INTEGER PRIMARY KEY, name TEXT, email TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS stock (product TEXT PRIMARY KEY, pieces INTEGER CHECK (pieces >= 0));
CREATE TABLE IF NOT EXISTS purchase (
    id INTEGER PRIMARY KEY, customer_id INTEGER, product TEXT, pieces INTEGER
);
CREATE TABLE IF NOT EXISTS mail (id INTEGER PRIMARY KEY, recipient TEXT, subject TEXT);
CREATE TABLE IF NOT EXISTS statistic (event TEXT PRIMARY KEY, times INTEGER);
INSERT OR IGNORE INTO stock VALUES ('teapot', 5), ('cup', 40);
"""

_current: ContextVar[sqlite3.Connection] = ContextVar("shop.connection")


def path() -> str:
    """Return the file that the shop lives in."""
    return os.environ.get("SHOP_DATABASE", "shop.sqlite3")


def create() -> None:
    """Create the tables, and the goods on the shelves."""
    with closing(sqlite3.connect(path())) as connection:
        connection.executescript(_SCHEMA)


def connection() -> sqlite3.Connection:
    """Return the connection of the unit of work that runs here."""
    return _current.get()


@contextmanager
def unit_of_work() -> Iterator[sqlite3.Connection]:
    """Commit what is done inside, or roll it back if an error leaves the block."""
    with closing(sqlite3.connect(path())) as opened, opened:
        token = _current.set(opened)
        try:
            yield opened
        finally:
            _current.reset(token)
