"""What every command may take."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError


def add_json(parser: ArgumentParser) -> None:
    """Let the answer be asked for as JSON."""
    parser.add_argument("--json", action="store_true", help="answer with one JSON document")


def positive(text: str) -> int:
    """Return the whole number above 0 that *text* says."""
    if text.isascii() and text.isdecimal() and int(text) > 0:
        return int(text)
    raise ArgumentTypeError(f"{text!r} is no whole number above 0")
