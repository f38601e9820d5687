"""Handlers run in a real worker, on Valkey and on RabbitMQ."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.adapters.celery.conftest import Served
from tests.adapters.celery.shop import InvoiceApproved, PaymentTaken
from tests.adapters.celery.workers import until
from typedbus import context
from typedbus.adapters.celery import DeadLetter
from typedbus.core.collect import Collector
from typedbus.core.envelope import envelope_of
from typedbus.core.messages import Message, pack
from typedbus.core.transactions import transactions

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def transaction() -> Iterator[Collector]:
    """What stands for a database here: leaving its scope commits."""
    source = Collector("commit")
    transactions.know(source)
    yield source
    transactions.forget(source)


def dead_letter_of(served: Served, event_id: str) -> DeadLetter:
    """Return the dead letter with the event of that id as soon as it is there."""
    return until(lambda: [x for x in served.shop.tasks.dead_letters() if x.id == event_id])[0]


def test_a_request_is_followed_over_the_commit_and_two_hops(
    served: Served, transaction: Collector
) -> None:
    """Correlation, tenant and trace are there on every hop, and each event names its cause."""
    notes = served.shop.notes

    request = context(correlation_id="request-1", tenant="acme", headers={"traceparent": TRACE})
    with request, transaction.scope():
        served.shop.bus.publish(InvoiceApproved(invoice="followed"))
    archived = until(lambda: [n for n in notes.read("archive") if n["invoice"] == "followed"])[0]

    (emailed,) = [n for n in notes.read("email") if n["invoice"] == "followed"]
    assert (emailed["correlation"], emailed["tenant"], emailed["trace"]) == (
        "request-1",
        "acme",
        TRACE,
    )
    assert (archived["correlation"], archived["tenant"], archived["trace"]) == (
        "request-1",
        "acme",
        TRACE,
    )
    assert emailed["causation"] is None
    assert archived["causation"] == emailed["id"]


def test_a_handler_that_fails_is_tried_again_alone(served: Served) -> None:
    """The handler that fails twice runs three times on the same event; the other one once."""
    envelope = envelope_of(PaymentTaken(how="fails twice"))

    for handler in ("ledger.book", "ledger.count"):
        served.shop.tasks.send(pack(envelope), handler)
    until(lambda: served.shop.notes.read("booked", envelope.id))

    assert len(served.shop.notes.read("book", envelope.id)) == 3
    assert len(until(lambda: served.shop.notes.read("count", envelope.id))) == 1


def test_a_handler_that_keeps_failing_is_given_up_and_runs_once_mended(served: Served) -> None:
    """After the last try the event is kept with its error; sent again, its tries begin anew."""
    shop = served.shop
    envelope = envelope_of(PaymentTaken(how="fails until mended"))
    shop.tasks.send(pack(envelope), "ledger.book")
    letter = dead_letter_of(served, envelope.id)

    shop.mended.touch()
    sent = shop.tasks.retry_dead_letters("ledger.book")
    until(lambda: shop.notes.read("booked", envelope.id))

    assert (letter.handler, letter.event) == ("ledger.book", "shop.payment.taken")
    assert letter.reason == "ValueError: the ledger is torn"
    assert letter.tries == 3
    assert letter.failed_at is not None
    assert "raise ValueError" in letter.traceback
    assert letter.payload == '{"how":"fails until mended"}'
    assert "fails until mended" not in repr(letter)
    assert sent == 1
    assert len(shop.notes.read("book", envelope.id)) == 4
    assert [x for x in shop.tasks.dead_letters() if x.id == envelope.id] == []
    assert served.worker.said(f"{envelope.id} is given up after 3 tries")


def test_what_cannot_help_to_repeat_is_not_repeated(served: Served) -> None:
    """A handler that raises one of its `give_up_on` is given up at once."""
    envelope = envelope_of(PaymentTaken(how="is not payable"))

    served.shop.tasks.send(pack(envelope), "ledger.book")
    letter = dead_letter_of(served, envelope.id)

    assert letter.reason == "NotPayableError: no such account"
    assert letter.tries == 1
    assert len(served.shop.notes.read("book", envelope.id)) == 1


UNREADABLE = [
    pytest.param("nobody.knows", {}, None, "UnknownHandlerError", id="unknown handler"),
    pytest.param(
        "accounting.email",
        {"ce-type": "shop.invoice.forgotten"},
        None,
        "UnknownWireNameError",
        id="removed event class",
    ),
    pytest.param("accounting.email", {}, '{"invoice": []}', "DecodeError", id="wrong payload"),
    pytest.param("accounting.email", {}, "{", "DecodeError", id="no JSON"),
    pytest.param("accounting.email", {"ce-time": "later"}, None, "MessageError", id="headers"),
]


@pytest.mark.parametrize(("handler", "headers", "body", "reason"), UNREADABLE)
def test_what_nobody_here_can_handle_is_kept_and_reported(
    served: Served, handler: str, headers: dict[str, str], body: str | None, reason: str
) -> None:
    """It is neither tried nor lost, and sent again it comes back: once for each time."""
    shop = served.shop
    good = pack(envelope_of(InvoiceApproved(invoice="unreadable")))
    message = Message(good.body if body is None else body, {**good.headers, **headers})
    event_id = message.headers["ce-id"]
    shop.tasks.send(message, handler)
    letter = dead_letter_of(served, event_id)
    kept = [x for x in shop.tasks.dead_letters() if x.handler == handler]

    sent = shop.tasks.retry_dead_letters(handler)
    until(lambda: len([x for x in shop.tasks.dead_letters() if x.handler == handler]) == len(kept))

    again = [x for x in shop.tasks.dead_letters() if x.id == event_id]
    assert letter.handler == handler
    assert letter.event == message.headers["ce-type"]
    assert letter.reason.startswith(f"{reason}: ")
    assert letter.payload == message.body
    assert letter.tries == 0
    assert sent == len(kept)
    assert [(x.payload, x.event) for x in again] == [(letter.payload, letter.event)]
    assert again[0].failed_at != letter.failed_at
    assert served.worker.said(f"{event_id} is given up after 0 tries")
    assert shop.notes.read("email", event_id) == []


def test_a_task_of_somebody_else_under_our_name_is_kept(served: Served) -> None:
    """A message that typedbus did not send is put away whole."""
    marker = uuid4().hex

    served.shop.app.send_task("typedbus.deliver", [1, {"by hand": marker}], {"more": marker})
    letter = until(
        lambda: [x for x in served.shop.tasks.dead_letters() if x.payload.count(marker) == 2]
    )[0]

    assert letter.reason.startswith("MessageError: ")
    assert (letter.event, letter.id) == ("", "")


def test_an_event_that_was_renamed_meanwhile_is_read_by_its_new_class(served: Served) -> None:
    """A message with the old wire name reaches the handler of the class that has it as alias."""
    message = pack(envelope_of(InvoiceApproved(invoice="renamed")))
    old = Message(message.body, {**message.headers, "ce-type": "shop.invoice.signed"})

    served.shop.tasks.send(old, "accounting.email")
    seen = until(lambda: served.shop.notes.read("email", message.headers["ce-id"]))

    assert [note["invoice"] for note in seen] == ["renamed"]


def test_what_has_succeeded_is_not_run_again(served: Served) -> None:
    """A second message with the same event for the same handler is passed over, and told."""
    envelope = envelope_of(PaymentTaken(how="sent twice"))
    served.shop.tasks.send(pack(envelope), "ledger.book")
    until(lambda: served.shop.notes.read("booked", envelope.id))

    served.shop.tasks.send(pack(envelope), "ledger.book")
    until(lambda: served.worker.said(f"{envelope.id} has succeeded already"))

    assert len(served.shop.notes.read("book", envelope.id)) == 1


def test_a_handler_whose_process_is_killed_runs_again(served: Served) -> None:
    """`kill -9` of the pool's process in the middle of a handler loses nothing."""
    envelope = envelope_of(PaymentTaken(how="kills its process once"))

    served.shop.tasks.send(pack(envelope), "ledger.book")
    until(lambda: served.shop.notes.read("booked", envelope.id))

    pids = [note["pid"] for note in served.shop.notes.read("book", envelope.id)]
    assert len(pids) == 2
    assert pids[0] != pids[1]


def test_a_handler_that_a_time_limit_stopped_runs_again(served: Served) -> None:
    """A hard limit kills the process, and Celery would take the message for done."""
    envelope = envelope_of(PaymentTaken(how="takes long once"))
    message = pack(envelope)

    served.shop.app.send_task(
        "typedbus.deliver",
        ["ledger.book", message.body],
        headers=dict(message.headers),
        time_limit=1,
    )
    until(lambda: served.shop.notes.read("booked", envelope.id))

    assert len(served.shop.notes.read("book", envelope.id)) == 2


def test_a_worker_names_its_handlers_at_start(served: Served) -> None:
    """Whoever looks into the log sees what the worker can handle."""
    assert served.worker.said(
        "This worker knows accounting.archive, accounting.email, ledger.book, ledger.count."
    )
