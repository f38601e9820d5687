"""`python -m shop.demo`: real requests to a real server, then the type checker."""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from shop.demo.checking import check_as_it_is, check_with_wrong_handlers
from shop.demo.invoices import Account
from shop.demo.killing import invoice_in_spite_of_kill
from shop.demo.report import counts, rows_of, table
from shop.demo.server import Shop, running_shop

ADA = {"name": "Ada", "email": "ada@example.com"}
BOB = {"name": "Bob", "email": "bounce@example.com"}
REQUESTS: tuple[tuple[str, str, dict[str, object], str, int], ...] = (
    ("POST", "/customers", {**ADA}, "a customer", 201),
    ("POST", "/customers", {**BOB}, "a customer whose mailbox refuses mail", 201),
    ("POST", "/orders", {"customer_id": 1, "product": "cup", "pieces": 4}, "an order", 201),
    ("POST", "/orders", {"customer_id": 1, "product": "teapot", "pieces": 9}, "too many", 409),
    ("POST", "/orders", {"customer_id": 2, "product": "teapot", "pieces": 3}, "the last few", 201),
    ("POST", "/orders", {"customer_id": 7, "product": "cup", "pieces": 1}, "nobody's order", 404),
)


def main() -> int:
    """Show the shop at work; return 0 if all went as it should."""
    with TemporaryDirectory(prefix="typedbus-demo-") as name:
        folder = Path(name)
        print("The shop runs under uvicorn, with SQLite in a temporary folder.\n", flush=True)
        with running_shop(folder) as shop:
            total, as_expected = _send_all(shop)
            statistics = shop.ask("GET", "/statistics").body
            board = shop.ask("GET", "/board").body
            print(f"  GET /statistics: {statistics}\n  GET /board: {board}\n")
            accounts = invoice_in_spite_of_kill(shop, folder)
        right, wrong = _type_check(folder)
    print(
        f"{len(REQUESTS)} requests, {total['published']} events published; "
        f"handlers: {total['inline']} ran inline, {total['after commit']} after the commit, "
        f"{total['after rollback']} after a rollback, {total['after response']} after the "
        f"response, {total['stored']} stored for the relay, {total['failed']} failed, "
        f"{total['never']} not run as the order was refused; {_told(accounts)}; "
        f"mypy: {right} errors as it is, {wrong} with two wrong handlers."
    )
    expected = {
        "published": 6,
        "inline": 3,
        "after commit": 2,
        "after rollback": 1,
        "after response": 10,
        "stored": 2,
        "failed": 3,
        "never": 4,
    }
    invoiced = all(account.is_right for account in accounts)
    as_expected = as_expected and invoiced and total == expected
    return 0 if as_expected and (right, wrong) == (0, 2) else 1


def _send_all(shop: Shop) -> tuple[Counter[str], bool]:
    total, as_expected = Counter[str](), True
    for number, (method, path, body, what, status) in enumerate(REQUESTS, start=1):
        request_id = f"demo-{number}"
        answer = shop.ask(method, path, body, request_id)
        entry = shop.ask("GET", f"/journal/{request_id}").body
        rows = rows_of(entry)
        print(f"{number}. {method} {path}  ({what})  {answer.status} in {answer.took_ms:.0f} ms")
        print(f"    {body} -> {answer.body}")
        print("\n".join(table(rows)), end="\n\n", flush=True)
        total += counts(rows)
        total["published"] += len(entry["published"])
        as_expected = as_expected and answer.status == status
    return total, as_expected


def _told(accounts: list[Account]) -> str:
    orders = sum(len(each.orders) for each in accounts)
    missing = sum(each.missing for each in accounts)
    twice = sum(each.twice for each in accounts)
    if missing or twice or not all(each.is_right for each in accounts):
        return f"{orders} orders, {missing} NOT INVOICED, {twice} TWICE, OR NOT IN ORDER"
    return f"{orders} orders, the relay killed in the middle, each invoiced exactly once, in order"


def _type_check(folder: Path) -> tuple[int, int]:
    print("Now the type checker reads the shop (mypy --strict, no plugin):", flush=True)
    right = check_as_it_is(folder)
    print(*(f"    {line}" for line in right.lines), sep="\n")
    source, wrong = check_with_wrong_handlers(folder)
    print("and once more, with two wrong handlers put in:\n")
    print(*(f"    {line}" for line in source.splitlines()), "", sep="\n")
    print(*(f"    {line}" for line in wrong.lines), sep="\n", end="\n\n")
    return right.findings, wrong.findings


if __name__ == "__main__":
    sys.exit(main())
