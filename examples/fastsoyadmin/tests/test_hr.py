"""HR publishes, and knows nobody; what the other modules make of it, seen from outside."""

import asyncio

from fastapi.testclient import TestClient

from fastsoyadmin.business.hr.services import ChangeStatus
from fastsoyadmin.business.hr.status import TransitionError
from fastsoyadmin.contracts.hr import EmployeeStatus
from fastsoyadmin.events import bus
from fastsoyadmin.tests.seeing import CAROL, Seen


def test_a_new_employee_is_audited_counted_and_welcomed(client: TestClient, seen: Seen) -> None:
    """Three modules react to one event, and HR imports none of them."""
    response = client.post("/hr/employees", json=CAROL)

    assert response.status_code == 201
    assert seen.audit("EmployeeCreated") == [{"employee_id": 1, "created_by": 1, **CAROL}]
    assert seen.headcount() == {"onboarding": 1}
    assert seen.notices()[1:] == ["Welcome, Carol"]


def test_a_transition_is_published_with_both_states_and_who_did_it(
    client: TestClient, seen: Seen
) -> None:
    """The table of the reference: employee_id, from_state, to_state, actor_id."""
    client.post("/hr/employees", json=CAROL)

    response = client.put("/hr/employees/1/status", json={"status": "active"})

    assert response.status_code == 204
    assert seen.audit("EmployeeStatusChanged") == [
        {"employee_id": 1, "from_state": "onboarding", "to_state": "active", "actor_id": 1}
    ]
    assert seen.headcount() == {"active": 1}
    assert seen.notices()[2:] == ["Employee 1 is active now"]


def test_a_transition_that_is_not_there_publishes_nothing(client: TestClient, seen: Seen) -> None:
    """Nobody goes on leave while onboarding: the answer says what can follow."""
    client.post("/hr/employees", json=CAROL)

    response = client.put("/hr/employees/1/status", json={"status": "on_leave"})

    assert response.status_code == 409
    assert "only active, resigned can follow" in response.json()["detail"]
    assert seen.audit("EmployeeStatusChanged") == []


def test_nobody_can_change_an_employee_who_is_not_there(client: TestClient, seen: Seen) -> None:
    """404, and no event."""
    response = client.put("/hr/employees/9/status", json={"status": "active"})

    assert response.status_code == 404
    assert seen.audit("EmployeeStatusChanged") == []


def test_of_two_transitions_at_once_one_is_published(client: TestClient, seen: Seen) -> None:
    """The state machine is asked by the database, in the statement that writes."""
    client.post("/hr/employees", json=CAROL)

    async def both() -> list[BaseException | None]:
        passes = [ChangeStatus(bus).execute(1, EmployeeStatus.ACTIVE, actor_id=1) for _ in range(2)]
        return await asyncio.gather(*passes, return_exceptions=True)

    assert client.portal is not None
    results = client.portal.call(both)

    assert {type(each) for each in results} == {TransitionError, type(None)}
    assert len(seen.audit("EmployeeStatusChanged")) == 1
    assert seen.headcount() == {"active": 1}
