"""SQLAlchemy on SQLite: the tables, and the sessions that work on them."""

import os

from sqlalchemy import CheckConstraint, Engine, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from shop.journal import journal
from typedbus.adapters.sqlalchemy import introduce


class Base(DeclarativeBase):
    """A table of the shop."""


class Customer(Base):
    """Who buys here."""

    __tablename__ = "customer"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(unique=True)


class Stock(Base):
    """What lies on the shelves."""

    __tablename__ = "stock"
    __table_args__ = (CheckConstraint("pieces >= 0"),)
    product: Mapped[str] = mapped_column(primary_key=True)
    pieces: Mapped[int]


class Purchase(Base):
    """An order that was taken."""

    __tablename__ = "purchase"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    product: Mapped[str]
    pieces: Mapped[int]


class LostSale(Base):
    """What somebody wanted and could not get."""

    __tablename__ = "lost_sale"
    id: Mapped[int] = mapped_column(primary_key=True)
    product: Mapped[str]
    pieces: Mapped[int]


class Mail(Base):
    """A mail that went out."""

    __tablename__ = "mail"
    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str]
    subject: Mapped[str]


class Statistic(Base):
    """How often something happened."""

    __tablename__ = "statistic"
    event: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]


# Introduced, its transactions are known to `after_commit` wherever they begin.
Sessions = introduce(sessionmaker[Session]())


def create() -> None:
    """Open the file in $SHOP_DATABASE; create the tables, and the goods on the shelves."""
    engine = create_engine(f"sqlite:///{os.environ.get('SHOP_DATABASE', 'shop.sqlite3')}")
    Base.metadata.create_all(engine)
    Sessions.configure(bind=engine)
    with Sessions.begin() as session:
        session.merge(Stock(product="teapot", pieces=5))
        session.merge(Stock(product="cup", pieces=40))


def close() -> None:
    """Close the connections to the file."""
    engine: Engine = Sessions.kw["bind"]
    engine.dispose()


@event.listens_for(Sessions, "after_commit")
def _note_commit(session: Session) -> None:
    journal.note_transaction("commit")


@event.listens_for(Sessions, "after_rollback")
def _note_rollback(session: Session) -> None:
    journal.note_transaction("rollback")
