"""Orders and their invoices, as they stand in the database."""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from shop.demo.relay import Relay

_PATIENCE_S = 60


class Account(NamedTuple):
    """The orders of one customer, and the orders that have invoices, both as they came."""

    customer: str
    orders: list[int]
    invoiced: list[int]

    @property
    def missing(self) -> int:
        """How many orders have no invoice."""
        return len({*self.orders} - {*self.invoiced})

    @property
    def twice(self) -> int:
        """How many invoices there are beyond the first of each order."""
        return sum((Counter(self.invoiced) - Counter({*self.invoiced})).values())

    @property
    def is_right(self) -> bool:
        """Whether each order was invoiced once, in the order in which they were placed."""
        return self.invoiced == self.orders


def accounts_in(folder: Path) -> list[Account]:
    """Return how it stands with each customer who ordered something."""
    with closing(sqlite3.connect(folder / "shop.sqlite3")) as connection:
        purchases = connection.execute("SELECT customer_id, id FROM purchase ORDER BY id")
        orders = _by_customer(purchases)
        invoices = connection.execute("SELECT customer_id, order_id FROM invoice ORDER BY id")
        invoiced = _by_customer(invoices)
        names = dict(connection.execute("SELECT id, name FROM customer").fetchall())
    return [Account(names[each], orders[each], invoiced.get(each, [])) for each in orders]


def wait_until(
    enough: Callable[[list[Account]], bool], folder: Path, relay: Relay
) -> list[Account]:
    """Wait until *enough* invoices are there, and return how it stands then."""
    waiting_since = time.monotonic()
    while not enough(accounts := accounts_in(folder)):
        if not relay.is_running or time.monotonic() - waiting_since > _PATIENCE_S:
            shown = "\n".join(account_table(accounts))
            raise SystemExit(f"No more invoices come:\n{shown}\n{relay.log.read_text()}")
        time.sleep(0.01)
    return accounts


def account_table(accounts: list[Account]) -> Iterator[str]:
    """Yield *accounts* as lines."""
    yield f"    {'customer':<12}{'orders':>8}{'invoices':>10}{'missing':>9}{'twice':>7}   in order"
    for each in accounts:
        yield (
            f"    {each.customer:<12}{len(each.orders):>8}{len(each.invoiced):>10}"
            f"{each.missing:>9}{each.twice:>7}   {'yes' if each.is_right else 'NO'}"
        )


def _by_customer(rows: sqlite3.Cursor) -> dict[int, list[int]]:
    found = dict[int, list[int]]()
    for customer_id, order_id in rows:
        found.setdefault(customer_id, []).append(order_id)
    return found
