"""Section 2: use cases that publish, without HTTP, and who hears them."""

import pytest

from nene2.audit import AuditLog
from nene2.events import DomainEvent, OrderCancelled, UserCreated
from nene2.orders import CancelOrder, NoSuchOrderError, Orders, PlaceOrder
from nene2.services import Services
from nene2.users import CreateUser, Users
from typedbus import Bus, HandlersFailedError

ALICE = ("Alice", "alice@example.com")


class Published(list[UserCreated]):
    """A publisher without a bus: `Publisher` asks for one method and no base class."""

    def publish(self, event: UserCreated) -> None:
        self.append(event)


def test_a_use_case_is_content_with_anything_that_publishes() -> None:
    """Constructor injection: a test of the use case alone needs no bus and no handler."""
    published = Published()

    user = CreateUser(Users(), published).execute(*ALICE)

    assert [(event.user_id, event.email) for event in published] == [(user.user_id, user.email)]


def test_every_handler_of_an_event_is_called_in_the_order_of_subscription() -> None:
    """One event, several handlers: all get the very same event."""
    bus = Bus(DomainEvent)
    calls: list[tuple[str, UserCreated]] = []
    bus.subscribe(UserCreated, lambda event: calls.append(("first", event)))
    bus.subscribe(UserCreated, lambda event: calls.append(("second", event)))

    CreateUser(Users(), bus).execute(*ALICE)

    (first, event), (second, same_event) = calls
    assert (first, second) == ("first", "second")
    assert event is same_event


def test_an_event_without_handlers_is_fine() -> None:
    """Publishing goes nowhere, and one can ask who listens."""
    bus = Bus(DomainEvent)

    user = CreateUser(Users(), bus).execute(*ALICE)

    assert user.user_id == 1
    assert bus.subscriptions(UserCreated) == ()


def test_a_handler_hears_the_events_of_its_class_alone() -> None:
    """Cancelling an order is no news to those who wait for new users."""
    bus = Bus(DomainEvent)
    orders = Orders()
    created: list[UserCreated] = []
    cancelled: list[OrderCancelled] = []
    bus.subscribe(UserCreated, created.append)
    bus.subscribe(OrderCancelled, cancelled.append)
    order = PlaceOrder(orders, bus).execute("alice@example.com", 1200)

    CancelOrder(orders, bus).execute(order.order_id)

    assert created == []
    assert [event.order_id for event in cancelled] == [order.order_id]


def test_a_handler_of_the_base_event_hears_everything() -> None:
    """One subscription records whatever is published, as the bus's own list once did."""
    bus = Bus(DomainEvent)
    events: list[DomainEvent] = []
    bus.subscribe(DomainEvent, events.append)
    orders = Orders()

    CreateUser(Users(), bus).execute(*ALICE)
    order = PlaceOrder(orders, bus).execute("alice@example.com", 1200)
    CancelOrder(orders, bus).execute(order.order_id)

    names = [type(event).__name__ for event in events]
    assert names == ["UserCreated", "OrderPlaced", "OrderCancelled"]


def test_what_did_not_happen_is_not_published() -> None:
    """An order that is not there cannot be cancelled, and nobody hears of it."""
    bus = Bus(DomainEvent)
    events: list[DomainEvent] = []
    bus.subscribe(DomainEvent, events.append)

    with pytest.raises(NoSuchOrderError):
        CancelOrder(Orders(), bus).execute("o-1")

    assert events == []


def test_a_failing_handler_spares_the_use_case_and_the_other_handlers(
    services: Services, caplog: pytest.LogCaptureFixture
) -> None:
    """The bus of this program logs the failure, with the handler's name and its traceback."""
    events: list[UserCreated] = []
    services.bus.subscribe(UserCreated, fail)
    services.bus.subscribe(UserCreated, events.append)

    user = CreateUser(services.users, services.bus).execute(*ALICE)

    assert [event.user_id for event in events] == [user.user_id]
    assert "fail failed on nene2.events.UserCreated" in caplog.text
    assert "the mail server is away" in caplog.text


def test_a_test_may_want_the_errors_of_handlers() -> None:
    """On a bus of the default policy every handler runs, then the errors are raised together."""
    bus = Bus(DomainEvent)
    audit = AuditLog()
    bus.subscribe(UserCreated, fail)
    bus.subscribe(DomainEvent, audit.record)

    with pytest.raises(HandlersFailedError) as caught:
        CreateUser(Users(), bus).execute(*ALICE)

    assert [str(error) for error in caught.value.exceptions] == ["the mail server is away"]
    assert len(audit.lines) == 1


def fail(event: UserCreated) -> None:
    """Fail, as a handler that needs another machine does one day."""
    raise ConnectionError("the mail server is away")
