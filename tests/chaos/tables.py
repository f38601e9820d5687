"""The business of the workload: keys that are counted up, orders, and the transactional sink."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from typedbus import Event, event

EFFECTS: Final = "effects.jsonl"
"""The sink outside: a file in the folder of a run."""


class Base(DeclarativeBase):
    """What the outbox adds its tables to."""


class Key(Base):
    """How far a key has come: the truth that histories are held against."""

    __tablename__ = "chaos_key"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    seq: Mapped[int] = mapped_column(default=0)


class OrderRow(Base):
    """A business row, known by the id that its client chose."""

    __tablename__ = "chaos_order"

    request_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    key: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    handlers: Mapped[str] = mapped_column(String(255))


class Effect(Base):
    """What a transactional handler wrote; nothing is unique here, so that doubles are seen."""

    __tablename__ = "chaos_effect"

    id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    handler: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(64))
    seq: Mapped[int]
    request_id: Mapped[str] = mapped_column(String(64))
    relay: Mapped[int]
    epoch: Mapped[int]
    attempt: Mapped[int]
    delivery_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[float]


@event(name="chaos.moved")
class Moved(Event):
    """A key moved on."""

    key: str
    seq: int
    request_id: str
    padding: str = ""
