"""What a client says to its database, read from the bytes as they pass."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final, Protocol

_COM_QUERY: Final = 3
_UNTYPED: Final = frozenset({80877103, 80877104, 80877102})
"""Codes of the first messages that a start-up follows: for TLS, for GSS, for a cancellation."""


class Statement(Protocol):
    """Cuts what a client sends into pieces, each with the statement in it, if there is one."""

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield each whole message that *data* completes, and the statement that it runs."""
        ...


class PostgresStream:
    """The messages of a PostgreSQL client, plain or prepared."""

    def __init__(self) -> None:
        self._rest = b""
        self._started = False
        self._prepared: dict[bytes, bytes] = {}

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield each whole message that *data* completes, and the statement that it runs."""
        self._rest += data
        while (message := self._next()) is not None:
            yield message, self._statement(message)

    def _next(self) -> bytes | None:
        head = 0 if not self._started else 1
        if len(self._rest) < head + 4:
            return None
        (length,) = struct.unpack_from("!I", self._rest, head)
        end = head + length
        if len(self._rest) < end:
            return None
        message, self._rest = self._rest[:end], self._rest[end:]
        if not self._started:
            (code,) = struct.unpack_from("!I", message, 4)
            self._started = code not in _UNTYPED
            return message
        return message

    def _statement(self, message: bytes) -> bytes:
        kind, body = message[:1], message[5:]
        if kind == b"Q":
            return body.rstrip(b"\0")
        if kind == b"P":
            name, text, *_ = body.split(b"\0", 2)
            self._prepared[name] = text
        elif kind == b"B":
            _, name, *_ = body.split(b"\0", 2)
            return self._prepared.get(name, b"")
        return b""


class MySQLStream:
    """The packets of a MySQL or MariaDB client."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Yield each whole message that *data* completes, and the statement that it runs."""
        self._rest += data
        while len(self._rest) >= 4:
            end = 4 + int.from_bytes(self._rest[:3], "little")
            if len(self._rest) < end:
                return
            message, self._rest = self._rest[:end], self._rest[end:]
            sequence, body = message[3], message[4:]
            is_query = sequence == 0 and body[:1] == bytes([_COM_QUERY])
            yield message, body[1:] if is_query else b""
