"""What operators see: how it stands, what waits, what is known of one event."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from tests.adapters.sqlalchemy.outbox.desks import ME, Office, office_at
from tests.servers.database import Database
from typedbus.adapters.sqlalchemy.outbox.operating import TableOperators
from typedbus.core.errors import NoSuchDeliveryError, OutboxError, OutboxTablesError, StoreAwayError
from typedbus.outbox.handlers import DurableHandlers
from typedbus.outbox.operators import Selection
from typedbus.outbox.records import State
from typedbus.outbox.reports import HandlerStatus, UnknownStatus

HOUR = timedelta(hours=1)


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """An outbox that is empty, on each database."""
    with office_at(database.url) as office:
        yield office


def test_an_outbox_at_rest_owes_nothing(office: Office) -> None:
    """And says so."""
    status = office.operators.status()

    assert (status.pending, status.lag, status.handlers, status.relays) == (0, None, [], [])
    assert office.operators.lag() is None


def test_status_counts_by_handler_and_state(office: Office) -> None:
    """What waits, is held, sent, unknown or dead, and what was not looked at yet."""
    none = HandlerStatus(
        "",
        known=False,
        paused=False,
        waiting=0,
        held=0,
        running=0,
        sent=0,
        unknown=0,
        dead=0,
    )
    office.event("bill", "mail", pending=True)
    for state in (State.DEAD, State.DEAD, State.WAITING, State.SENT):
        office.late("bill", state)
    office.late("mail", State.UNKNOWN)

    status = office.operators.status()

    assert status.pending == 1
    assert status.published_a_minute == 6
    assert status.handlers == [
        none._replace(name="bill", waiting=1, sent=1, dead=2),
        none._replace(name="mail", unknown=1),
    ]
    assert status.unknown == [UnknownStatus("mail", "dops.placed", 1)]


def test_status_tells_who_works_and_who_stands_by(office: Office) -> None:
    """And who has not been heard of in time."""
    standing_by, silent = office.works(), office.works(expires_in=-timedelta(minutes=1))
    works = office.works()

    relays = {relay.id: relay for relay in office.operators.status().relays}

    assert {id_ for id_, relay in relays.items() if relay.works} == {works}
    assert {id_ for id_, relay in relays.items() if relay.alive} == {works, standing_by}
    assert not relays[silent].alive


def test_lag_is_the_age_of_the_oldest_that_is_owed(office: Office) -> None:
    """Dead ones and those that are done with do not count."""
    office.event("bill", age=9 * HOUR)
    office.delivery(office.event("bill", age=5 * HOUR), "bill", State.DEAD)
    old = office.event("bill", age=2 * HOUR)
    office.delivery(old, "bill", State.WAITING)
    office.event("bill", pending=True, age=HOUR)

    lag = office.operators.lag()

    assert lag is not None
    assert 2 * HOUR <= lag < 3 * HOUR
    office.operators.discard(Selection(events=[old], states=[State.WAITING]), who=ME, reason="x")
    lag = office.operators.lag()
    assert lag is not None
    assert HOUR <= lag < 2 * HOUR


def test_deliveries_are_listed_page_by_page(office: Office) -> None:
    """In the order of the events' numbers, each once."""
    for n in range(4):
        number = office.event("bill", "mail", key="a")
        office.delivery(number, "bill", State.HELD if n else State.DEAD, line="a")
        office.delivery(number, "mail", State.WAITING)
    seen, after, pages = [], None, 0

    while True:
        page = office.operators.deliveries(after=after, limit=3)
        seen += [(entry.id, entry.handler) for entry in page.entries]
        after, pages = page.next, pages + 1
        if after is None:
            break

    assert len(seen) == 8
    assert seen == sorted(set(seen))
    assert pages == 3
    page = office.operators.deliveries(Selection(handler="bill", states=[State.HELD]), limit=3)
    assert len(page.entries) == 3
    assert page.next is None


def test_fresh_ones_are_listed_for_each_handler(office: Office) -> None:
    """By handler and key too, each handler by its own key."""
    first = office.event("bill", "mail", pending=True, key="a")
    second = office.event(pending=True, key="a", keys={"bill": "a", "mail": "50%_b"})
    office.event("bill", key="a")

    def fresh(selection: Selection) -> list[tuple[int, str, str | None]]:
        page = office.operators.deliveries(selection, fresh=True)
        return [(entry.id, entry.handler, entry.key) for entry in page.entries]

    assert fresh(Selection()) == [
        (first, "bill", "a"),
        (first, "mail", "a"),
        (second, "bill", "a"),
        (second, "mail", "50%_b"),
    ]
    assert fresh(Selection(handler="mail", key="50%_b")) == [(second, "mail", "50%_b")]
    assert fresh(Selection(key="b")) == []
    assert fresh(Selection(events=[second], handler="bill")) == [(second, "bill", "a")]
    page = office.operators.deliveries(fresh=True, limit=3)
    rest = office.operators.deliveries(fresh=True, limit=3, after=page.next)
    assert [(entry.id, entry.handler) for entry in rest.entries] == [(second, "mail")]
    assert rest.next is None


def test_all_that_is_known_of_an_event_is_shown(office: Office) -> None:
    """By its number and by its id: what is owed, what is done, what went wrong."""
    number = office.event("bill", "mail", "stock", key="a", body='{"n":1}', age=HOUR)
    office.delivery(number, "bill", State.DEAD, line="a", error="E: x", traceback="here")
    office.delivery(number, "mail", State.WAITING)

    shown = office.operators.show(number)

    assert shown.stored.body == '{"n":1}'
    assert shown.age >= HOUR
    assert shown.done == ["stock"]
    bill, mail = shown.entries
    assert (bill.state, bill.key, bill.error, bill.traceback) == (State.DEAD, "a", "E: x", "here")
    assert mail.state is State.WAITING
    assert office.operators.show(office.id_of(number)).stored == shown.stored


def test_a_fresh_event_is_shown_as_owed_to_all(office: Office) -> None:
    """Nothing was done about it yet, for any of them."""
    number = office.event("bill", "mail", pending=True)

    shown = office.operators.show(number)

    assert [(entry.handler, entry.state) for entry in shown.entries] == [
        ("bill", None),
        ("mail", None),
    ]
    assert shown.done == []


def test_an_event_that_is_not_there_is_told(office: Office) -> None:
    """It may have been pruned."""
    with pytest.raises(NoSuchDeliveryError, match="event 999"):
        office.operators.show(999)
    with pytest.raises(NoSuchDeliveryError, match="no"):
        office.operators.show(uuid4())


def test_missing_tables_are_told_with_the_command_that_makes_them(office: Office) -> None:
    """Before the first migration, or after one that was forgotten."""
    office.tables.metadata.drop_all(office.engine)

    with pytest.raises(OutboxTablesError, match="typedbus outbox ddl"):
        office.operators.status()


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://nobody@127.0.0.1:1/none",
        "mysql+pymysql://nobody@127.0.0.1:1/none",
        "sqlite:////no/such/folder/file",
    ],
)
def test_a_database_that_is_away_is_told(url: str, sqlite_url: str) -> None:
    """In one sentence, with what the driver says."""
    engine = create_engine(url)
    with office_at(sqlite_url) as office:
        operators = TableOperators(engine, office.tables, DurableHandlers(), "far")

    with pytest.raises(StoreAwayError, match="look at 'far'"):
        operators.lag()


def test_an_async_engine_is_used_in_a_loop_of_its_own(database: Database) -> None:
    """Several times, in one program that has no loop."""
    with office_at(database.url) as office:
        dead = office.late("bill", State.DEAD)
        engine = create_async_engine(database.async_url)
        operators = TableOperators(engine, office.tables, office.handlers, "async")

        assert operators.retry(Selection(), who=ME) == 1
        assert operators.show(dead).entries[0].state is State.WAITING
        assert [each.act for each in operators.operations()] == ["retry"]


async def _lag_in_a_loop(operators: TableOperators) -> None:
    operators.lag()


def test_an_async_engine_is_refused_where_a_loop_runs(
    sqlite_url: str, sqlite_async_url: str
) -> None:
    """Its connections would belong to another loop than they are used in."""
    import asyncio

    with office_at(sqlite_url) as office:
        operators = TableOperators(
            create_async_engine(sqlite_async_url), office.tables, office.handlers, "async"
        )

        with pytest.raises(OutboxError, match="event loop runs in this thread"):
            asyncio.run(_lag_in_a_loop(operators))
