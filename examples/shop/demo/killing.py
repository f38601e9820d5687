"""Many orders, while the relay that writes their invoices is killed and started again."""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from shop.demo.invoices import Account, account_table, accounts_in, wait_until
from shop.demo.relay import Relay
from shop.demo.server import Shop

CUSTOMERS = ("Cyd", "Dan", "Eve")
ORDERS = 40
"""Of each of them."""
KILLED_AFTER = 20
"""Invoices: the relay is killed as soon as there are so many, while orders still come in."""


def invoice_in_spite_of_kill(shop: Shop, folder: Path) -> list[Account]:
    """Place orders, kill the relay in the middle, start it again; return what came of it."""
    total = len(CUSTOMERS) * ORDERS
    print(
        f"Invoices are written by a process of its own, `typedbus relay shop.relay:outbox`.\n"
        f"{', '.join(CUSTOMERS)} place {ORDERS} orders each, and nobody waits for an invoice:\n",
        flush=True,
    )
    relay = Relay(folder)
    try:
        with ThreadPoolExecutor(len(CUSTOMERS)) as threads:
            placed = [threads.submit(_place_orders, shop, name) for name in CUSTOMERS]
            _kill_in_the_middle(relay, folder)
            _all_ended(placed)
        waiting = _missing(accounts_in(folder))
        print(f"    {total} orders are placed; {waiting} have no invoice, and no relay runs")
        relay = Relay(folder)
        began = time.perf_counter()
        wait_until(lambda accounts: not _missing(accounts), folder, relay)
        took = time.perf_counter() - began
        print(f"    relay {relay.pid} is started: {took:.1f} s later all of them are written\n")
    finally:
        relay.stop()
    accounts = accounts_in(folder)
    print("\n".join(account_table(accounts)), end="\n\n", flush=True)
    return accounts


def _kill_in_the_middle(relay: Relay, folder: Path) -> None:
    accounts = wait_until(lambda accounts: _written(accounts) >= KILLED_AFTER, folder, relay)
    relay.kill()
    print(
        f"    relay {relay.pid} is killed (SIGKILL) when {_written(accounts)} invoices are written"
    )


def _place_orders(shop: Shop, name: str) -> None:
    body = {"name": name, "email": f"{name.lower()}@example.com"}
    customer_id = shop.ask("POST", "/customers", body).body["customer_id"]
    for _ in range(ORDERS):
        order = {"customer_id": customer_id, "product": "cup", "pieces": 1}
        answer = shop.ask("POST", "/orders", order)
        if answer.status != 201:
            raise SystemExit(f"An order of {name} was not taken: {answer}")


def _all_ended(placed: list[Future[None]]) -> None:
    for each in placed:
        each.result()


def _written(accounts: list[Account]) -> int:
    return sum(len(account.invoiced) for account in accounts)


def _missing(accounts: list[Account]) -> int:
    return sum(account.missing for account in accounts)
