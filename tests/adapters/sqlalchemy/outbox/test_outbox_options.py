"""What an outbox and `durable` are told: what cannot be meant is refused at once."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData
from sqlalchemy.orm import Session, sessionmaker

from tests.adapters.sqlalchemy.outbox.kiosk import Kiosk, Sold, kiosk_on
from tests.servers.database import Database
from typedbus import Backoff
from typedbus.adapters.sqlalchemy import Outbox
from typedbus.core.errors import HandlerNameError, OutboxError


@pytest.fixture
def kiosk(sqlite_database: Database) -> Iterator[Kiosk]:
    """A kiosk on SQLite."""
    with kiosk_on(sqlite_database) as found:
        yield found


WRONG: list[tuple[dict[str, Any], type[Exception], str]] = [
    ({"key": "number"}, TypeError, "function"),
    ({"on_dead": "wait"}, ValueError, "'block', 'skip' or 'park'"),
    ({"on_dead": "block"}, ValueError, "no key"),
    ({"on_dead": "park"}, ValueError, "no key"),
    ({"retry": Backoff(tries=0)}, ValueError, "once at least"),
    ({"give_up_on": KeyError}, TypeError, "tuple of exception classes"),
    ({"give_up_on": (KeyboardInterrupt,)}, TypeError, "tuple of exception classes"),
    ({"timeout": 3}, TypeError, "timedelta"),
    ({"timeout": timedelta(0)}, ValueError, "more than nothing"),
    ({"resend_after": None}, TypeError, "timedelta"),
    ({"aliases": "old"}, TypeError, "tuple of names"),
    ({"aliases": ("billing",)}, ValueError, "not a former one"),
    ({"aliases": ("two words",)}, HandlerNameError, "white space"),
    ({"to": "celery"}, TypeError, "CeleryDelivery"),
]


@pytest.mark.parametrize(
    ("options", "error", "says"),
    WRONG,
    ids=["-".join(map(str, each[0])) + f" {n}" for n, each in enumerate(WRONG)],
)
def test_an_option_that_cannot_be_meant_is_refused(
    kiosk: Kiosk, options: dict[str, Any], error: type[Exception], says: str
) -> None:
    """Where it is written, and the message says what it could be."""
    with pytest.raises(error, match=says):
        kiosk.outbox.durable("billing", **options)


@pytest.mark.parametrize("name", ["", "two words", "x" * 256, "*", 7])
def test_a_name_that_none_can_have_is_refused(kiosk: Kiosk, name: Any) -> None:
    """It stands in the tables, and in commands."""
    with pytest.raises(HandlerNameError):
        kiosk.outbox.durable(name)


def test_a_name_belongs_to_one_handler(kiosk: Kiosk) -> None:
    """A second one is refused on subscribing, by its name or by an alias, and both are named."""

    def first(event: Sold) -> None: ...

    def second(event: Sold) -> None: ...

    kiosk.bus.subscribe(Sold, kiosk.outbox.durable("billing", aliases=("old",))(first))

    for name in ("billing", "old"):
        with pytest.raises(HandlerNameError) as refused:
            kiosk.bus.subscribe(Sold, kiosk.outbox.durable(name)(second))
        assert "second" in refused.value.act
        assert "first" in refused.value.problem


def test_what_an_outbox_is_made_on_has_sessions() -> None:
    """The message names what can be given."""
    wrong: Any = "sqlite://"

    with pytest.raises(TypeError, match="sessionmaker"):
        Outbox(wrong, MetaData())


def test_a_maker_without_an_engine_says_so() -> None:
    """As soon as the engine is needed."""
    outbox = Outbox(sessionmaker[Session](), MetaData(), name="shop")

    with pytest.raises(OutboxError) as refused:
        outbox.relay()

    assert "configure(bind=" in refused.value.remedy


def test_a_delivery_shows_its_name(kiosk: Kiosk) -> None:
    """In the repr, and on the subscription."""
    delivery = kiosk.outbox.durable("billing")
    subscription = kiosk.bus.subscribe(Sold, delivery(lambda event: None))

    assert repr(delivery) == "<delivery durable billing>"
    assert subscription.delivery == "durable billing"
