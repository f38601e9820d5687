"""`make demo`: the demonstration ends well, and says what it saw."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2]


def test_the_demonstration_sees_what_it_expects() -> None:
    """It exits with 0 only if statuses, handlers, invoices and type errors are as expected."""
    shown = subprocess.run(
        [sys.executable, "-m", "shop.demo"],
        cwd=EXAMPLES,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stdout.splitlines()[-1] == (
        "6 requests, 6 events published; handlers: 3 ran inline, 2 after the commit, 1 after a "
        "rollback, 10 after the response, 2 stored for the relay, 3 failed, 4 not run as the order "
        "was refused; 122 orders, the relay killed in the middle, each invoiced exactly once, in "
        "order; mypy: 0 errors as it is, 2 with two wrong handlers."
    )
