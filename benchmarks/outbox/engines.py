"""Engines for the databases of a run, with settings that keep what is committed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, create_engine, event


def engine_of(url: str) -> Engine:
    """Return an engine for *url*; SQLite writes ahead, and syncs at each commit."""
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def durable(connection: Any, record: object) -> None:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA busy_timeout = 10000")

    return engine
