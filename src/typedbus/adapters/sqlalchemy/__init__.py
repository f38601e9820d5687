"""SQLAlchemy: handlers that run once the transaction of a session is over.

`introduce` a sessionmaker once, then `@bus.on(OrderPlaced, via=after_commit)`. Works for Session
and AsyncSession, of SQLAlchemy 2.0 and 2.1.
"""

from typedbus.adapters.sqlalchemy.deliveries import after_commit, after_rollback
from typedbus.adapters.sqlalchemy.explicit import within
from typedbus.adapters.sqlalchemy.introducing import introduce
from typedbus.adapters.sqlalchemy.joining import transaction

__all__ = ["after_commit", "after_rollback", "introduce", "transaction", "within"]
