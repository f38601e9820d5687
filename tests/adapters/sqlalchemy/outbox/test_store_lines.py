"""Lines that more than the relay changes, and thousands of them."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Connection, event, select

from tests.adapters.sqlalchemy.outbox.sql_harness import SqlHarness, wait_for_a_lock
from typedbus.adapters.sqlalchemy.outbox.clock import database_now
from typedbus.adapters.sqlalchemy.outbox.lines import advance
from typedbus.outbox.records import Put, State
from typedbus.testing.conformance.records import (
    dead,
    held,
    key_of,
    record,
    start,
    states,
    waiting,
    write,
    write_line,
)

LINE = ("billing", "k")


def remove(connection: Connection, harness: SqlHarness, number: int) -> None:
    """Do what a unit, a worker or an operator does who ends a delivery of the line."""
    table = harness.tables.delivery
    connection.execute(table.delete().where(table.c.handler == "billing", table.c.id == number))
    advance(connection, harness.tables, [LINE])


def test_what_is_held_while_its_first_ends_elsewhere_becomes_due(
    server_harness: SqlHarness,
) -> None:
    """Neither the one who ends the first, nor the relay that holds the next, sees the other."""
    first, second = write_line(server_harness, many=2)
    relay = start(server_harness)
    relay.put(waiting(first, "k"))

    with ThreadPoolExecutor(1) as pool, server_harness.engine.connect() as elsewhere:
        remove(elsewhere, server_harness, first)
        putting = pool.submit(relay.put, held(second, "k"))
        wait_for_a_lock(server_harness, putting)
        elsewhere.commit()
        free = putting.result()

    assert not free
    assert states(server_harness) == {second: State.WAITING}


def test_what_ends_while_the_next_is_held_makes_it_due(server_harness: SqlHarness) -> None:
    """The other way round: the relay is first, and whoever ends the first one waits for it."""
    first, second = write_line(server_harness, many=2)
    relay = start(server_harness)
    relay.put(waiting(first, "k"))
    table = server_harness.tables.delivery

    def end() -> None:
        with server_harness.engine.begin() as connection:
            remove(connection, server_harness, first)

    with ThreadPoolExecutor(1) as pool, server_harness.engine.connect() as elsewhere:
        now = elsewhere.scalar(select(database_now()))
        row = {"handler": "billing", "id": second, "line": "k", "state": "held"}
        times = {"due_at": now, "updated_at": now, "attempts": 0, "crashes": 0}
        elsewhere.execute(table.insert(), row | times)
        advance(elsewhere, server_harness.tables, [LINE])
        ending = pool.submit(end)
        wait_for_a_lock(server_harness, ending)
        elsewhere.commit()
        ending.result()

    assert states(server_harness) == {second: State.WAITING}


def test_ten_thousand_lines_are_settled_at_once(harness: SqlHarness) -> None:
    """An outage leaves a line for each key, and its end frees them all."""
    many = 10_000
    insert_many(harness, many, keyed=True)
    relay = start(harness)
    numbers = [stored.id for stored in relay.read(fresh=many).fresh]

    relay.put(*(held(number, f"k{n}") for n, number in enumerate(numbers)))
    found = relay.read(late=many).late
    free = relay.settle(removed=[key_of(late) for late in found])

    assert [late.stored.id for late in found] == numbers
    assert len(free) == many
    assert not harness.deliveries()


def test_ten_thousand_held_behind_one_are_read_in_order(harness: SqlHarness) -> None:
    """One key may hold them all; with it they are read, as many as were asked for."""
    many = 10_000
    insert_many(harness, many, keyed=False)
    relay = start(harness)
    numbers = [stored.id for stored in relay.read(fresh=many).fresh]

    relay.put(*(held(number, "k") for number in numbers))

    assert [key_of(late) for late in relay.read(late=3000).late] == [
        ("billing", number) for number in numbers[:3000]
    ]
    known = {("billing", number) for number in numbers[1:2000]}
    found = relay.read(late=10, known_late=known).late
    assert [late.stored.id for late in found] == [numbers[0], *numbers[2000:2009]]


@pytest.mark.parametrize("other", ["k ", "K", " k", "\u212a"])
def test_a_dead_key_blocks_no_other(harness: SqlHarness, other: str) -> None:
    """However alike two keys are: what stands behind one does not wait for the other."""
    first, second = write(harness, record("k"), record(other))
    relay = start(harness)

    relay.put(dead(first, "k"), held(second, other))

    assert states(harness) == {first: State.DEAD, second: State.WAITING}
    assert relay.late() == [("billing", second)]


def test_a_long_line_leaves_something_to_the_others(harness: SqlHarness) -> None:
    """What is due in other lines comes with it, however long the line is."""
    numbers = write(harness, *(record("k") for _ in range(10)), record("other"))
    relay = start(harness)
    relay.put(*(held(number, "k") for number in numbers[:10]), waiting(numbers[10], "other"))

    found = relay.read(late=5).late

    assert [late.stored.id for late in found] == [*numbers[:4], numbers[10]]


def test_reading_asks_nothing_about_what_is_known(harness: SqlHarness) -> None:
    """Deliveries in the reader's hands do not count against the limit."""
    numbers = write(harness, *(record() for _ in range(6)))
    relay = start(harness)
    relay.put(*(waiting(number) for number in numbers))

    known = {("billing", number) for number in numbers[:4]}

    assert [late.stored.id for late in relay.read(late=1, known_late=known).late] == [numbers[4]]


def test_a_paused_handler_hides_nobody(harness: SqlHarness) -> None:
    """However many deliveries of a paused handler are due, those of others are found."""
    numbers = write(harness, *(record(to={"billing": None, "mail": None}) for _ in range(20)))
    relay = start(harness)
    relay.put(
        *(waiting(number) for number in numbers),
        Put("mail", numbers[-1], None, State.WAITING),
    )

    found = relay.read(late=2, paused=["billing"]).late

    assert [key_of(late) for late in found] == [("mail", numbers[-1])]


def test_a_replayed_delivery_says_so(harness: SqlHarness) -> None:
    """The handler finds it among the headers, at every try."""
    (number,) = write(harness, record(headers='{"ce-id": "1"}'))
    relay = start(harness)
    relay.put(waiting(number))
    table = harness.tables.delivery
    with harness.engine.begin() as connection:
        connection.execute(table.update().values(replayed_at=database_now()))

    relay.settle(puts=[waiting(number)])

    (late,) = relay.read().late
    headers = json.loads(late.stored.headers)
    assert headers["ce-id"] == "1"
    assert headers["tb-replayed"]


@pytest.mark.parametrize("said", ["\0", "\udc80 surrogate", "x" * 1_000_000, "\U0001f600"])
def test_whatever_a_handler_raises_is_kept(harness: SqlHarness, said: str) -> None:
    """No error is such that it cannot be written down, or the relay would never get past it."""
    (number,) = write(harness, record())
    relay = start(harness)

    relay.put(Put("billing", number, None, State.DEAD, error=said, traceback=said))

    (row,) = harness.deliveries()
    assert row.error
    assert row.traceback
    assert len(row.error) < 10_000


def test_a_line_is_settled_in_few_statements(harness: SqlHarness) -> None:
    """It does not take a statement for each of a hundred lines."""
    numbers = write(harness, *(record(f"k{n}") for n in range(100)))
    relay = start(harness)
    relay.put(*(waiting(number, f"k{n}") for n, number in enumerate(numbers)))
    counted = list[str]()

    def count(*told: object) -> None:
        counted.append(str(told[2]))

    for engine in harness.engines:
        event.listen(engine, "before_cursor_execute", count)
    relay.settle(
        puts=[dead(number, None) for number in numbers[:50]],
        removed=[("billing", number) for number in numbers[50:]],
    )

    assert 0 < len(counted) < 15


def insert_many(harness: SqlHarness, many: int, *, keyed: bool) -> None:
    """Commit many events in one transaction."""
    writer = harness.begin()
    writer.add_all([record(f"k{n}" if keyed else "k") for n in range(many)])
    writer.commit()


def test_a_delivery_sent_elsewhere_is_read_when_it_is_due(harness: SqlHarness) -> None:
    """Who was to remove it did not: it is handed over again."""
    (number,) = write(harness, record())
    relay = start(harness)
    relay.put(Put("billing", number, None, State.SENT, due=timedelta(minutes=5)))

    before = relay.late()
    harness.pass_time(timedelta(minutes=6))

    assert before == []
    assert relay.late() == [("billing", number)]


def test_scattered_events_in_hand_are_left_out(harness: SqlHarness) -> None:
    """However many holes there are in what the reader has in its hands."""
    numbers = insert_and_read(harness, 600)
    relay = start(harness)

    found = relay.read(fresh=20, known=numbers[::2])

    assert [stored.id for stored in found.fresh] == numbers[1:40:2]


def insert_and_read(harness: SqlHarness, many: int) -> list[int]:
    """Commit many events, and return their numbers."""
    insert_many(harness, many, keyed=False)
    return sorted(harness.pending())
