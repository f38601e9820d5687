"""The sync pool: threads that call sync handlers, and send what is handed over."""

from __future__ import annotations

import logging
from asyncio import AbstractEventLoop
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import Context
from queue import SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Final

from typedbus.outbox.calling import Lost, Result, call_sync
from typedbus.outbox.machine import Machine
from typedbus.outbox.outcomes import timed_out
from typedbus.outbox.pieces import Kind, Piece
from typedbus.outbox.records import Lease

_PACE: Final = 0.01
"""How long, in seconds, the events take that a thread is given at a time, as far as is known."""
_MOST: Final = 200
_STUCK: Final = 3
"""How many times as many threads as usual may be lost to handlers that do not end."""

logger: Final = logging.getLogger("typedbus")


class _Bundle:
    """Pieces for one handler that a thread calls one after the other, and how far it is."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces: Final = pieces
        self.lock: Final = Lock()
        self.ended: list[tuple[Piece, Result]] = []
        self.at = 0
        """The index of the first that was not called."""
        self.piece: Piece | None = None
        self.began_at = monotonic()
        self.commits = False
        self.given_up = False
        self.seconds = 0.0
        """How long it took."""

    def begin(self, index: int) -> bool:
        """Note that the piece of that index is called now; return False if it must not be."""
        with self.lock:
            if self.given_up:
                return False
            self.piece, self.at = self.pieces[index], index + 1
            self.began_at, self.commits = monotonic(), False
            return True

    def may_commit(self) -> bool:
        """Note that the transaction of the piece is committed now, unless it was given up."""
        with self.lock:
            self.commits = not self.given_up
            return self.commits

    def end(self, piece: Piece, result: Result) -> bool:
        """Note what came of *piece*; return False if it had been given up."""
        with self.lock:
            self.piece = None
            if not self.given_up:
                self.ended.append((piece, result))
            return not self.given_up

    def rest(self, failed: set[str | None]) -> list[Piece]:
        """Return the pieces that were not called, but those of lines that have failed."""
        rest = self.pieces[self.at :]
        return [piece for piece in rest if piece.line is None or piece.line not in failed]

    def give_up(self) -> Piece | None:
        """Give up the piece that is being called, unless its transaction is being committed."""
        with self.lock:
            if self.piece is None or self.commits:
                return None
            self.given_up = True
            return self.piece


class SyncPool:
    """Calls sync handlers in threads: one hop for many events, as long as they are quick."""

    def __init__(
        self,
        machine: Machine,
        clean: Context,
        loop: AbstractEventLoop,
        threads: int,
        *,
        ended: Callable[[], None],
        lost: Callable[[Lease], None],
    ) -> None:
        self._machine = machine
        self._clean = clean
        self._loop = loop
        self._threads = threads
        self._ended = ended
        self._lost = lost
        self._bundles = SimpleQueue[_Bundle | None]()
        self._back = deque[_Bundle]()
        self._out: set[_Bundle] = set()
        self._stuck: dict[_Bundle, Piece] = {}
        self._started = 0
        self._pace: dict[str, float] = {}
        self._closed = self._halted = False
        self.moved = monotonic()
        """When a handler was called, or ended, last."""

    def feed(self) -> None:
        """Give the threads what they may call."""
        now = monotonic()
        lost = max(0, len(self._stuck) - _STUCK * self._threads)
        while len(self._out) < self._threads - lost and not self._closed:
            first = self._machine.begin(Kind.SYNC, now)
            if first is None:
                return
            seconds = self._pace.get(first.route.desk.name)
            most = 1 if seconds is None else max(1, min(_MOST, int(_PACE / max(seconds, 1e-6))))
            hands = self._machine.hands
            assert hands is not None, "something has begun"
            bundle = _Bundle(hands.bundle(first, most))
            self._out.add(bundle)
            if self._started < self._threads and self._started < len(self._out):
                self._start()
            self._bundles.put(bundle)

    def check(self, now: float) -> None:
        """Give up what takes longer than it may."""
        for bundle in list(self._out):
            piece = bundle.piece
            seconds = None if piece is None else piece.route.seconds
            if seconds is None or now - bundle.began_at < seconds:
                continue
            given_up = bundle.give_up()
            if given_up is not None:
                self._give_up(bundle, given_up, seconds)

    def halt(self) -> None:
        """Call nothing more."""
        self._halted = True

    def close(self) -> None:
        """Let the threads end when what they call has ended."""
        self._closed = self._halted = True
        for _ in range(self._started):
            self._bundles.put(None)

    def _give_up(self, bundle: _Bundle, piece: Piece, seconds: float) -> None:
        logger.warning(
            "%s takes longer than its timeout=%g s and cannot be stopped in its thread: it is "
            "tried again once that ends, and so is its line",
            piece,
            seconds,
        )
        self._out.discard(bundle)
        self._take_ended(bundle)
        self._stuck[bundle] = piece
        self._machine.put_back(bundle.rest({piece.line}), monotonic())
        self._machine.end(piece, timed_out(seconds, runs_on=True), monotonic())
        if len(self._stuck) <= _STUCK * self._threads:
            self._start()
        self._ended()

    def _start(self) -> None:
        self._started += 1
        # A daemon: a handler that never ends must not keep the process from ending.
        Thread(target=self._work, name=f"typedbus relay {self._started}", daemon=True).start()

    def _work(self) -> None:
        while (bundle := self._bundles.get()) is not None:
            self._call(bundle)
            self._back.append(bundle)
            try:
                self._loop.call_soon_threadsafe(self._take_back)
            except RuntimeError:
                return  # the loop is closed: the handler took longer than the relay could wait
            if bundle.given_up:
                return  # another thread has taken the place of this one

    def _call(self, bundle: _Bundle) -> None:
        began = monotonic()
        failed = set[str | None]()
        for index, piece in enumerate(bundle.pieces):
            if piece.line is not None and piece.line in failed:
                continue
            if self._halted or monotonic() >= self._machine.deadline or not bundle.begin(index):
                break
            result = call_sync(piece, self._clean, bundle.may_commit)
            if not bundle.end(piece, result):
                return
            if result is not None:
                failed.add(piece.line)
        bundle.seconds = monotonic() - began

    def _take_back(self) -> None:
        while self._back:
            bundle = self._back.popleft()
            now = self.moved = monotonic()
            if bundle.given_up:
                self._machine.over(self._stuck.pop(bundle), now)
                continue
            self._out.discard(bundle)
            self._take_ended(bundle)
            failed = {piece.line for piece, result in bundle.ended if result is not None}
            self._machine.put_back(bundle.rest(failed), now)
            if bundle.ended:
                name = bundle.pieces[0].route.desk.name
                self._pace[name] = bundle.seconds / len(bundle.ended)
        self.feed()
        self._ended()

    def _take_ended(self, bundle: _Bundle) -> None:
        now = self.moved = monotonic()
        for piece, result in bundle.ended:
            if isinstance(result, Lost):
                self._lost(piece.route.desk.lease)
            self._machine.end(piece, None if isinstance(result, Lost) else result, now)
