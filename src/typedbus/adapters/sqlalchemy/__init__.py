"""SQLAlchemy: handlers that run once the transaction of a session is over, and the outbox.

`introduce` a sessionmaker once, then `@bus.on(OrderPlaced, via=after_commit)`; or make an `Outbox`
of it, then `@bus.on(OrderPlaced, via=outbox.durable("billing.invoice"))`. Works for Session and
AsyncSession, of SQLAlchemy 2.0 and 2.1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from typedbus.adapters.sqlalchemy.deliveries import after_commit, after_rollback
from typedbus.adapters.sqlalchemy.explicit import within
from typedbus.adapters.sqlalchemy.introducing import introduce
from typedbus.adapters.sqlalchemy.joining import transaction

if TYPE_CHECKING:
    from typedbus.adapters.sqlalchemy.outbox.outbox import Outbox
    from typedbus.adapters.sqlalchemy.outbox.units import current_delivery

__all__ = [
    "Outbox",
    "after_commit",
    "after_rollback",
    "current_delivery",
    "introduce",
    "transaction",
    "within",
]


def __getattr__(name: str) -> object:
    """Import what has to do with the outbox when it is asked for: it knows three databases."""
    if name == "Outbox":
        from typedbus.adapters.sqlalchemy.outbox.outbox import Outbox

        return Outbox
    if name == "current_delivery":
        from typedbus.adapters.sqlalchemy.outbox.units import current_delivery

        return current_delivery
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
