"""What a publish sends, when, and what it refuses to send."""

import asyncio
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from uuid import UUID

import pytest

from tests.adapters.celery.conftest import MakeShop, Url
from tests.adapters.celery.shop import InvoiceApproved, PaymentTaken, Setting, Shop, ShopEvent
from typedbus import AsyncBus, Event, event
from typedbus.adapters.celery import CeleryDelivery
from typedbus.core.collect import Collector
from typedbus.core.envelope import envelope_of
from typedbus.core.errors import EncodeError, HandlerNameError, TooLargeError, WireNameError
from typedbus.core.messages import pack


@dataclass(frozen=True)
class OnTheWay:
    """A message as it lies in a queue."""

    task: str
    task_id: str
    args: list[str]
    headers: Mapping[str, object]


def taken_from(shop: Shop, queue: str = "tasks") -> list[OnTheWay]:
    """Take out, and return, what lies in a queue of *shop*."""
    found: list[OnTheWay] = []
    with shop.app.connection_for_read() as connection:
        here = shop.app.amqp.queues[f"{shop.setting.prefix}-{queue}"](connection.channel())
        here.declare()
        while (message := here.get(no_ack=True)) is not None:
            headers = message.headers
            args, _kwargs, _more = message.decode()
            found.append(OnTheWay(headers["task"], headers["id"], args, headers))
    return found


@pytest.fixture
def commit() -> Collector:
    """What stands for the transactions of an adapter."""
    return Collector("commit")


def test_a_publish_without_a_transaction_sends_at_once(broker: Url, make_shop: MakeShop) -> None:
    """Each handler gets a message of its own: our one task, the event as JSON, the envelope."""
    shop = make_shop(broker)

    shop.bus.publish(PaymentTaken(how="cash"))

    book, count = sorted(taken_from(shop), key=lambda message: message.args[0])
    assert {book.task, count.task} == {"typedbus.deliver"}
    assert book.args == ["ledger.book", '{"how":"cash"}']
    assert count.args == ["ledger.count", '{"how":"cash"}']
    assert book.headers["ce-type"] == "shop.payment.taken"
    assert book.headers["ce-id"] == count.headers["ce-id"]
    assert UUID(book.task_id) != UUID(count.task_id)
    assert "cash" not in str(book.headers)


def test_the_same_event_for_the_same_handler_has_the_same_task(
    broker: Url, make_shop: MakeShop
) -> None:
    """The id of a task is made from the event and the handler, so a repetition is seen."""
    shop = make_shop(broker)
    message = pack(envelope_of(PaymentTaken(how="cash")))

    shop.tasks.send(message, "ledger.book")
    shop.tasks.send(message, "ledger.book")
    shop.tasks.send(message, "ledger.count")

    first, second, other = (each.task_id for each in taken_from(shop))
    assert first == second != other


def test_nothing_is_sent_before_the_commit(
    valkey_here: Url, make_shop: MakeShop, commit: Collector
) -> None:
    """In a transaction the messages wait for its end."""
    shop = make_shop(valkey_here, after=commit)

    with commit.scope():
        shop.bus.publish(InvoiceApproved(invoice="1"))
        before = taken_from(shop)

    assert before == []
    assert [message.args[0] for message in taken_from(shop)] == ["accounting.email"]


def test_a_rolled_back_transaction_sends_nothing(
    valkey_here: Url, make_shop: MakeShop, commit: Collector
) -> None:
    """What was published in it is forgotten."""
    shop = make_shop(valkey_here, after=commit)

    with commit.scope() as pending:
        shop.bus.publish(InvoiceApproved(invoice="1"))
        pending.drop()

    assert taken_from(shop) == []


class Nameless(ShopEvent):
    text: str = ""


@event(name="shop.measured", version=1)
class Measured(ShopEvent):
    value: object = 0


@event(name="shop.told", version=1)
class Told(ShopEvent):
    text: str = ""


NOT_SENDABLE = [
    pytest.param(Nameless(), WireNameError, id="without a wire name"),
    pytest.param(Told(text="x" * 5000), TooLargeError, id="too large"),
    pytest.param(Measured(value=object()), EncodeError, id="not JSON"),
]


@pytest.mark.parametrize(("told", "error"), NOT_SENDABLE)
def test_what_cannot_be_sent_fails_in_the_transaction(
    valkey_here: Url,
    make_shop: MakeShop,
    commit: Collector,
    told: ShopEvent,
    error: type[Exception],
) -> None:
    """The publish raises while the transaction can still be rolled back, and nothing is sent."""
    shop = make_shop(valkey_here, after=commit, max_bytes=4096)
    shop.bus.on(type(told), via=shop.tasks.deliver("told"), on_error="raise")(print)

    with commit.scope() as pending:
        with pytest.raises(error):
            shop.bus.publish(told)
        waiting = len(pending)

    assert waiting == 0
    assert taken_from(shop) == []


def test_an_event_that_is_too_large_is_told_with_its_size(
    valkey_here: Url, make_shop: MakeShop
) -> None:
    """The error names event, handler, size, limit and the way out."""
    shop = make_shop(valkey_here, max_bytes=4096)
    shop.bus.on(Told, via=shop.tasks.deliver("told"), on_error="raise")(print)

    with pytest.raises(TooLargeError) as caught:
        shop.bus.publish(Told(text="ü" * 4000))

    for part in ("shop.told", "'told'", "8,", "4,096", "its key"):
        assert part in str(caught.value)


def test_a_handler_may_have_a_queue_of_its_own(broker: Url, make_shop: MakeShop) -> None:
    """`queue=` of a handler goes before that of the delivery."""
    shop = make_shop(broker)
    mail = f"{shop.setting.prefix}-dead"  # any queue that is deleted in the end

    shop.bus.on(Told, via=shop.tasks.deliver("told", queue=mail))(print)
    shop.bus.publish(Told())

    assert taken_from(shop) == []
    assert [message.args[0] for message in taken_from(shop, "dead")] == ["told"]


def test_the_subscription_says_celery_and_the_name(make_shop: MakeShop) -> None:
    """Who looks at the subscriptions sees where the handler runs."""
    shop = make_shop("memory://")

    (subscription,) = shop.bus.subscriptions(InvoiceApproved)

    assert subscription.delivery == "celery accounting.email"


def test_two_handlers_cannot_have_one_name(make_shop: MakeShop) -> None:
    """A message could not tell them apart."""
    shop = make_shop("memory://")

    with pytest.raises(HandlerNameError, match="email"):
        shop.bus.on(InvoiceApproved, via=shop.tasks.deliver("accounting.email"))(print)


@pytest.mark.parametrize("name", ["", "two words", 5])
def test_a_name_is_one_word(make_shop: MakeShop, name: str) -> None:
    """What cannot be a name is refused where it is written."""
    shop = make_shop("memory://")

    with pytest.raises(HandlerNameError):
        shop.bus.on(Told, via=shop.tasks.deliver(name))(print)


def test_an_app_has_one_delivery(make_shop: MakeShop) -> None:
    """A second one would not be asked for its handlers, so it is refused."""
    shop = make_shop("memory://")

    with pytest.raises(ValueError, match="already"):
        CeleryDelivery(shop.app)


def test_a_mistaken_choice_is_refused(tmp_path: object) -> None:
    """`when_away` is checked when the program starts, not when the broker is away."""
    app = Setting("memory://", "x", str(tmp_path)).app()

    with pytest.raises(ValueError, match="when_away"):
        CeleryDelivery(app, when_away="wait")  # type: ignore[arg-type]  # the mistake
    with pytest.raises(ValueError, match="when_away"):
        CeleryDelivery(app).deliver("told", when_away="wait")  # type: ignore[arg-type]  # again


# Python 3.12 warns of a fork beside other threads, which another test may have left in a pool.
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_process_that_was_forked_sends_over_a_connection_of_its_own(
    broker: Url, make_shop: MakeShop
) -> None:
    """Parent and child publish at once after a fork, as servers that fork do."""
    shop = make_shop(broker)
    shop.bus.publish(InvoiceApproved(invoice="before"))

    with forked(lambda: publish_many(shop, "child")):
        publish_many(shop, "parent")

    sent = sorted(message.args[1] for message in taken_from(shop))
    expected = ["before", *["child"] * 50, *["parent"] * 50]
    assert sent == [f'{{"invoice":"{who}"}}' for who in expected]


def publish_many(shop: Shop, who: str) -> None:
    """Publish fifty times."""
    for _ in range(50):
        shop.bus.publish(InvoiceApproved(invoice=who))


@contextmanager
def forked(work: Callable[[], None]) -> Iterator[None]:
    """Do *work* in a child of this process; wait for it, and see that it went well."""
    child = os.fork()
    if not child:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    yield
    assert os.waitpid(child, 0)[1] == 0


def test_threads_publish_at_once(broker: Url, make_shop: MakeShop) -> None:
    """Each event of each thread is sent, once."""
    shop = make_shop(broker)
    threads = [Thread(target=publish_many, args=(shop, str(n))) for n in range(4)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({message.task_id for message in taken_from(shop)}) == 200


def test_an_async_bus_sends_too(broker: Url, make_shop: MakeShop) -> None:
    """On an `AsyncBus` the message is sent by the time that the publish is over."""
    shop = make_shop(broker)
    bus = AsyncBus(Event)
    bus.on(Told, via=shop.tasks.deliver("told"))(print)

    asyncio.run(bus.publish(Told(text="hello")))

    assert [message.args for message in taken_from(shop)] == [["told", '{"text":"hello"}']]


def test_the_configuration_of_the_app_stays_as_it_is(make_shop: MakeShop) -> None:
    """Our own bounds are those of our own connections."""
    shop = make_shop("memory://")
    before = dict(shop.app.conf.broker_transport_options)

    shop.bus.publish(InvoiceApproved(invoice="1"))

    assert shop.app.conf.broker_transport_options == before
    assert shop.app.conf.task_acks_late is False
