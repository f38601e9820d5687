"""What a relay is told: `typedbus relay shop.relay:outbox`, in a process beside the shop."""

from shop import database
from shop.database import outbox
from typedbus import discover

__all__ = ["outbox"]

database.connect()
discover("shop")
