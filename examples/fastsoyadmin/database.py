"""SQLAlchemy's async ORM: the base of all tables, and the sessions that work on them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from typedbus.adapters.sqlalchemy import introduce


class Base(DeclarativeBase):
    """A table of any module."""


# Introduced, its transactions are known to `after_commit` wherever they begin.
Sessions = introduce(async_sessionmaker[AsyncSession](expire_on_commit=False))


@asynccontextmanager
async def open_database(url: str) -> AsyncIterator[None]:
    """Let `Sessions` work on the database at *url*, its tables created, until the end."""
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    Sessions.configure(bind=engine)
    try:
        yield
    finally:
        await engine.dispose()
