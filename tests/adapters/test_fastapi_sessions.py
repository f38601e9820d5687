"""The session of a request is committed before its `after_response` handlers run."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Annotated, Literal

import pytest
from fastapi import Depends, FastAPI, HTTPException

from tests.adapters.fastapi_forms import (
    Form,
    OrderPlaced,
    both_forms,
    client_of,
    with_dependency,
    with_middleware,
)
from typedbus import Bus
from typedbus.adapters.fastapi import after_response

SessionScope = Literal["function", "request"]


class Shop:
    """A database of orders, with a session dependency and a bus whose handlers look into it."""

    def __init__(self, database: Path, log: list[str]) -> None:
        self._database = database
        self._log = log
        self.bus = Bus()
        with closing(self._connect()) as connection:
            connection.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY)")
            connection.execute(
                "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER"
                " REFERENCES customers DEFERRABLE INITIALLY DEFERRED)"
            )

        @self.bus.on(OrderPlaced, via=after_response)
        def look(event: OrderPlaced) -> None:
            log.append(f"handler sees {self.orders()}")

        @self.bus.on(OrderPlaced, via=after_response)
        async def look_async(event: OrderPlaced) -> None:
            log.append(f"async handler sees {self.orders()}")

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._database)
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def orders(self) -> list[int]:
        """Return the orders that are committed, over a connection of its own."""
        with closing(self._connect()) as connection:
            return [row[0] for row in connection.execute("SELECT id FROM orders")]

    async def session(self) -> AsyncIterator[sqlite3.Connection]:
        """Give a connection; commit if all went well, else roll back."""
        with closing(self._connect()) as connection:
            try:
                yield connection
                connection.commit()
                self._log.append("committed")
            except BaseException:
                connection.rollback()
                self._log.append("rolled back")
                raise

    def add_endpoints(self, app: FastAPI, scope: SessionScope) -> None:
        """Let *app* place orders with a session of that scope."""

        @app.get("/orders/{order_id}")
        async def place_order(
            order_id: int,
            session: Annotated[sqlite3.Connection, Depends(self.session, scope=scope)],
            customer: int | None = None,
        ) -> None:
            session.execute("INSERT INTO orders VALUES (?, ?)", (order_id, customer))
            self.bus.publish(OrderPlaced(order_id=order_id))
            if order_id == 0:
                raise HTTPException(409)


@both_forms
def test_a_session_of_function_scope_is_committed_first(form: Form, tmp_path: Path) -> None:
    """A second connection in the handler reads the row that the request wrote."""
    app, log = form(), list[str]()
    shop = Shop(tmp_path / "shop.db", log)
    shop.add_endpoints(app, "function")

    client_of(app, log).get("/orders/1")

    assert log[:3] == ["committed", "response 200", "response out"]
    assert log[3:] == ["handler sees [1]", "async handler sees [1]"]


def test_a_session_of_request_scope_is_committed_first_with_the_middleware(tmp_path: Path) -> None:
    """It commits after the response, and the handlers come after that."""
    app, log = with_middleware(), list[str]()
    shop = Shop(tmp_path / "shop.db", log)
    shop.add_endpoints(app, "request")

    client_of(app, log).get("/orders/1")

    assert log[:3] == ["response 200", "response out", "committed"]
    assert log[3:] == ["handler sees [1]", "async handler sees [1]"]


def test_a_session_of_request_scope_is_committed_last_with_the_dependency(tmp_path: Path) -> None:
    """FastAPI runs background tasks before: this is why function scope is asked for."""
    app, log = with_dependency(), list[str]()
    shop = Shop(tmp_path / "shop.db", log)
    shop.add_endpoints(app, "request")

    client_of(app, log).get("/orders/1")

    assert log[:2] == ["response 200", "response out"]
    assert log[2:] == ["handler sees []", "async handler sees []", "committed"]
    assert shop.orders() == [1]


@both_forms
@pytest.mark.parametrize("scope", ["function", "request"])
def test_a_session_that_is_rolled_back_runs_no_handlers(
    form: Form, scope: SessionScope, tmp_path: Path
) -> None:
    """The endpoint raised behind its publish."""
    app, log = form(), list[str]()
    shop = Shop(tmp_path / "shop.db", log)
    shop.add_endpoints(app, scope)

    client_of(app, log).get("/orders/0")

    assert log == ["rolled back", "response 409", "response out"]
    assert shop.orders() == []


@both_forms
def test_a_commit_that_fails_runs_no_handlers(form: Form, tmp_path: Path) -> None:
    """Here the database refuses a customer that does not exist, as late as on commit."""
    app, log = form(), list[str]()
    shop = Shop(tmp_path / "shop.db", log)
    shop.add_endpoints(app, "function")

    client_of(app, log, raises=False).get("/orders/1?customer=7")

    assert log == ["rolled back", "response 500", "response out"]
    assert shop.orders() == []


def test_a_commit_that_fails_behind_the_response_runs_no_handlers_with_the_middleware(
    tmp_path: Path,
) -> None:
    """The client was told 200, and still nothing happened that a handler could speak of."""
    app, log = with_middleware(), list[str]()
    shop = Shop(tmp_path / "shop.db", log)
    shop.add_endpoints(app, "request")

    client_of(app, log, raises=False).get("/orders/1?customer=7")

    assert log == ["response 200", "response out", "rolled back"]
    assert shop.orders() == []
