"""What tests are told about a database that is theirs."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Database:
    """A new, empty database: where it is, in the words of those who connect to it."""

    url: str
    """For SQLAlchemy's `create_engine`."""
    async_url: str
    """For SQLAlchemy's `create_async_engine`."""
    django: Mapping[str, str]
    """An entry for Django's `DATABASES`: ENGINE, NAME, USER, PASSWORD, HOST and PORT."""


def new_name() -> str:
    """Return a name that no other run uses, fit for a database."""
    return f"typedbus_{secrets.token_hex(6)}"
