"""What travels with an event: written when somebody asks, the same for all who handle it."""

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest

from tests.core.hops import HOPS, Hop
from tests.core.shop import OrderPlaced, ShopEvent, UserCreated, decline
from typedbus import (
    AsyncBus,
    Bus,
    Envelope,
    HandlersFailedError,
    collect,
    collected,
    context,
    current_envelope,
    errors,
)
from typedbus.core.envelope import restored


class Notes:
    """A handler that notes the envelope of each event it is called with."""

    def __init__(self) -> None:
        self.envelopes = list[Envelope[object]]()

    def __call__(self, event: ShopEvent) -> None:
        self.envelopes.append(current_envelope())


def test_an_inline_publish_makes_no_envelope_unless_asked() -> None:
    """In a handler of a bus that nobody asked for envelopes there is none."""
    bus = Bus(ShopEvent, on_error="raise")
    bus.subscribe(UserCreated, Notes())

    with pytest.raises(errors.NoEnvelopeError, match="envelopes=True"):
        bus.publish(UserCreated())


@pytest.mark.anyio
async def test_an_inline_publish_of_an_async_bus_makes_none_either() -> None:
    """What holds for `Bus` holds for `AsyncBus`."""
    bus = AsyncBus(ShopEvent, on_error="raise")
    bus.subscribe(UserCreated, Notes())

    with pytest.raises(errors.NoEnvelopeError):
        await bus.publish(UserCreated())


def test_there_is_no_envelope_where_nothing_is_handled() -> None:
    """Outside of every handler, before a publish and after it, also after one that failed."""
    bus = Bus(ShopEvent, envelopes=True)
    bus.subscribe(UserCreated, decline)

    with pytest.raises(HandlersFailedError):
        bus.publish(UserCreated())

    with pytest.raises(errors.NoEnvelopeError):
        current_envelope()


@pytest.mark.parametrize("hop", HOPS)
def test_the_envelope_holds_the_event_and_its_time(hop: Hop) -> None:
    """The event itself, and when it was published, in UTC; whatever way it came."""
    notes, before = Notes(), datetime.now(UTC)

    hop(notes)

    (envelope,) = notes.envelopes
    assert envelope.event == UserCreated()
    assert before <= envelope.published_at <= datetime.now(UTC)
    assert envelope.published_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("hop", HOPS)
def test_an_event_published_from_a_handler_is_caused_by_the_event_handled(hop: Hop) -> None:
    """Its causation is the id of that event, its correlation the same; on whatever bus."""
    ledger, notes, caused = Bus(ShopEvent, envelopes=True), Notes(), Notes()
    ledger.subscribe(OrderPlaced, caused)

    def publish_order(event: ShopEvent) -> None:
        notes(event)
        ledger.publish(OrderPlaced())

    hop(publish_order)

    (cause,), (effect,) = notes.envelopes, caused.envelopes
    assert cause.causation_id is None
    assert effect.causation_id == cause.id
    assert effect.correlation_id == cause.correlation_id
    assert effect.id != cause.id


def test_every_handler_of_one_publish_sees_the_same_envelope() -> None:
    """The id is that of the publication, however each handler is delivered."""
    bus, notes = Bus(ShopEvent), Notes()
    bus.subscribe(UserCreated, notes)
    bus.on(UserCreated, via=collected)(notes)
    bus.subscribe(ShopEvent, notes)

    with collect():
        bus.publish(UserCreated())

    assert len(notes.envelopes) == 3
    assert len({envelope.id for envelope in notes.envelopes}) == 1
    assert notes.envelopes[0] == notes.envelopes[2]


def test_asking_again_gives_the_same_envelope() -> None:
    """It is written once."""
    bus, notes = Bus(ShopEvent, envelopes=True), Notes()

    def ask_twice(event: UserCreated) -> None:
        notes(event)
        notes(event)

    bus.subscribe(UserCreated, ask_twice)
    bus.publish(UserCreated())

    assert notes.envelopes[0] is notes.envelopes[1]


def test_a_delivery_that_needs_envelopes_turns_them_on() -> None:
    """From its subscription on they are written, also for classes that were published before."""
    bus, notes = Bus(ShopEvent, on_error="log"), Notes()
    bus.subscribe(UserCreated, notes)
    bus.publish(UserCreated())
    for number in range(10):
        bus.publish(type(f"Arrival{number}", (ShopEvent,), {})())
    before = list(notes.envelopes)

    bus.on(OrderPlaced, via=collected)(notes)
    bus.publish(UserCreated())

    assert before == []
    assert len(notes.envelopes) == 1


def test_ids_are_uuids_of_version_7_that_go_up() -> None:
    """Each publish has a new one, which sorts behind those before it, also in one millisecond."""
    bus, notes = Bus(ShopEvent, envelopes=True), Notes()
    bus.subscribe(UserCreated, notes)

    for _ in range(2000):
        bus.publish(UserCreated())

    ids = [envelope.id for envelope in notes.envelopes]
    assert ids == sorted(set(ids))
    assert {(UUID(each).version, UUID(each).variant) for each in ids} == {(7, RFC_4122)}
    assert [str(UUID(each)) for each in ids] == ids


def test_the_id_tells_the_time() -> None:
    """Its first 48 bits are the milliseconds of Unix time (RFC 9562)."""
    bus, notes = Bus(ShopEvent, envelopes=True), Notes()
    bus.subscribe(UserCreated, notes)

    before = datetime.now(UTC)
    bus.publish(UserCreated())

    (envelope,) = notes.envelopes
    told = datetime.fromtimestamp((UUID(envelope.id).int >> 80) / 1000, UTC)
    assert abs(told - before) < timedelta(seconds=5)


def test_the_first_event_is_its_own_correlation() -> None:
    """Where no context gives one, what an event causes is tied together by that event's id."""
    bus, notes = Bus(ShopEvent, envelopes=True), Notes()
    bus.subscribe(ShopEvent, notes)
    bus.subscribe(UserCreated, lambda event: bus.publish(OrderPlaced()))

    bus.publish(UserCreated())
    bus.publish(UserCreated())

    first, order, other, _ = notes.envelopes
    assert (first.correlation_id, first.causation_id) == (first.id, None)
    assert (order.correlation_id, order.causation_id) == (first.id, first.id)
    assert other.correlation_id == other.id != first.id


def test_causes_make_a_chain() -> None:
    """Each event is caused by the one whose handler published it, not by the first of all."""
    bus, notes = Bus(ShopEvent, envelopes=True), Notes()
    bus.subscribe(OrderPlaced, notes)

    def next_one(event: OrderPlaced) -> None:
        if event.order_id < 3:
            bus.publish(OrderPlaced(order_id=event.order_id + 1))

    bus.subscribe(OrderPlaced, next_one)
    bus.publish(OrderPlaced(order_id=1))

    one, two, three = notes.envelopes
    assert (two.causation_id, three.causation_id) == (one.id, two.id)


def test_after_a_nested_publish_the_outer_event_is_handled_again() -> None:
    """Events that a handler publishes one after the other are siblings."""
    bus, notes = Bus(ShopEvent, envelopes=True), Notes()
    bus.subscribe(OrderPlaced, notes)

    def publish_two(event: UserCreated) -> None:
        bus.publish(OrderPlaced())
        bus.publish(OrderPlaced())
        notes(event)

    bus.subscribe(UserCreated, publish_two)
    bus.publish(UserCreated())

    one, two, outer = notes.envelopes
    assert (one.causation_id, two.causation_id) == (outer.id, outer.id)


def test_an_envelope_that_arrives_restores_its_context() -> None:
    """A handler runs as if the event were published here; afterwards all is as it was."""
    bus, notes = Bus(ShopEvent, envelopes=True), Notes()
    bus.subscribe(OrderPlaced, notes)
    arrived: Envelope[object] = Envelope(
        event=UserCreated(),
        id="id",
        published_at=datetime.now(UTC),
        correlation_id="r-1",
        causation_id="before",
        tenant="acme",
        headers={"traceparent": "00"},
    )

    with context(correlation_id="here", tenant="here") as here:
        with restored(arrived):
            inside = current_envelope()
            bus.publish(OrderPlaced())
        outside = here

    (effect,) = notes.envelopes
    assert inside is arrived
    assert arrived.context() == ("r-1", "acme", {"traceparent": "00"})
    assert (effect.causation_id, effect.correlation_id) == ("id", "r-1")
    assert (effect.tenant, effect.headers) == ("acme", {"traceparent": "00"})
    assert outside.correlation_id == "here"
