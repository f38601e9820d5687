"""SQLAlchemy on SQLite: the tables, and the sessions that work on them."""

import os

from sqlalchemy import CheckConstraint, Engine, create_engine, event
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

from shop.journal import journal
from typedbus.adapters.sqlalchemy import Outbox, introduce


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


class Invoice(Base):
    """What a customer owes for an order; a second one for the same order could be seen here."""

    __tablename__ = "invoice"
    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int]
    customer_id: Mapped[int]


class Statistic(Base):
    """How often something happened."""

    __tablename__ = "statistic"
    event: Mapped[str] = mapped_column(primary_key=True)
    times: Mapped[int]


# Introduced, its transactions are known to `after_commit` wherever they begin.
Sessions = introduce(sessionmaker[Session]())
# Its tables are made with the others. What is owed is written in the transaction of the order.
outbox = Outbox(Sessions, Base.metadata)


def connect() -> Engine:
    """Open the file in $SHOP_DATABASE, as the shop and its relay both do."""
    engine = create_engine(f"sqlite:///{os.environ.get('SHOP_DATABASE', 'shop.sqlite3')}")
    Sessions.configure(bind=engine)
    return engine


def create() -> None:
    """Open the file; create the tables, and the goods on the shelves."""
    engine = connect()
    with engine.connect() as connection:  # who reads makes nobody wait
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    Base.metadata.create_all(engine)
    with Sessions.begin() as session:
        session.merge(Stock(product="teapot", pieces=5))
        session.merge(Stock(product="cup", pieces=400))


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
