"""The how-to's first note: no global bus, so nothing accumulates and nothing is reset by hand."""

from fastapi.testclient import TestClient

from nene2.app import create_app
from nene2.events import UserCreated
from nene2.services import Services, create_services
from typedbus.adapters.fastapi import after_response

ALICE = {"name": "Alice", "email": "alice@example.com"}


def test_two_apps_share_nothing() -> None:
    """Each app makes a bus of its own: what one publishes, the other never hears."""
    first, second = (create_services(later=after_response) for _ in range(2))

    TestClient(create_app(first)).post("/users", json=ALICE)

    assert len(first.mailer.sent) == 1
    assert second.mailer.sent == []


def test_an_app_made_without_services_makes_its_own() -> None:
    """`create_app()` is all that a server needs."""
    answers = [TestClient(create_app()).post("/users", json=ALICE) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]


def test_a_subscription_ends_with_its_block(services: Services) -> None:
    """What a test subscribes by `with` is gone afterwards, even from a bus that lives on."""
    before = services.bus.subscriptions()
    events: list[UserCreated] = []

    with services.bus.subscribe(UserCreated, events.append) as subscription:
        assert services.bus.subscriptions() == (*before, subscription)

    assert services.bus.subscriptions() == before


def test_a_bus_belongs_to_no_event_loop(services: Services) -> None:
    """Each client brings a loop of its own; the bus, made before them, serves one after another."""
    events: list[UserCreated] = []

    @services.bus.on(UserCreated, via=after_response)
    async def notify(event: UserCreated) -> None:
        events.append(event)

    for name in ("Alice", "Bob"):
        with TestClient(create_app(services)) as client:
            client.post("/users", json={"name": name, "email": f"{name}@example.com"})

    assert [event.email for event in events] == ["Alice@example.com", "Bob@example.com"]
