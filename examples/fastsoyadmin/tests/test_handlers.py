"""Order, isolation, logging, and handlers of every kind."""

import asyncio
from datetime import date
from functools import partial

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from fastsoyadmin.contracts.hr import EmployeeCreated, EmployeeStatusChanged
from fastsoyadmin.events import DomainEvent, bus
from fastsoyadmin.tests.seeing import CAROL, Seen
from typedbus import AsyncBus, errors

CREATED = EmployeeCreated(
    employee_id=1, department_id=7, created_by=1, name="Carol", email="carol@company.example"
)


@pytest.fixture
def own_bus() -> AsyncBus[DomainEvent]:
    """A bus such as that of the program, on which nobody listens yet."""
    return AsyncBus(DomainEvent, on_error="log")


def test_a_mail_that_cannot_be_sent_keeps_nothing_else_from_happening(
    client: TestClient, seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    """201, the other handlers run, and the log names handler and event and has the traceback."""
    response = client.post("/hr/employees", json={**CAROL, "email": "bounce@company.example"})

    assert response.status_code == 201
    assert seen.headcount() == {"onboarding": 1}
    assert (
        "fastsoyadmin.business.notify.handlers.send_welcome_mail failed on "
        "fastsoyadmin.contracts.hr.EmployeeCreated"
    ) in caplog.text
    assert "MailboxUnavailableError: bounce@company.example" in caplog.text


def test_an_inline_handler_that_fails_is_isolated_unless_it_says_otherwise(
    client: TestClient, seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    """The bus of the program logs: the employee is there, and HR has noticed nothing."""
    with bus.subscribe(EmployeeCreated, partial(fail, "the directory is away")):
        response = client.post("/hr/employees", json=CAROL)

    assert response.status_code == 201
    assert seen.headcount() == {"onboarding": 1}
    assert "ConnectionError: the directory is away" in caplog.text


def test_handlers_are_awaited_one_by_one_in_the_order_of_subscription(
    own_bus: AsyncBus[DomainEvent],
) -> None:
    """Sync and async ones alike, and those of the root class in their place between them."""
    calls: list[str] = []

    async def slow(event: EmployeeCreated) -> None:
        await asyncio.sleep(0)
        calls.append("slow")

    own_bus.subscribe(EmployeeCreated, slow)
    own_bus.subscribe(DomainEvent, lambda event: calls.append("root"))
    own_bus.subscribe(EmployeeCreated, lambda event: calls.append("quick"))

    asyncio.run(own_bus.publish(CREATED))

    assert calls == ["slow", "root", "quick"]


def test_a_partial_that_fails_is_isolated_and_named_as_well(
    own_bus: AsyncBus[DomainEvent], caplog: pytest.LogCaptureFixture
) -> None:
    """The reference reads `__qualname__`, which a partial lacks: its isolation broke on these."""
    heard: list[EmployeeCreated] = []
    own_bus.subscribe(EmployeeCreated, partial(fail, "the mail server is away"))
    own_bus.subscribe(EmployeeCreated, heard.append)

    asyncio.run(own_bus.publish(CREATED))

    assert heard == [CREATED]
    assert "fail" in caplog.text
    assert "ConnectionError: the mail server is away" in caplog.text


def test_an_object_with_an_async_call_is_awaited(own_bus: AsyncBus[DomainEvent]) -> None:
    """`iscoroutinefunction` says no to these: the reference made coroutines that nobody awaited."""
    counter = Counter()
    own_bus.subscribe(EmployeeCreated, counter)

    asyncio.run(own_bus.publish(CREATED))

    assert counter.heard == 1


def test_a_handler_survives_new_fields(own_bus: AsyncBus[DomainEvent]) -> None:
    """It takes one event and reads what it needs, so it needs no `**kwargs` to be safe."""
    names: list[str] = []
    own_bus.subscribe(EmployeeCreated, lambda event: names.append(event.name))

    class EmployeeCreatedOnTrial(EmployeeCreated):
        trial_until: date

    event = EmployeeCreatedOnTrial(**CREATED.model_dump(), trial_until=date(2027, 1, 31))
    asyncio.run(own_bus.publish(event))

    assert names == ["Carol"]


@pytest.mark.parametrize(
    "wrong",
    [{"to_state": "retired"}, {"employee_id": "one"}, {"actor": 1}],
    ids=["no such status", "no number", "no such field"],
)
def test_what_is_wrong_with_an_event_is_said_to_its_publisher(wrong: dict[str, object]) -> None:
    """It is not made, so no handler stumbles over it and no log swallows it."""
    fields = {"employee_id": 1, "from_state": "onboarding", "to_state": "active", "actor_id": 1}

    with pytest.raises(ValidationError):
        EmployeeStatusChanged.model_validate({**fields, **wrong})


def test_handlers_get_the_validated_event(own_bus: AsyncBus[DomainEvent]) -> None:
    """The reference validates and throws the result away: its handlers got the raw arguments."""
    heard: list[EmployeeCreated] = []
    own_bus.subscribe(EmployeeCreated, heard.append)

    raw = {**CREATED.model_dump(), "employee_id": "1"}
    asyncio.run(own_bus.publish(EmployeeCreated.model_validate(raw)))

    assert heard == [CREATED]


def test_no_string_names_an_event(own_bus: AsyncBus[DomainEvent]) -> None:
    """A name of the old kind, or a typo, is no silent no-op: the error says what to write."""
    with pytest.raises(errors.EventTypeError, match="write EmployeeCreated"):
        own_bus.on("employee.created")  # type: ignore[event-name]  # the mistake under test


class Counter:
    """Counts what it hears."""

    def __init__(self) -> None:
        self.heard = 0

    async def __call__(self, event: EmployeeCreated) -> None:
        self.heard += 1


def fail(reason: str, event: EmployeeCreated) -> None:
    """Fail, as a handler that needs another machine does one day."""
    raise ConnectionError(reason)
