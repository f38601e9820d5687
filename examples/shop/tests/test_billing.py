"""Invoices: owed with the order, written when a relay runs."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from shop.app import create_app
from shop.database import outbox


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of its own for each test's shop."""
    path = tmp_path / "shop.sqlite3"
    monkeypatch.setenv("SHOP_DATABASE", str(path))
    return path


@pytest.fixture
def client(database: Path) -> Iterator[TestClient]:
    """A shop with two customers, numbers 1 and 2."""
    with TestClient(create_app()) as client:
        for name in ("Ada", "Eve"):
            client.post("/customers", json={"name": name, "email": f"{name}@example.com"})
        yield client


def order(client: TestClient, customer_id: int, pieces: int = 1) -> None:
    """Order cups."""
    body = {"customer_id": customer_id, "product": "cup", "pieces": pieces}
    client.post("/orders", json=body)


def invoices(database: Path) -> list[tuple[int, int]]:
    """Return the customer and the order of each invoice, in the order in which they were written.

    On a connection of its own: what others have not committed is not there.
    """
    connection = sqlite3.connect(database)
    try:
        return connection.execute(
            "SELECT customer_id, order_id FROM invoice ORDER BY customer_id, id"
        ).fetchall()
    finally:
        connection.close()


def test_an_order_is_invoiced_when_the_relay_runs(client: TestClient, database: Path) -> None:
    """The order waits for nobody; its invoice comes later, and once."""
    order(client, customer_id=1)
    before = invoices(database)

    outbox.drain()
    outbox.drain()

    assert before == []
    assert invoices(database) == [(1, 1)]


def test_the_orders_of_a_customer_are_invoiced_in_order(client: TestClient, database: Path) -> None:
    """Those of several customers may be written in any order."""
    for customer_id in (1, 2, 1, 1, 2):
        order(client, customer_id)

    outbox.drain()

    assert invoices(database) == [(1, 1), (1, 3), (1, 4), (2, 2), (2, 5)]


def test_an_order_that_is_refused_is_not_invoiced(client: TestClient, database: Path) -> None:
    """What is owed is written in the transaction of the order, and rolled back with it."""
    order(client, customer_id=1, pieces=401)

    outbox.drain()

    assert invoices(database) == []
