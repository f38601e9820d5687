"""A bounded queue that tasks wait on."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import Generic, TypeVar

from typedbus.core.loops import Signal, running_loop

T = TypeVar("T")


class Buffer(Generic[T]):
    """Holds up to *size* items, first in, first out, until it is closed and empty.

    Tasks of different event loops, and threads, may use it together.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError(f"a buffer of {size} holds nothing: give it room for one at least.")
        self.size = size
        self._items = deque[T]()
        self._waiting = list[Signal]()
        self._closed = False
        self._lock = Lock()

    @property
    def closed(self) -> bool:
        """Whether nothing can be put in any more."""
        return self._closed

    def offer(self, item: T) -> bool:
        """Put *item* in if there is room; say whether there was."""
        with self._lock:
            if len(self._items) >= self.size:
                return False
            self._items.append(item)
        self._wake_all()
        return True

    def force(self, item: T) -> None:
        """Put *item* in, room or not, closed or not."""
        with self._lock:
            self._items.append(item)
        self._wake_all()

    async def put(self, item: T) -> bool:
        """Put *item* in when there is room; return False if the buffer is closed instead."""
        while True:
            with self._lock:
                if self._closed:
                    return False
                if len(self._items) < self.size:
                    self._items.append(item)
                    break
                changed = self._next_change()
            await changed.wait()
        self._wake_all()
        return True

    async def get(self) -> tuple[T] | None:
        """Take the oldest item, in a tuple of its own; None once it is closed and empty."""
        while (item := self._take()) is None:
            with self._lock:
                if self._closed and not self._items:
                    return None
                if self._items:
                    continue
                changed = self._next_change()
            await changed.wait()
        self._wake_all()
        return item

    def close(self) -> None:
        """Take nothing in any more; what is in can still be taken out."""
        self._closed = True
        self._wake_all()

    def clear(self) -> list[T]:
        """Take everything out at once."""
        with self._lock:
            items = list(self._items)
            self._items.clear()
        self._wake_all()
        return items

    def _take(self) -> tuple[T] | None:
        with self._lock:
            return (self._items.popleft(),) if self._items else None

    def _next_change(self) -> Signal:
        changed = running_loop().signal()
        self._waiting.append(changed)
        return changed

    def _wake_all(self) -> None:
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for changed in waiting:
            changed.set()
