"""The reference empties the bus or replaces `emit` in tests; here nothing is patched or reset."""

import asyncio
from pathlib import Path

from fastapi.testclient import TestClient

from fastsoyadmin.app import create_app
from fastsoyadmin.business.hr.services import CreateEmployee
from fastsoyadmin.contracts.hr import EmployeeCreated
from fastsoyadmin.database import open_database
from fastsoyadmin.events import DomainEvent, bus
from fastsoyadmin.tests.seeing import ALICE, CAROL
from typedbus import AsyncBus


class Published(list[EmployeeCreated]):
    """A publisher without a bus: `AsyncPublisher` asks for one method and no base class."""

    async def publish(self, event: EmployeeCreated) -> None:
        self.append(event)


def test_a_use_case_runs_without_any_handler(database: str) -> None:
    """A bus on which nobody listens is all that it takes to switch them off."""

    async def create() -> int:
        async with open_database(database):
            create_employee = CreateEmployee(AsyncBus(DomainEvent))
            return await create_employee.execute(7, "Carol", "carol@company.example", created_by=1)

    assert asyncio.run(create()) == 1


def test_a_use_case_is_content_with_anything_that_publishes(database: str) -> None:
    """A test of the use case alone collects what it publishes in a list."""
    published = Published()

    async def create() -> None:
        async with open_database(database):
            await CreateEmployee(published).execute(
                7, "Carol", "carol@company.example", created_by=1
            )

    asyncio.run(create())

    assert [event.name for event in published] == ["Carol"]


def test_a_subscription_of_a_test_ends_with_its_block(client: TestClient) -> None:
    """The handlers of the program stay: nothing is emptied that an import would have to refill."""
    before = bus.subscriptions()
    events: list[EmployeeCreated] = []

    with bus.subscribe(EmployeeCreated, events.append) as subscription:
        client.post("/hr/employees", json=CAROL)
        assert bus.subscriptions() == (*before, subscription)

    assert [event.name for event in events] == ["Carol"]
    assert bus.subscriptions() == before


def test_an_app_begins_with_its_own_database_and_an_empty_cache(tmp_path: Path) -> None:
    """Apps come one after the other, each in an event loop of its own; handlers are there once."""
    headcounts = []
    for name in ("first", "second"):
        with TestClient(create_app(f"sqlite+aiosqlite:///{tmp_path}/{name}.sqlite3")) as client:
            client.post("/system/users", json=ALICE)
            token = client.post("/system/login", json=ALICE).json()["token"]
            client.headers["Authorization"] = f"Bearer {token}"
            headcounts.append(client.get("/statistics/headcount").json()["onboarding"])
            client.post("/hr/employees", json=CAROL)
            headcounts.append(client.get("/statistics/headcount").json()["onboarding"])

    assert headcounts == [0, 1, 0, 1]
