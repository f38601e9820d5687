"""A relay of the program under test, by the command that users have."""

from __future__ import annotations

import sys

from tests.chaos.telling import Told
from typedbus.cli import main

if __name__ == "__main__":
    told = Told.from_environment()
    sys.exit(
        main(
            [
                *("relay", "tests.chaos.app:outbox"),
                *("--ttl", f"{told.ttl}s"),
                *("--drain", f"{told.drain}s"),
                *("--stall", f"{told.stall}s"),
            ]
        )
    )
