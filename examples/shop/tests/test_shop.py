"""The shop over HTTP: what its handlers promise, seen from outside."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shop.app import create_app

TEAPOTS = 5
"""How many are on the shelf when the shop opens."""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of its own for each test's shop."""
    path = tmp_path / "shop.sqlite3"
    monkeypatch.setenv("SHOP_DATABASE", str(path))
    return path


@pytest.fixture
def client(database: Path) -> Iterator[TestClient]:
    """A shop with one customer, number 1."""
    with TestClient(create_app()) as client:
        client.post("/customers", json={"name": "Ada", "email": "ada@example.com"})
        yield client


def order(client: TestClient, pieces: int, customer_id: int = 1) -> int:
    """Order teapots and return the status of the answer."""
    body = {"customer_id": customer_id, "product": "teapot", "pieces": pieces}
    return client.post("/orders", json=body).status_code


def rows(database: Path, query: str) -> list[tuple[object, ...]]:
    """Return what *query* finds on a connection of its own."""
    connection = sqlite3.connect(database)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_an_order_takes_its_pieces_off_the_shelf(client: TestClient, database: Path) -> None:
    """The inline handler works in the transaction of the order."""
    status = order(client, pieces=2)

    assert status == 201
    assert rows(database, "SELECT pieces FROM stock WHERE product = 'teapot'") == [(TEAPOTS - 2,)]
    assert rows(database, "SELECT count(*) FROM purchase") == [(1,)]


def test_a_handler_that_raises_refuses_the_order(client: TestClient, database: Path) -> None:
    """Nothing of a refused order stays: no row, no mail, no count."""
    status = order(client, pieces=TEAPOTS + 1)

    assert status == 409
    assert rows(database, "SELECT count(*) FROM purchase") == [(0,)]
    assert rows(database, "SELECT subject FROM mail") == [("Welcome, Ada",)]
    assert client.get("/statistics").json() == {"CustomerRegistered": 1}


def test_the_board_shows_what_is_committed(client: TestClient) -> None:
    """An order changes it once it is committed, and a refused one never does."""
    order(client, pieces=2)
    order(client, pieces=TEAPOTS)

    board = client.get("/board").json()

    assert board == {"cup": 400, "teapot": TEAPOTS - 2}


def test_a_refused_order_is_remembered_when_it_is_rolled_back(
    client: TestClient, database: Path
) -> None:
    """The handler after the rollback writes in a transaction of its own, which stays."""
    order(client, pieces=TEAPOTS + 1)
    order(client, pieces=1)

    assert rows(database, "SELECT product, pieces FROM lost_sale") == [("teapot", TEAPOTS + 1)]


def test_an_event_published_by_a_handler_reaches_its_own_handlers(
    client: TestClient, database: Path
) -> None:
    """A publish inside a handler comes to its end first: the buyer is written to first."""
    order(client, pieces=3)

    assert rows(database, "SELECT recipient FROM mail ORDER BY id") == [
        ("ada@example.com",),
        ("buyer@shop.example",),
        ("ada@example.com",),
    ]


def test_a_mail_that_fails_neither_fails_the_order_nor_stops_the_others(
    client: TestClient, database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """After the response, handlers are isolated from each other; the failure is logged."""
    client.post("/customers", json={"name": "Bob", "email": "bounce@example.com"})

    status = order(client, pieces=1, customer_id=2)

    assert status == 201
    assert client.get("/statistics").json() == {"CustomerRegistered": 2, "OrderPlaced": 1}
    assert "shop.mail.handlers.send_confirmation failed on" in caplog.text


def test_the_journal_tells_what_a_request_caused(client: TestClient) -> None:
    """The correlation id, which is the request's, is there inline and after the response."""
    body = {"customer_id": 1, "product": "cup", "pieces": 1}
    client.post("/orders", json=body, headers={"x-request-id": "r-1"})

    journal = client.get("/journal/r-1").json()

    sent = journal["response_sent_ms"]
    before = [run["handler"] for run in journal["runs"] if run["began_ms"] < sent]
    after = [run["handler"] for run in journal["runs"] if run["began_ms"] > sent]
    assert before == [
        "shop.events.note_in_journal",
        "shop.stock.handlers.reserve",
        "shop.stock.handlers.update_board",
    ]
    assert after == [
        "shop.mail.handlers.send_confirmation",
        "shop.statistics.handlers.count",
    ]
