"""What happens in this program: the events, and nothing else."""

from dataclasses import field
from datetime import UTC, datetime

from typedbus import Event


def now() -> datetime:
    """Return this moment, in UTC."""
    return datetime.now(UTC)


class DomainEvent(Event):
    """Every event of this program: what its bus carries."""

    occurred_at: datetime = field(default_factory=now)


class UserCreated(DomainEvent):
    user_id: int
    email: str


class OrderPlaced(DomainEvent):
    order_id: str
    email: str
    total_amount: int


class OrderCancelled(DomainEvent):
    order_id: str
