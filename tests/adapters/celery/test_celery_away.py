"""The broker refuses, does not answer, comes back: what becomes of the event is a choice."""

import asyncio
import json
import logging
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from kombu import Queue

from tests.adapters.celery.conftest import MakeShop, Url
from tests.adapters.celery.relay import Relay
from tests.adapters.celery.shop import (
    NOWHERE,
    EmailSent,
    InvoiceApproved,
    PaymentTaken,
    Shop,
    ShopEvent,
    silence,
)
from tests.servers.valkey import Valkey
from typedbus import AsyncBus, Event, context, current_context, current_envelope, event
from typedbus.core.collect import Collector
from typedbus.core.errors import BrokerAwayError, HandlersFailedError
from typedbus.core.messages import Message

SOON = 0.3
LONG = 5.0
"""Seconds that nobody should have to wait for a broker that may take 0.3 s for an answer."""


@event(name="shop.parcel.sent", version=1)
class ParcelSent(Event):
    parcel: str


@event(name="shop.parcel.told", version=1)
class ParcelTold(ShopEvent): ...


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port where connections are taken and nobody ever answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


@pytest.fixture
def silent(request: pytest.FixtureRequest) -> Url:
    """The URL of a broker that refuses, or never answers."""
    scheme, port = request.param
    return f"{scheme}://127.0.0.1:{request.getfixturevalue(port)}//"


SILENT = [
    pytest.param(("redis", "free_port"), id="Redis refuses"),
    pytest.param(("redis", "deaf_port"), id="Redis is deaf"),
    pytest.param(("amqp", "free_port"), id="RabbitMQ refuses"),
    pytest.param(("amqp", "deaf_port"), id="RabbitMQ is deaf"),
]


@pytest.mark.parametrize("silent", SILENT, indirect=True)
def test_a_broker_that_is_away_is_told_soon(silent: Url, make_shop: MakeShop) -> None:
    """The publish raises within its bounds, and names event, handler and the way out."""
    shop = make_shop(silent, timeout=SOON, prefix=NOWHERE)
    began = time.monotonic()

    with pytest.raises(HandlersFailedError) as caught:
        shop.bus.publish(InvoiceApproved(invoice="1"))

    (error,) = caught.value.exceptions
    assert isinstance(error, BrokerAwayError)
    assert time.monotonic() - began < LONG
    for part in ("shop.invoice.approved", "'accounting.email'", "broker_url", "when_away="):
        assert part in str(error)


def test_after_a_commit_it_is_logged_by_name_and_the_others_are_sent(
    free_port: int, make_shop: MakeShop
) -> None:
    """The policy of what ends the transaction judges it as it judges a handler that failed."""
    commit = Collector("commit")
    shop = make_shop(f"redis://127.0.0.1:{free_port}/0", timeout=SOON, after=commit)
    ran: list[str] = []
    shop.bus.on(InvoiceApproved, via=commit)(lambda event: ran.append(event.invoice))

    told = pytest.raises(HandlersFailedError, match=r"email failed on .*InvoiceApproved")
    with told, commit.scope(on_error="collect"):
        shop.bus.publish(InvoiceApproved(invoice="1"))

    assert ran == ["1"]


def test_a_broker_that_comes_back_is_used_again(
    private_valkey: Valkey, make_shop: MakeShop
) -> None:
    """Neither a restart of the broker nor the time it was away needs a restart of ours."""
    shop = make_shop(private_valkey.url, timeout=SOON)
    shop.bus.publish(InvoiceApproved(invoice="before"))
    private_valkey.stop()
    with pytest.raises(HandlersFailedError):
        shop.bus.publish(InvoiceApproved(invoice="meanwhile"))

    private_valkey.start()
    shop.bus.publish(InvoiceApproved(invoice="after"))

    assert payloads_in(shop) == [{"invoice": "after"}]


@pytest.fixture
def relay(broker: Url) -> Iterator[Relay]:
    """A way to the broker that can be cut."""
    with Relay(urlsplit(broker).port or 5672) as relay:
        yield relay


def test_a_connection_that_was_lost_unnoticed_costs_no_event(
    relay: Relay, broker: Url, make_shop: MakeShop
) -> None:
    """It shows when the next event is sent, and that goes over a new one."""
    url = urlsplit(broker)
    through = url._replace(netloc=f"{url.netloc.rpartition(':')[0]}:{relay.port}")
    shop = make_shop(urlunsplit(through))
    shop.bus.publish(InvoiceApproved(invoice="before"))
    relay.cut()

    shop.bus.publish(InvoiceApproved(invoice="after"))

    assert payloads_in(shop) == [{"invoice": "before"}, {"invoice": "after"}]


def payloads_in(shop: Shop) -> list[object]:
    """Return the events that lie in the queue of *shop*."""
    found: list[object] = []
    with shop.app.connection_for_read() as connection:
        queue = shop.app.amqp.queues[f"{shop.setting.prefix}-tasks"](connection.channel())
        while (message := queue.get(no_ack=True)) is not None:
            found.append(json.loads(message.decode()[0][1]))
    return found


def test_the_handler_runs_here_and_now_if_that_was_chosen(
    free_port: int, make_shop: MakeShop, caplog: pytest.LogCaptureFixture
) -> None:
    """`when_away="run"` calls it in the context of the event, and says so."""
    shop = make_shop(f"redis://127.0.0.1:{free_port}/0", timeout=SOON, when_away="run")

    with context(correlation_id="request-1", tenant="acme"), caplog.at_level(logging.WARNING):
        shop.bus.publish(InvoiceApproved(invoice="1"))

    (emailed,) = shop.notes.read("email")
    (archived,) = shop.notes.read("archive")
    assert (emailed["invoice"], emailed["correlation"], emailed["tenant"]) == (
        "1",
        "request-1",
        "acme",
    )
    assert archived["causation"] == emailed["id"]
    assert "shop.invoice.approved to 'accounting.email'" in caplog.text


def test_a_handler_may_have_a_choice_of_its_own(free_port: int, make_shop: MakeShop) -> None:
    """`when_away=` of a handler goes before that of the delivery."""
    shop = make_shop(f"redis://127.0.0.1:{free_port}/0", timeout=SOON, when_away="raise")
    ran: list[str] = []

    shop.bus.on(PaymentTaken, via=shop.tasks.deliver("local", when_away="run"))(
        lambda event: ran.append(event.how)
    )
    with pytest.raises(HandlersFailedError) as raised:
        shop.bus.publish(PaymentTaken(how="cash"))

    assert ran == ["cash"]
    assert {type(error) for error in raised.value.exceptions} == {BrokerAwayError}


class ListKeeper(list[str]):
    """Keeps the names of handlers in itself, and is empty at first."""

    def keep(self, message: Message, handler: str) -> None:
        """Store the name."""
        self.append(handler)


def test_a_keeper_that_is_empty_yet_is_a_choice(free_port: int, make_shop: MakeShop) -> None:
    """It is not taken for none, though it is false in the eyes of Python."""
    shop = make_shop(f"redis://127.0.0.1:{free_port}/0", timeout=SOON, when_away="raise")
    keeper = ListKeeper()

    shop.bus.on(EmailSent, via=shop.tasks.deliver("kept", when_away=keeper))(print)
    with pytest.raises(HandlersFailedError):
        shop.bus.publish(EmailSent(invoice="1"))

    assert keeper == ["kept"]


def test_a_handler_that_fails_here_is_judged_like_any_other(
    free_port: int, make_shop: MakeShop
) -> None:
    """What it raises goes to the error policy of its subscription."""
    shop = make_shop(f"redis://127.0.0.1:{free_port}/0", timeout=SOON, when_away="run")

    @shop.bus.on(EmailSent, via=shop.tasks.deliver("failing"), on_error="raise")
    def fail(event: EmailSent) -> None:
        raise ValueError("no archive")

    with pytest.raises(ValueError, match="no archive"):
        shop.bus.publish(EmailSent(invoice="1"))


class TableKeeper:
    """Keeps messages in a table of SQLite."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with closing(sqlite3.connect(path)) as database, database:
            database.execute("CREATE TABLE kept (handler TEXT, body TEXT, headers TEXT)")

    def keep(self, message: Message, handler: str) -> None:
        row = (handler, message.body, json.dumps(dict(message.headers)))
        with closing(sqlite3.connect(self._path)) as database, database:
            database.execute("INSERT INTO kept VALUES (?, ?, ?)", row)

    def kept(self) -> list[tuple[Message, str]]:
        with closing(sqlite3.connect(self._path)) as database:
            rows = database.execute("SELECT handler, body, headers FROM kept").fetchall()
        return [(Message(body, json.loads(headers)), name) for name, body, headers in rows]


def test_a_keeper_keeps_what_is_sent_later(
    private_valkey: Valkey, make_shop: MakeShop, tmp_path: Path
) -> None:
    """What a `Keeper` has stored goes to the handler it was for once the broker is back."""
    keeper = TableKeeper(tmp_path / "kept")
    shop = make_shop(private_valkey.url, timeout=SOON, when_away=keeper)
    private_valkey.stop()
    shop.bus.publish(InvoiceApproved(invoice="kept"))

    private_valkey.start()
    for message, handler in keeper.kept():
        shop.tasks.send(message, handler)

    assert payloads_in(shop) == [{"invoice": "kept"}]


def test_an_event_loop_does_not_wait_for_a_broker(deaf_port: int, make_shop: MakeShop) -> None:
    """While a message is being sent, other tasks go on; then the handler is awaited here."""
    shop = make_shop(f"redis://127.0.0.1:{deaf_port}/0", timeout=SOON, when_away="run")
    bus = AsyncBus(Event)
    seen: list[tuple[str, str | None, str]] = []
    home: list[asyncio.AbstractEventLoop] = []

    @bus.on(ParcelSent, via=shop.tasks.deliver("parcels.track"))
    async def track(event: ParcelSent) -> None:
        home.append(asyncio.get_running_loop())
        seen.append((event.parcel, current_context().tenant, current_envelope().id))

    async def publish_beside_others() -> int:
        with context(tenant="acme"):
            publishing = asyncio.create_task(bus.publish(ParcelSent(parcel="7")))
        turns = 0
        while not publishing.done():
            turns += 1
            await asyncio.sleep(0.001)
        await publishing
        assert home == [asyncio.get_running_loop()]
        return turns

    turns = asyncio.run(publish_beside_others())

    assert turns > 20
    assert [(parcel, tenant) for parcel, tenant, _ in seen] == [("7", "acme")]


def test_an_async_publish_raises_or_keeps_too(
    free_port: int, make_shop: MakeShop, tmp_path: Path
) -> None:
    """The other two choices are the same on an `AsyncBus`."""
    keeper = TableKeeper(tmp_path / "kept")
    url = f"redis://127.0.0.1:{free_port}/0"
    raising, keeping = AsyncBus(Event), AsyncBus(Event)
    raising.on(ParcelSent, via=make_shop(url, timeout=SOON).tasks.deliver("parcels.track"))(print)
    keeping.on(
        ParcelSent,
        via=make_shop(url, timeout=SOON, when_away=keeper).tasks.deliver("parcels.track"),
    )(print)

    with pytest.raises(HandlersFailedError) as caught:
        asyncio.run(raising.publish(ParcelSent(parcel="7")))
    asyncio.run(keeping.publish(ParcelSent(parcel="7")))

    assert caught.group_contains(BrokerAwayError)
    assert [(message.body, name) for message, name in keeper.kept()] == [
        ('{"parcel":"7"}', "parcels.track")
    ]


def test_dead_letters_of_a_broker_that_is_away_are_not_none(
    free_port: int, make_shop: MakeShop
) -> None:
    """An empty list would be a lie: looking raises, and sending again does."""
    shop = make_shop(f"redis://127.0.0.1:{free_port}/0", timeout=SOON)

    with pytest.raises(BrokerAwayError, match="dead"):
        shop.tasks.dead_letters()
    with pytest.raises(BrokerAwayError, match="dead"):
        shop.tasks.retry_dead_letters()


def test_a_broker_that_falls_silent_is_given_up(
    private_valkey: Valkey, make_shop: MakeShop
) -> None:
    """A connection that was good and then gives no answer is not waited for without end."""
    shop = make_shop(private_valkey.url, timeout=SOON)
    shop.bus.publish(InvoiceApproved(invoice="before"))
    silence(private_valkey.url, timedelta(minutes=1))
    began = time.monotonic()

    with pytest.raises(HandlersFailedError) as caught:
        shop.bus.publish(InvoiceApproved(invoice="meanwhile"))

    assert caught.group_contains(BrokerAwayError)
    assert time.monotonic() - began < LONG


def test_what_rabbitmq_refuses_is_not_taken_for_sent(
    rabbitmq_url: Url, make_shop: MakeShop
) -> None:
    """A message that the broker turns away is an error, as a broker that is away is."""
    shop = make_shop(rabbitmq_url)
    full = {"x-max-length": 1, "x-overflow": "reject-publish"}
    queue = f"{shop.setting.prefix}-tasks"
    shop.app.conf.task_queues = [Queue(queue, routing_key=queue, queue_arguments=full)]
    shop.bus.publish(InvoiceApproved(invoice="fits"))

    with pytest.raises(HandlersFailedError) as caught:
        shop.bus.publish(InvoiceApproved(invoice="does not"))

    assert caught.group_contains(BrokerAwayError)
    assert payloads_in(shop) == [{"invoice": "fits"}]


def test_a_queue_that_rabbitmq_knows_otherwise_is_told(
    rabbitmq_url: Url, make_shop: MakeShop
) -> None:
    """An error of the channel is one of the broker too."""
    shop = make_shop(rabbitmq_url)
    with shop.app.connection_for_write() as connection:
        name = f"{shop.setting.prefix}-tasks"
        Queue(name, durable=False, channel=connection.channel()).declare()

    with pytest.raises(HandlersFailedError, match="PRECONDITION_FAILED") as caught:
        shop.bus.publish(InvoiceApproved(invoice="1"))

    assert caught.group_contains(BrokerAwayError)


def test_a_mistake_of_ours_is_not_blamed_on_the_broker(
    valkey_here: Url, make_shop: MakeShop
) -> None:
    """A queue that the configuration forbids is told as that, whatever `when_away` says."""
    shop = make_shop(valkey_here, when_away="run")
    shop.app.conf.task_create_missing_queues = False
    shop.bus.on(ParcelTold, via=shop.tasks.deliver("parcels.tell", queue="nowhere"))(print)

    with pytest.raises(HandlersFailedError, match="nowhere") as caught:
        shop.bus.publish(ParcelTold())

    assert not caught.group_contains(BrokerAwayError)
