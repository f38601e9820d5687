"""The rules of transactions, on the databases that people run: PostgreSQL and MariaDB."""

import json
from collections.abc import Callable

from tests.servers.database import Database


def test_the_rules_of_transactions_hold_on_postgresql(
    run_inside: Callable[..., None], postgres_database: Database
) -> None:
    """Where an error aborts the transaction, and a commit of it rolls it back."""
    on_postgresql = {"TYPEDBUS_DJANGO_DATABASE": json.dumps(postgres_database.django)}

    run_inside("test_transactions.py test_aborted.py", on_postgresql)


def test_the_rules_of_transactions_hold_on_mariadb(
    run_inside: Callable[..., None], mariadb_database: Database
) -> None:
    """Where an error leaves the transaction open."""
    on_mariadb = {"TYPEDBUS_DJANGO_DATABASE": json.dumps(mariadb_database.django)}

    run_inside("test_transactions.py test_aborted.py", on_mariadb)
