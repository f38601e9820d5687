"""What operators decide: to try again, to skip, to discard, to pause."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.adapters.sqlalchemy.outbox.desks import ME, Office, office_at
from tests.servers.database import Database
from typedbus.core.errors import NoSuchDeliveryError, OutboxError
from typedbus.outbox.operators import EVERY_HANDLER, Selection
from typedbus.outbox.records import State

DEAD, HELD, WAITING = State.DEAD, State.HELD, State.WAITING


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """An outbox that is empty, on each database."""
    with office_at(database.url) as office:
        yield office


def test_what_is_retried_is_due_and_starts_anew(office: Office) -> None:
    """Dead ones and waiting ones, whatever they wait for; the last error stays to be read."""
    dead = office.late("bill", DEAD, attempts=6, error="ValueError: no")
    waiting = office.late("bill", WAITING, attempts=2)

    number = office.operators.retry(Selection(handler="bill"), who=ME)

    assert number == 2
    page = office.operators.deliveries()
    assert [entry.id for entry in page.entries] == [dead, waiting]
    for entry in page.entries:
        assert entry.state is WAITING
        assert entry.attempts == 0
        assert entry.due_in is not None
        assert entry.due_in <= timedelta()
    assert page.entries[0].error == "ValueError: no"


def test_retrying_leaves_alone_what_was_not_meant(office: Office) -> None:
    """By handler, key, type, event and state, all of which must fit."""
    meant = office.late("bill", DEAD, line="a")
    other = office.late("mail", DEAD, line="a")
    sent = office.late("bill", State.SENT)
    unknown = office.late("bill", State.UNKNOWN)
    running = office.late("bill", State.RUNNING)
    selection = Selection(events=[meant], handler="bill", key="a", type="dops.placed")

    assert office.operators.retry(selection._replace(type="dops.none", events=[]), who=ME) == 0
    assert office.operators.retry(selection, who=ME) == 1

    assert office.states("mail") == {other: DEAD}
    assert office.states("bill") == {
        meant: WAITING,
        sent: State.SENT,
        unknown: State.UNKNOWN,
        running: State.RUNNING,
    }


def test_an_event_may_be_named_by_its_id(office: Office) -> None:
    """As logs and other programs name it."""
    dead = office.late("bill", DEAD)
    other = office.late("bill", DEAD)

    assert office.operators.retry(Selection(events=[office.id_of(dead)]), who=ME) == 1

    assert office.states("bill") == {dead: WAITING, other: DEAD}


def test_of_a_line_the_first_alone_is_due(office: Office) -> None:
    """The rest of a line that was parked follows it, in its order."""
    first, second, third = (office.late("bill", DEAD, line="a") for _ in range(3))
    other = office.late("bill", DEAD, line="b")

    assert office.operators.retry(Selection(handler="bill"), who=ME) == 4

    assert office.states("bill") == {first: WAITING, second: HELD, third: HELD, other: WAITING}


def test_what_stands_behind_a_dead_one_goes_on_waiting_for_it(office: Office) -> None:
    """Retrying the second of a line does not make it overtake the first."""
    first, second = office.late("bill", DEAD, line="a"), office.late("bill", DEAD, line="a")

    office.operators.retry(Selection(events=[second]), who=ME)

    assert office.states("bill") == {first: DEAD, second: HELD}


def test_what_killed_the_process_stays_marked(office: Office) -> None:
    """It is tried alone again, and not at once given up again."""
    office.late("bill", DEAD, crashes=3)

    office.operators.retry(Selection(handler="bill"), who=ME)

    (entry,) = office.operators.deliveries().entries
    assert entry.crashes == 1


def test_what_was_sent_is_sent_again_if_asked_for(office: Office) -> None:
    """It stays sent, and the time to send it again has come."""
    office.late("bill", State.SENT, attempts=1)

    number = office.operators.retry(Selection(states=[State.SENT]), who=ME)

    assert number == 1
    (entry,) = office.operators.deliveries().entries
    assert entry.state is State.SENT
    assert entry.due_in is not None
    assert entry.due_in <= timedelta()


def test_a_line_that_stands_still_goes_on(office: Office) -> None:
    """Held and first, as only a mistake of ours leaves it: retrying what is held mends it."""
    first, second = office.late("bill", HELD, line="a"), office.late("bill", HELD, line="a")

    office.operators.retry(Selection(states=[HELD]), who=ME)

    assert office.states("bill") == {first: WAITING, second: HELD}


def test_skipping_lets_the_line_go_on(office: Office) -> None:
    """The first counts as handled, the second is due, the event stays in the log."""
    first, second, third = (office.late("bill", state, line="a") for state in (DEAD, HELD, HELD))

    skipped = office.operators.skip("bill", "a", who=ME, reason="cancelled")

    assert (skipped.id, skipped.state) == (first, DEAD)
    assert office.states("bill") == {second: WAITING, third: HELD}
    assert first in office.numbers("event")


@pytest.mark.parametrize("key", ["none", ""])
def test_skipping_in_an_empty_line_is_refused(office: Office, key: str) -> None:
    """What is dead and in no line holds nobody up."""
    dead = office.late("bill", DEAD)

    with pytest.raises(NoSuchDeliveryError, match="nothing stands in that line"):
        office.operators.skip("bill", key, who=ME)

    assert office.states("bill") == {dead: DEAD}


def test_what_is_being_handled_is_not_skipped(office: Office) -> None:
    """It would be handled, and the next one beside it."""
    running = office.late("bill", State.RUNNING, line="a")

    with pytest.raises(OutboxError, match="being handled"):
        office.operators.skip("bill", "a", who=ME)

    assert office.states("bill") == {running: State.RUNNING}


def test_discarding_removes_dead_ones_and_lets_lines_go_on(office: Office) -> None:
    """Others only if their state is given."""
    dead, held = office.late("bill", DEAD, line="a"), office.late("bill", HELD, line="a")
    waiting = office.late("bill", WAITING)

    assert office.operators.discard(Selection(), who=ME, reason="test orders") == 1

    assert office.states("bill") == {held: WAITING, waiting: WAITING}
    assert dead in office.numbers("event")
    office.operators.discard(Selection(states=[WAITING]), who=ME, reason="all of it")
    assert office.states("bill") == {}


def test_a_key_finds_what_is_dead_and_in_no_line_any_more(office: Office) -> None:
    """With on_dead="skip" the line has gone on without it; its event still has the key."""
    dead = office.event("bill", key="a")
    office.delivery(dead, "bill", DEAD, line=None)
    office.late("bill", DEAD)

    assert office.operators.discard(Selection(key="a"), who=ME, reason="cancelled") == 1


def test_a_delivery_whose_event_is_gone_can_be_discarded(office: Office) -> None:
    """That is what `verify` says to do about it."""
    office.delivery(77, "bill", DEAD)

    number = office.operators.discard(Selection(events=[77]), who=ME, reason="event deleted")

    assert number == 1
    assert office.states("bill") == {}


@pytest.mark.parametrize("act", ["retry", "discard"])
def test_more_than_one_transaction_holds_are_done_in_several(office: Office, act: str) -> None:
    """Each is committed by itself, and progress is told."""
    event = office.event("bill")
    for n in range(1201):
        office.delivery(event, f"bill-{n:04}", DEAD) if n < 3 else None
    told: list[int] = []
    with office.engine.begin() as connection:
        delivery = office.tables.delivery
        row = dict(connection.execute(delivery.select().limit(1)).mappings().one())
        connection.execute(
            delivery.insert(), [row | {"handler": f"many-{n:04}"} for n in range(1201)]
        )

    if act == "retry":
        number = office.operators.retry(Selection(), who=ME, progress=told.append)
    else:
        number = office.operators.discard(Selection(), who=ME, reason="x", progress=told.append)

    assert number == 1204
    assert told == [500, 1000, 1204]
    (note,) = office.operators.operations()
    assert note.number == 1204


def test_a_dry_run_only_counts(office: Office) -> None:
    """Of every act that changes deliveries."""
    dead = office.late("bill", DEAD, line="a")
    operators, all_of = office.operators, Selection()

    assert operators.retry(all_of, who=ME, dry_run=True) == 1
    assert operators.discard(all_of, who=ME, reason="x", dry_run=True) == 1
    assert operators.skip("bill", "a", who=ME, dry_run=True).id == dead

    assert office.states("bill") == {dead: DEAD}
    assert office.operators.operations() == []


def test_an_event_that_is_named_and_not_there_is_told(office: Office) -> None:
    """And nothing is done about the others."""
    dead = office.late("bill", DEAD)
    waiting = office.late("bill", WAITING)

    for absent in (dead + 100, uuid4()):
        with pytest.raises(NoSuchDeliveryError, match=str(absent)):
            office.operators.retry(Selection(events=[dead, absent]), who=ME)
    with pytest.raises(NoSuchDeliveryError, match=r"that is dead"):
        office.operators.discard(Selection(events=[dead, waiting]), who=ME, reason="x")

    assert office.states("bill") == {dead: DEAD, waiting: WAITING}


def test_a_handler_is_paused_until_it_is_resumed(office: Office) -> None:
    """Or all of them; one that was paused by its name stays so."""
    office.late("bill", WAITING)

    office.operators.pause("bill", who=ME)
    office.operators.pause(EVERY_HANDLER, who=ME)
    office.operators.pause("bill", who=ME)
    office.operators.resume(EVERY_HANDLER, who=ME)

    status = office.operators.status()
    assert not status.paused
    assert [(each.name, each.paused) for each in status.handlers] == [("bill", True)]
    office.operators.resume("bill", who=ME)
    assert [each.paused for each in office.operators.status().handlers] == [False]


def test_a_name_that_nobody_knows_is_not_paused(office: Office) -> None:
    """It is a slip of the hand, and pausing it would be no use."""
    with pytest.raises(NoSuchDeliveryError, match="'bil'"):
        office.operators.pause("bil", who=ME)


def test_each_act_is_noted(office: Office) -> None:
    """Who, when, what, how many, and why; the last one first."""
    dead = office.late("bill", DEAD, line="ä")
    office.late("bill", HELD, line="ä")

    office.operators.skip("bill", "ä", who=ME, reason="cancelled")
    office.operators.discard(Selection(key="ä", states=[WAITING]), who="other", reason="test order")
    office.operators.pause(EVERY_HANDLER, who=ME)

    pause, discard, skip = office.operators.operations()
    assert (pause.act, pause.who, pause.reason) == ("pause", ME, None)
    assert (discard.act, discard.who, discard.number) == ("discard", "other", 1)
    assert discard.reason == "test order"
    assert discard.what == '{"key": "ä", "states": ["waiting"]}'
    assert skip.what == f'{{"handler": "bill", "key": "ä", "events": ["{dead}"]}}'
    assert abs(skip.at - office.now()) < timedelta(minutes=1)
    assert [each.act for each in office.operators.operations(limit=1)] == ["pause"]


def test_what_nothing_fits_is_not_noted(office: Office) -> None:
    """A retry by a timer would fill the notes otherwise."""
    assert office.operators.retry(Selection(), who=ME) == 0

    assert office.operators.operations() == []
