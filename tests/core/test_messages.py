"""An envelope as a message, and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from typedbus import Event, event
from typedbus.core.envelope import Envelope
from typedbus.core.errors import (
    DecodeError,
    EncodeError,
    MessageError,
    UnknownWireNameError,
    WireNameError,
)
from typedbus.core.messages import Message, pack, unpack


@event(name="test.messages.order.placed", version=3, aliases=["test.messages.order.made"])
class OrderPlaced(Event):
    order_id: int
    note: str = ""


class Nameless(Event):
    pass


@event(name="test.messages.measured", version=1)
class Measured(Event):
    value: object


TEXTS = st.text(min_size=1, max_size=20)
ZONES = st.integers(-12, 12).map(lambda hours: timezone(timedelta(hours=hours)))
TIMES = st.datetimes(min_value=datetime(1900, 1, 1), timezones=ZONES)  # noqa: DTZ001 - a bound
ENVELOPES = st.builds(
    Envelope[object],
    event=st.builds(OrderPlaced, order_id=st.integers(), note=TEXTS),
    id=TEXTS,
    published_at=TIMES,
    correlation_id=TEXTS,
    causation_id=st.none() | TEXTS,
    tenant=st.none() | TEXTS,
    headers=st.dictionaries(
        TEXTS
        | st.sampled_from(["traceparent", "tracestate", "baggage", "ce-id", "ce-type", "tb-x"]),
        st.text(max_size=20),
        max_size=4,
    ),
)


def sample(**headers: str) -> Message:
    """Return a message as it is packed, but for *headers*."""
    message = pack(
        Envelope(
            event=OrderPlaced(order_id=7),
            id="1",
            published_at=datetime(2026, 11, 28, tzinfo=UTC),
            correlation_id="request-1",
            causation_id=None,
            tenant=None,
            headers={},
        )
    )
    names = {name.replace("_", "-"): text for name, text in headers.items()}
    return message._replace(headers={**message.headers, **names})


@given(envelope=ENVELOPES)
def test_what_is_packed_comes_out_equal(envelope: Envelope[object]) -> None:
    """Event, ids, time, tenant and every header of the user's, whatever their texts."""
    assert unpack(pack(envelope)) == envelope


@given(envelope=ENVELOPES, name=st.sampled_from(["x-death", "task", "lang", "typedbus-reason"]))
def test_what_a_broker_adds_is_not_the_users(envelope: Envelope[object], name: str) -> None:
    """A header of nobody that packed it stays out of the envelope."""
    message = pack(envelope)

    read = unpack(message._replace(headers={**message.headers, name: "added"}))

    assert read == envelope


def test_headers_are_those_of_cloudevents_and_w3c() -> None:
    """Other programs find what they look for."""
    headers = pack(
        Envelope(
            event=OrderPlaced(order_id=7),
            id="1",
            published_at=datetime(2026, 11, 28, tzinfo=UTC),
            correlation_id="request-1",
            causation_id="0",
            tenant="acme",
            headers={"traceparent": "00-1-2-01", "colour": "red"},
        )
    ).headers

    assert headers == {
        "ce-specversion": "1.0",
        "ce-id": "1",
        "ce-type": "test.messages.order.placed",
        "ce-source": f"/{__name__.partition('.')[0]}",
        "ce-time": "2026-11-28T00:00:00+00:00",
        "ce-dataversion": "3",
        "ce-correlationid": "request-1",
        "ce-causationid": "0",
        "ce-tenant": "acme",
        "traceparent": "00-1-2-01",
        "tb-colour": "red",
    }


def test_an_old_name_is_read_as_the_new_class() -> None:
    """A message that was sent before the class was renamed is not lost."""
    message = sample(ce_type="test.messages.order.made")

    assert unpack(message).event == OrderPlaced(order_id=7)


@pytest.mark.parametrize("name", ["ce-id", "ce-type", "ce-time", "ce-correlationid"])
def test_a_message_without_a_header_of_ours_is_refused(name: str) -> None:
    """The error names the header."""
    message = sample()
    headers = {key: text for key, text in message.headers.items() if key != name}

    with pytest.raises(MessageError, match=name):
        unpack(message._replace(headers=headers))


WRONG = [
    pytest.param(sample(ce_id=""), MessageError, "ce-id", id="empty id"),
    pytest.param(sample(ce_time="soon"), MessageError, "ce-time", id="no time"),
    pytest.param(sample(ce_time="2026-11-28T00:00:00"), MessageError, "ce-time", id="no zone"),
    pytest.param(
        sample(ce_type="test.messages.gone"), UnknownWireNameError, "gone", id="unknown class"
    ),
    pytest.param(sample()._replace(body='{"order_id": []}'), DecodeError, "order_id", id="type"),
    pytest.param(sample()._replace(body="{"), DecodeError, "OrderPlaced", id="no JSON"),
]


@pytest.mark.parametrize(("message", "error", "told"), WRONG)
def test_what_is_wrong_with_a_message_is_told(
    message: Message, error: type[Exception], told: str
) -> None:
    """It is refused, never turned into something else."""
    with pytest.raises(error, match=told):
        unpack(message)


@pytest.mark.parametrize(
    ("written", "error"),
    [(Nameless(), WireNameError), (Measured(value=object()), EncodeError)],
    ids=["without a wire name", "not JSON"],
)
def test_what_cannot_travel_is_not_packed(written: Event, error: type[Exception]) -> None:
    """The error comes where the event is published."""
    envelope = unpack(sample())._replace(event=written)

    with pytest.raises(error):
        pack(envelope)


@given(body=st.text(), value=st.text())
def test_the_size_is_that_of_all_its_bytes(body: str, value: str) -> None:
    """Body, and names and values of headers, as UTF-8 has them."""
    message = Message(body, {"näme": value})

    assert message.size == len(f"{body}näme{value}".encode())
