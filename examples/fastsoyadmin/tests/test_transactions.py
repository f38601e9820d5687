"""After the commit, and in the transaction: what was a convention of call order is kept here."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from fastsoyadmin.business.statistics.counting import cache
from fastsoyadmin.contracts.hr import EmployeeCreated
from fastsoyadmin.database import Sessions
from fastsoyadmin.events import bus
from fastsoyadmin.tests.seeing import CAROL, Seen
from typedbus.adapters.sqlalchemy import after_commit


async def committed_employees() -> int:
    """Count them as anybody sees them who is not in the transaction."""
    async with Sessions() as session:
        return await session.scalar(text("SELECT count(*) FROM employee")) or 0


def test_publishing_inside_the_transaction_notifies_after_its_commit(client: TestClient) -> None:
    """HR publishes where it writes; a handler after the commit finds the row, an inline one not."""
    counts: dict[str, int] = {}

    async def inline(event: EmployeeCreated) -> None:
        counts["inline"] = await committed_employees()

    async def later(event: EmployeeCreated) -> None:
        counts["after commit"] = await committed_employees()

    with (
        bus.subscribe(EmployeeCreated, after_commit(later)),
        bus.subscribe(EmployeeCreated, inline),
    ):
        client.post("/hr/employees", json=CAROL)

    assert counts == {"inline": 0, "after commit": 1}


def test_what_is_rolled_back_was_never_heard_of(
    client: TestClient, seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    """An inline handler refuses: no employee, no audit entry, no count and no mail."""
    caplog.set_level("INFO", logger="fastsoyadmin")

    with bus.subscribe(EmployeeCreated, refuse, on_error="raise"), pytest.raises(RefusedError):
        client.post("/hr/employees", json=CAROL)

    assert seen.audit("EmployeeCreated") == []
    assert seen.headcount() == {}
    assert "mail to" not in caplog.text
    assert client.put("/hr/employees/1/status", json={"status": "active"}).status_code == 404


@pytest.mark.parametrize("table", ["headcount", "audit_entry"])
def test_what_cannot_be_noted_does_not_happen(client: TestClient, table: str) -> None:
    """The inline handlers of the program have a say: their failure takes the employee back."""

    async def lose_the_table() -> None:
        async with Sessions.begin() as session:
            await session.execute(text(f"DROP TABLE {table}"))

    assert client.portal is not None
    client.portal.call(lose_the_table)

    with pytest.raises(OperationalError, match=table):
        client.post("/hr/employees", json=CAROL)

    assert client.portal.call(committed_employees) == 0


def test_a_request_during_the_transaction_cannot_make_the_cache_wrong(
    client: TestClient, seen: Seen
) -> None:
    """The old numbers may be cached until the commit; after it the cache forgets them."""
    cached: list[int] = []

    async def ask_too_early(event: EmployeeCreated) -> None:
        cached.append((await cache.headcount())["onboarding"])

    with bus.subscribe(EmployeeCreated, ask_too_early):
        client.post("/hr/employees", json=CAROL)

    assert cached == [0]
    assert seen.headcount() == {"onboarding": 1}


def refuse(event: EmployeeCreated) -> None:
    """Refuse, as a handler that has a say may do."""
    raise RefusedError(event.name)


class RefusedError(Exception):
    """The transaction is not to be."""
