"""The command line: `typedbus relay` and `typedbus outbox ...`."""

from typedbus.cli.program import main

__all__ = ["main"]
