"""Pruning: what is old goes, and never what is owed to somebody."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from tests.adapters.sqlalchemy.outbox.desks import ME, Office, office_at
from tests.servers.database import Database
from typedbus.outbox.operators import History
from typedbus.outbox.records import State
from typedbus.outbox.reports import Pruned

DAY = timedelta(days=1)


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    """An outbox that is empty, on each database."""
    with office_at(database.url) as office:
        yield office


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 9),
        st.booleans(),
        st.dictionaries(st.sampled_from(["bill", "mail"]), st.sampled_from(State), max_size=2),
        st.dictionaries(st.sampled_from(["bill", "mail"]), st.integers(0, 9), max_size=2),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=EVENTS, limit=st.integers(1, 9), inbox_limit=st.none() | st.integers(1, 9))
def test_what_is_owed_is_never_pruned(
    office: Office,
    events: list[tuple[int, bool, dict[str, State], dict[str, int]]],
    limit: int,
    inbox_limit: int | None,
) -> None:
    """Of all events, exactly those go that are old and neither fresh, late nor dead for anybody."""
    with office.engine.begin() as connection:
        for table in office.tables.all():
            connection.execute(table.delete())
    kept, kept_rows = set(), set()
    for age, pending, states, seen in events:
        number = office.event("bill", "mail", pending=pending, age=(age + 0.5) * DAY)
        is_owed = pending or bool(states)
        for handler, state in states.items():
            office.delivery(number, handler, state)
        for handler, seen_age in seen.items():
            office.seen(handler, str(office.id_of(number)), (seen_age + 0.5) * DAY)
            if inbox_limit is None or is_owed or seen_age < inbox_limit:
                kept_rows.add((handler, str(office.id_of(number))))
        if is_owed or age < limit:
            kept.add(number)
    prune = partial(
        office.operators.prune,
        events=limit * DAY,
        inbox=None if inbox_limit is None else inbox_limit * DAY,
        who=ME,
    )
    before = office.count("event"), office.count("inbox")

    foreseen = prune(dry_run=True)
    assert (office.count("event"), office.count("inbox")) == before
    pruned = prune()

    assert office.numbers("event") == kept
    assert office.inbox() == kept_rows
    assert pruned.events == before[0] - len(kept)
    assert pruned.inbox == before[1] - len(kept_rows)
    assert foreseen.events == pruned.events


def test_the_inbox_of_consumers_of_their_own_is_pruned_by_age(office: Office) -> None:
    """Their events are not in the log at all."""
    office.seen("partner", "0199c3a2-7d6c-7b5e-9d0e-000000000001", 3 * DAY)
    office.seen("partner", "0199c3a2-7d6c-7b5e-9d0e-000000000002", DAY)

    pruned = office.operators.prune(events=None, inbox=2 * DAY, who=ME)

    assert pruned == Pruned(events=0, inbox=1)
    assert office.count("inbox") == 1


def test_what_is_pruned_is_noted(office: Office) -> None:
    """Once, with how much it was; nothing is noted where nothing went."""
    office.event("bill", age=9 * DAY)
    office.event("bill", age=9 * DAY)
    told: list[int] = []

    office.operators.prune(events=5 * DAY, inbox=DAY, who=ME, progress=told.append)
    office.operators.prune(events=5 * DAY, inbox=DAY, who=ME)

    (note,) = office.operators.operations()
    assert (note.act, note.number) == ("prune", 2)
    assert note.what == '{"events": "5 days, 0:00:00", "inbox": "1 day, 0:00:00"}'
    assert told == [2, 2]


@pytest.fixture(params=["postgres", "mariadb"])
def busy_office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """An outbox where several may write at a time."""
    database: Database = request.getfixturevalue(f"{request.param}_database")
    with office_at(database.url) as office:
        yield office


def test_whoever_prunes_and_whoever_replays_keep_out_of_each_others_way(
    busy_office: Office,
) -> None:
    """No event goes while a delivery of it is being written."""
    office = busy_office
    number = office.event("bill", age=9 * DAY)
    event, delivery = office.tables.event, office.tables.delivery
    pruned: list[Pruned] = []

    def prune() -> None:
        pruned.append(office.operators.prune(events=DAY, inbox=None, who=ME))

    pruning = threading.Thread(target=prune)
    with office.engine.begin() as connection:
        connection.execute(select(event.c.id).where(event.c.id == number).with_for_update())
        pruning.start()
        _wait_until_somebody_waits(office)
        now = office.tables.event.c.recorded_at
        recorded_at = connection.execute(select(now).where(event.c.id == number)).scalar_one()
        connection.execute(
            delivery.insert().values(
                id=number,
                handler="bill",
                state="waiting",
                attempts=0,
                crashes=0,
                due_at=recorded_at,
                updated_at=recorded_at,
            )
        )
    pruning.join()

    assert pruned == [Pruned(events=0, inbox=0)]
    assert office.numbers("event") == {number}


def test_a_replay_of_what_was_pruned_meanwhile_owes_nothing(office: Office) -> None:
    """It finds the event gone."""
    office.late("bill", State.DEAD)
    number = office.event("bill", age=9 * DAY)
    office.operators.pause("bill", who=ME)
    office.operators.prune(events=DAY, inbox=None, who=ME)

    replayed = office.operators.replay("bill", History(events=[number]), who=ME)

    assert replayed.owed == 0
    assert number not in office.states("bill")


def _wait_until_somebody_waits(office: Office) -> None:
    """Return once a transaction waits for a row that another one has locked."""
    waits = {
        "postgresql": "SELECT count(*) FROM pg_locks WHERE NOT granted",
        "mysql": "SELECT CAST(variable_value AS INTEGER) FROM information_schema.global_status "
        "WHERE variable_name = 'INNODB_ROW_LOCK_CURRENT_WAITS'",
    }[office.engine.dialect.name]
    seen = 0
    while not seen:
        with office.engine.connect() as connection:
            seen = connection.exec_driver_sql(waits).scalar_one()
