"""Replaying: events of the log are owed to a handler again."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.adapters.sqlalchemy.outbox.desks import ME, Office, office_at
from tests.servers.database import Database
from typedbus import Bus, Event, event
from typedbus.adapters.sqlalchemy.outbox.operating_replay import Pace
from typedbus.core.envelope import Envelope, envelope_of
from typedbus.core.errors import OutboxError, UnknownHandlerError
from typedbus.core.messages import pack
from typedbus.outbox.handlers import Durable, Options
from typedbus.outbox.operators import History
from typedbus.outbox.records import State
from typedbus.outbox.reports import Replayed

HOUR = timedelta(hours=1)


@event(name="dops.placed")
class Placed(Event):
    order: str


@event(name="dops.paid")
class Paid(Event):
    order: str


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """An outbox that is empty, on each database."""
    with office_at(database.url) as office:
        yield office


class Nowhere:
    """Events are published elsewhere."""

    def record(self, event: object, durable: Durable, /) -> None:
        raise AssertionError


def subscribe(office: Office, name: str, options: Options = Options()) -> None:  # noqa: B008
    """Let the program have a handler of `Placed` that is called *name*."""

    def handler(placed: Placed) -> None:
        del placed

    handler.__qualname__ = name
    durable = Durable(Nowhere(), office.handlers, name, options, handler)
    Bus().subscribe(Placed, durable)


def stored(office: Office, placed: Placed | Paid, **given: object) -> int:
    """Store *placed* as it would be published, and return its number."""
    envelope: Envelope[object] = envelope_of(placed)
    message = pack(envelope)
    return office.event(
        type=message.headers["ce-type"],
        body=message.body,
        headers=json.dumps(dict(message.headers)),
        **given,  # type: ignore[arg-type]  # passed on
    )


def test_what_was_handled_is_owed_again(office: Office) -> None:
    """Due now, in its line, and marked, so that the handler can tell."""
    office.works()
    first, second = (office.event("bill", "mail", key="a") for _ in range(2))
    other = office.event("bill", key="b")
    office.event("mail", key="a")
    subscribe(office, "bill")

    replayed = office.operators.replay("bill", History(), who=ME)

    assert replayed.owed == 4
    assert office.states("bill") == {
        first: State.WAITING,
        second: State.HELD,
        other: State.WAITING,
        other + 1: State.WAITING,
    }
    entries = office.operators.deliveries().entries
    assert all(entry.replayed and entry.attempts == 0 for entry in entries)
    assert [entry.key for entry in entries] == ["a", "a", "b", None]
    (note,) = office.operators.operations()
    assert (note.act, note.number) == ("replay", 4)


def test_what_is_owed_anyway_is_left_as_it_is(office: Office) -> None:
    """Fresh, waiting, dead: it is not owed twice, and its tries are not forgotten."""
    subscribe(office, "bill")
    office.event("bill", pending=True)
    dead = office.late("bill", State.DEAD, attempts=6)
    done = office.event("bill")

    replayed = office.operators.replay("bill", History(), who=ME)

    assert replayed == Replayed(owed=1, still_owed=2, not_for_it=0)
    assert office.states("bill") == {dead: State.DEAD, done: State.WAITING}
    assert office.operators.replay("bill", History(), who=ME).owed == 0


def test_it_may_be_handled_again(office: Office) -> None:
    """The inbox says that it was, which would keep it from being handled once more."""
    subscribe(office, "bill")
    number = office.event("bill", "mail")
    event_id = str(office.id_of(number))
    office.seen("bill", event_id)
    office.seen("mail", event_id)

    office.operators.replay("bill", History(), who=ME)

    assert office.inbox() == {("mail", event_id)}


def test_a_line_takes_replayed_ones_in_their_place(office: Office) -> None:
    """Before what stands there already, if they are older."""
    subscribe(office, "bill")
    old = office.event("bill", key="a")
    waiting = office.late("bill", State.WAITING, line="a")
    young = office.event("bill", key="a")

    office.operators.replay("bill", History(), who=ME)

    assert office.states("bill") == {old: State.WAITING, waiting: State.HELD, young: State.HELD}


def test_events_are_selected_by_key_type_time_and_name(office: Office) -> None:
    """All that is given must fit."""
    subscribe(office, "bill")
    old = office.event("bill", key="a", age=3 * HOUR)
    middle = office.event("bill", key="a", age=2 * HOUR)
    other = office.event("bill", key="b", age=2 * HOUR)
    paid = office.event("bill", key="a", type="dops.paid")
    new = office.event(keys={"bill": "a"})

    def owed(history: History) -> int:
        return office.operators.replay("bill", history, who=ME, dry_run=True).owed

    assert owed(History()) == 5
    assert owed(History(key="a")) == 4
    assert owed(History(type="dops.paid")) == 1
    assert owed(History(since=2.5 * HOUR, until=HOUR)) == 2
    assert owed(History(since=office.now() - 2.5 * HOUR, key="a")) == 3
    assert owed(History(events=[old, office.id_of(other), 999])) == 2
    assert office.states("bill") == {}
    assert office.operators.operations() == []
    office.operators.replay("bill", History(events=[middle, paid, new], type="dops.paid"), who=ME)
    assert office.states("bill") == {paid: State.WAITING}


def test_a_new_handler_is_owed_what_it_takes(office: Office) -> None:
    """By its own key, read from the event; events of other classes are left out, and counted."""
    subscribe(office, "index", Options(key=lambda placed: placed.order))
    first = stored(office, Placed(order="o-1"))
    second = stored(office, Placed(order="o-1"))
    stored(office, Paid(order="o-1"))
    office.event("bill", type="dops.nobody-knows")
    garbled = office.event("bill", body="{", headers="[]")

    replayed = office.operators.replay("index", History(), who=ME)

    assert replayed == Replayed(owed=3, still_owed=0, not_for_it=2)
    lines = {entry.id: entry.key for entry in office.operators.deliveries().entries}
    assert lines == {first: "o-1", second: "o-1", garbled: None}
    assert office.states("index")[second] is State.HELD
    assert office.operators.replay("index", History(key="o-2"), who=ME, dry_run=True).owed == 0


def test_a_key_that_cannot_be_told_ends_the_replay(office: Office) -> None:
    """It names the event; what came before it is owed."""
    subscribe(office, "index", Options(key=lambda placed: {"1": "one"}[placed.order]))
    stored(office, Placed(order="2"))

    with pytest.raises(OutboxError, match=r"event \d+ .* KeyError: '2'"):
        office.operators.replay("index", History(), who=ME)

    assert office.states("index") == {}


def test_a_handler_that_was_renamed_is_owed_what_its_old_name_was(office: Office) -> None:
    """Under its new name, with the key of then, and never beside the old one."""
    subscribe(office, "billing", Options(aliases=("bill",)))
    stored(office, Placed(order="1"), keys={"bill": "k"}, key="k")
    waiting = stored(office, Placed(order="2"), keys={"bill": None})
    office.delivery(waiting, "bill", State.WAITING)

    replayed = office.operators.replay("billing", History(), who=ME)

    assert replayed == Replayed(owed=1, still_owed=1, not_for_it=0)
    (key,) = [e.key for e in office.operators.deliveries().entries if e.handler == "billing"]
    assert key == "k"


def test_a_name_that_nobody_knows_is_refused(office: Office) -> None:
    """With the names that are known."""
    subscribe(office, "bill")

    with pytest.raises(UnknownHandlerError, match="but bill"):
        office.operators.replay("bil", History(), who=ME)


class Clock:
    """A clock that goes on only while somebody waits."""

    def __init__(self) -> None:
        self.time = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.time

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds


def test_replaying_keeps_to_a_rate(office: Office) -> None:
    """A handler that has other things to do is not flooded; progress is told."""
    subscribe(office, "bill")
    for _ in range(25):
        office.event("bill")
    clock, told = Clock(), list[int]()
    operators = office.with_pace(Pace(None, clock, clock.wait))

    replayed = operators.replay("bill", History(), who=ME, rate=10, progress=told.append)

    assert replayed.owed == 25
    assert told == [10, 20, 25]
    assert clock.waits == [1.0, 1.0]


def test_a_rate_below_one_a_second_is_kept_too(office: Office) -> None:
    """One at a time, and a wait after each."""
    subscribe(office, "bill")
    for _ in range(2):
        office.event("bill")
    clock = Clock()
    operators = office.with_pace(Pace(None, clock, clock.wait))

    assert operators.replay("bill", History(), who=ME, rate=0.5).owed == 2

    assert clock.waits == [2.0, 2.0]
