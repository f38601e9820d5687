"""Transactions that come to nothing, each in its way."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, connection, transaction


class RolledBackError(Exception):
    pass


@contextmanager
def rolled_back(using: str = "default", *, savepoint: bool = True) -> Iterator[None]:
    """Be a transaction, or a savepoint in one, that is left by an error; catch that outside."""
    with suppress(RolledBackError), transaction.atomic(using=using, savepoint=savepoint):
        yield
        raise RolledBackError


def fail_in_sql() -> None:
    """Let a statement fail, and go on as if it had not."""
    with suppress(DatabaseError), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM no_such_table")
