"""Identifiers that sort by the time they were made: UUID version 7 (RFC 9562)."""

from __future__ import annotations

from os import urandom
from threading import Lock
from time import time_ns

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_COUNTER_BITS = 42

_lock = Lock()
_last = (0, 0)


def new_id() -> str:
    """Return a new UUIDv7 in its canonical form; a later one of this process sorts later.

    Within one millisecond a 42-bit counter goes up (RFC 9562, section 6.2, method 1).
    """
    millisecond, counter = _tick()
    tail = int.from_bytes(urandom(4))
    number = (
        (millisecond & 0xFFFF_FFFF_FFFF) << 80
        | _VERSION
        | (counter >> 30) << 64
        | _VARIANT
        | (counter & 0x3FFF_FFFF) << 32
        | tail
    )
    digits = f"{number:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _tick() -> tuple[int, int]:
    """Return the millisecond and the counter, together greater than ever before."""
    global _last  # noqa: PLW0603 - one counter for the process is the point of the method
    now = time_ns() // 1_000_000
    with _lock:
        millisecond, counter = _last
        if now > millisecond:
            # The top bit stays clear, so that the counter has room to go up.
            millisecond, counter = now, int.from_bytes(urandom(6)) >> 7
        else:
            counter += 1
            if counter >> _COUNTER_BITS:
                millisecond, counter = millisecond + 1, 0
        _last = (millisecond, counter)
        return _last
