"""Events that come from elsewhere: their envelope is read if somebody asks."""

import json
from contextvars import copy_context
from datetime import UTC, datetime

import pytest

from typedbus import Bus, Event, current_envelope, event
from typedbus.core.codec import prepare
from typedbus.core.envelope import Envelope, arrives, context, current_context
from typedbus.core.errors import DecodeError, MessageError
from typedbus.core.messages import kept_envelope, pack, parse_headers


@event(name="test.arrivals.landed")
class Landed(Event):
    number: int


LANDED = Landed(number=1)
ENVELOPE = Envelope[object](
    LANDED, "id-1", datetime(2026, 1, 1, tzinfo=UTC), "c-1", None, "acme", {"traceparent": "00"}
)
HEADERS = json.dumps(dict(pack(ENVELOPE).headers))


def test_nothing_is_read_before_somebody_asks() -> None:
    """A handler that asks for nothing pays for nothing."""
    read: list[str] = []

    def read_headers(event: object, source: str) -> Envelope[object]:
        read.append(source)
        return kept_envelope(event, source)

    def handle() -> None:
        arrives(LANDED, HEADERS, read_headers)
        assert read == []
        assert current_envelope() == ENVELOPE
        assert current_envelope() is current_envelope()
        assert current_context() == ENVELOPE.context()

    copy_context().run(handle)

    assert read == [HEADERS]


def test_what_is_published_is_caused_by_it_and_in_its_context() -> None:
    """A handler's events carry on what its event came with."""
    bus, seen = Bus(Event, envelopes=True), list[Envelope[object]]()

    @bus.on(Landed)
    def note(event: Landed) -> None:
        seen.append(current_envelope())

    def handle() -> None:
        arrives(LANDED, HEADERS, kept_envelope)
        bus.publish(Landed(number=2))
        with context(tenant="other"):
            bus.publish(Landed(number=3))

    copy_context().run(handle)

    first, second = seen
    assert (first.causation_id, first.correlation_id, first.tenant) == ("id-1", "c-1", "acme")
    assert first.headers == {"traceparent": "00"}
    assert (second.causation_id, second.tenant) == ("id-1", "other")


@pytest.mark.parametrize("headers", ["", "[1]", "{}", "{"], ids=["none", "list", "empty", "cut"])
def test_headers_that_are_none_are_refused(headers: str) -> None:
    """Whoever asks for the envelope is told."""
    with pytest.raises(MessageError):
        kept_envelope(LANDED, headers)


def test_headers_are_parsed() -> None:
    """They are what they were kept as."""
    assert parse_headers(HEADERS) == dict(pack(ENVELOPE).headers)


def test_a_class_that_cannot_be_read_says_so_when_it_is_prepared() -> None:
    """What the first event would raise is raised beforehand."""
    prepare(Landed)

    with pytest.raises(DecodeError):
        prepare(int)
