"""The system: users, log-in, and an audit that knows nobody."""

import pytest
from fastapi.testclient import TestClient

from fastsoyadmin.tests.seeing import ALICE, BOB, CAROL, Seen


def test_the_first_user_registers_freely_and_the_others_do_not(anonymous: TestClient) -> None:
    """Somebody has to be the first; from then on it takes a log-in."""
    statuses = [anonymous.post("/system/users", json=each).status_code for each in (ALICE, BOB)]

    assert statuses == [201, 401]


def test_a_user_logs_in_with_the_right_password(client: TestClient) -> None:
    """A wrong password and an unknown name get the same answer, and no token."""
    attempts = [ALICE, {**ALICE, "password": "guessed"}, BOB]

    statuses = [client.post("/system/login", json=each).status_code for each in attempts]

    assert statuses == [200, 401, 401]


def test_nobody_sees_anything_without_a_token(anonymous: TestClient) -> None:
    """Business modules ask the system who is there: that direction is allowed."""
    paths = ["/system/audit", "/notify/notices", "/statistics/headcount"]

    statuses = [anonymous.get(path).status_code for path in paths]

    assert statuses == [401, 401, 401]


def test_business_reacts_to_the_system_which_does_not_know_it(
    client: TestClient, seen: Seen
) -> None:
    """The system publishes that there is a new user; the mail to that user is not its concern."""
    client.post("/system/users", json=BOB)

    assert seen.notices() == ["Your account alice", "Your account bob"]


def test_a_name_belongs_to_one_user(client: TestClient, seen: Seen) -> None:
    """The error of the use case becomes a 409, and nothing was published."""
    response = client.post("/system/users", json=ALICE)

    assert response.status_code == 409
    assert seen.notices() == ["Your account alice"]


def test_the_audit_hears_every_event_by_the_root(client: TestClient) -> None:
    """One handler of `DomainEvent` notes what all modules publish; no list of names to keep."""
    client.post("/hr/employees", json=CAROL)

    events = [each["event"] for each in client.get("/system/audit").json()]

    assert events == ["UserRegistered", "UserLoggedIn", "EmployeeCreated"]


def test_no_password_travels(client: TestClient) -> None:
    """An event carries what others need to know and no more."""
    audit = client.get("/system/audit").text

    assert "alice@company.example" in audit
    assert "secret" not in audit


def test_a_sync_handler_is_fine(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """`log_login` waits for nothing, so it is a plain function."""
    caplog.set_level("INFO", logger="fastsoyadmin")

    client.post("/system/login", json=ALICE)

    assert "user 1 logged in" in caplog.text
