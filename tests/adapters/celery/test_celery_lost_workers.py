"""Workers that are killed, and workers that know nobody."""

from pathlib import Path
from uuid import uuid4

from kombu import Queue

from tests.adapters.celery.conftest import MakeShop, Url, leave
from tests.adapters.celery.shop import InvoiceApproved, PaymentTaken, Setting, Shop
from tests.adapters.celery.workers import WorkerProcess, until
from tests.servers.valkey import Valkey
from typedbus.core.envelope import envelope_of
from typedbus.core.messages import Message, pack


def test_what_a_killed_worker_was_doing_is_done_by_the_next(
    broker: Url, make_shop: MakeShop, tmp_path: Path
) -> None:
    """`kill -9` of a whole worker in the middle of a handler loses nothing."""
    shop = make_shop(broker, visibility=2)
    envelope = envelope_of(PaymentTaken(how="takes long once"))
    with WorkerProcess(shop.setting, tmp_path / "first.log", pool="solo") as first:
        shop.tasks.send(pack(envelope), "ledger.book")
        until(lambda: shop.notes.read("book", envelope.id))
        first.kill()

    with WorkerProcess(shop.setting, tmp_path / "second.log", pool="solo"):
        until(lambda: shop.notes.read("booked", envelope.id))

    assert len(shop.notes.read("book", envelope.id)) == 2
    assert shop.tasks.dead_letters() == []


def test_a_message_that_kills_each_worker_is_put_away(
    valkey_here: Url, make_shop: MakeShop, tmp_path: Path
) -> None:
    """Each loss is counted; what was lost ten times is not tried for an eleventh."""
    shop = make_shop(valkey_here)
    second, tenth = (pack(envelope_of(InvoiceApproved(invoice=name))) for name in ("2", "10"))
    shop.tasks.send(lost(second, times=1), "accounting.email")
    shop.tasks.send(lost(tenth, times=9), "accounting.email")
    give_back(shop, messages=2)

    with WorkerProcess(shop.setting, tmp_path / "worker.log", pool="solo"):
        (letter,) = until(shop.tasks.dead_letters)
        (emailed,) = until(lambda: shop.notes.read("email"))

    assert letter.id == tenth.headers["ce-id"]
    assert "lost" in letter.reason
    assert (emailed["id"], emailed["lost"]) == (second.headers["ce-id"], "2")


def lost(message: Message, times: int) -> Message:
    """Return *message* as it is sent on after so many workers were lost with it."""
    return message._replace(headers={**message.headers, "typedbus-lost": str(times)})


def give_back(shop: Shop, messages: int) -> None:
    """Take messages out and back in, as a broker does with what a lost worker had."""
    with shop.app.connection_for_read() as connection:
        queue = shop.app.amqp.queues[f"{shop.setting.prefix}-tasks"](connection.channel())
        taken = [queue.get(no_ack=False) for _ in range(messages)]
        for message in filter(None, taken):
            message.requeue()


def test_a_worker_without_handlers_says_so_and_keeps_what_comes(
    valkey_here: Url, tmp_path: Path
) -> None:
    """A worker that imported no handler says how to change that, and loses nothing."""
    setting = Setting(valkey_here, f"typedbus-{uuid4().hex[:8]}", str(tmp_path / "notes"))
    shop = Shop(setting)
    shop.bus.publish(InvoiceApproved(invoice="early"))

    with WorkerProcess(
        setting, tmp_path / "worker.log", program="program_without_handlers", pool="solo"
    ) as worker:
        (letter,) = until(shop.tasks.dead_letters)

    assert worker.said("ERROR")
    assert worker.said("knows no handler")
    assert worker.said("discover('shop')")
    assert letter.reason.startswith("Unknown")
    leave(shop)


def test_what_cannot_be_sent_for_another_try_stays(
    private_valkey: Valkey, make_shop: MakeShop, tmp_path: Path
) -> None:
    """A broker that is silent just when a handler failed costs no event."""
    shop = make_shop(private_valkey.url, timeout=0.2)
    envelope = envelope_of(PaymentTaken(how="silences the broker once"))
    shop.tasks.send(pack(envelope), "ledger.book")

    with WorkerProcess(shop.setting, tmp_path / "worker.log", pool="solo"):
        until(lambda: shop.notes.read("booked", envelope.id))

    assert len(shop.notes.read("book", envelope.id)) == 2


def test_what_cannot_be_put_away_stays(
    rabbitmq_url: Url, make_shop: MakeShop, tmp_path: Path
) -> None:
    """While the queue for dead letters refuses them, they go back to where they came from."""
    shop = make_shop(rabbitmq_url)
    message = pack(envelope_of(InvoiceApproved(invoice="1")))
    dead = f"{shop.setting.prefix}-dead"
    with shop.app.connection_for_write() as connection:
        another = Queue(dead, durable=False, channel=connection.channel())
        another.declare()
        shop.tasks.send(message, "nobody.knows")

        with WorkerProcess(shop.setting, tmp_path / "worker.log", pool="solo") as worker:
            until(lambda: worker.said("cannot be put away, and stays"))
            another.delete()
            (letter,) = until(shop.tasks.dead_letters)

    assert letter.id == message.headers["ce-id"]
