"""Section 5: a base event with a default, subclasses with required fields."""

from datetime import UTC, datetime

from nene2.events import DomainEvent, OrderPlaced


def test_a_required_field_may_follow_the_default_of_the_base_event() -> None:
    """No `kw_only=True` to remember: an event class is keyword-only by inheritance."""
    before = datetime.now(UTC)

    event = OrderPlaced(order_id="o-1", email="alice@example.com", total_amount=1200)

    assert before <= event.occurred_at <= datetime.now(UTC)


def test_the_moment_is_made_for_each_event() -> None:
    """The default is a function: no two events share what it returned."""
    first, second = DomainEvent(), DomainEvent()

    assert first.occurred_at is not second.occurred_at


def test_a_test_may_pass_the_moment_in() -> None:
    """Time is an argument like any other; nothing has to be patched."""
    noon = datetime(2026, 5, 20, 12, tzinfo=UTC)

    event = OrderPlaced(
        order_id="o-1", email="alice@example.com", total_amount=1200, occurred_at=noon
    )

    assert event.occurred_at == noon
