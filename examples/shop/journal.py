"""The journal: what was published in a request, which handlers ran, when, and what failed.

It watches from three places that typedbus offers to everyone: a handler of the root class sees
each event, a wrapper sees each run, and the correlation id ties both to the request.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from typedbus import Subscription, Wrapper, around, context, current_context


@dataclass
class Run:
    """A handler that ran."""

    handler: str
    event: str
    began_ms: float
    took_ms: float
    error: str | None


@dataclass
class Published:
    """An event, and who was subscribed to it at that moment: handler and delivery."""

    event: str
    listeners: list[tuple[str, str]]


@dataclass
class Entry:
    """What happened in one request; times are in milliseconds since it came in."""

    began: float = field(default_factory=perf_counter)
    response_sent_ms: float | None = None
    transaction: tuple[str, float] | None = None
    """How the transaction of the request ended, "commit" or "rollback", and when."""
    published: list[Published] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    finished: asyncio.Event = field(default_factory=asyncio.Event)

    def clock_ms(self) -> float:
        """Return the time since the request came in."""
        return (perf_counter() - self.began) * 1000


class Journal:
    """The entries of the requests, by request id."""

    def __init__(self) -> None:
        self._entries: dict[str, Entry] = {}
        self.runs: Wrapper = around(self._note_run)

    def entry(self, request_id: str) -> Entry:
        """Return the entry of a request, begun if need be."""
        return self._entries.setdefault(request_id, Entry())

    def note_published(self, event: object, listeners: tuple[Subscription, ...]) -> None:
        """Note an event and those who are about to receive it."""
        known = [(each.name, each.delivery) for each in listeners]
        self._here().published.append(Published(type(event).__name__, known))

    def note_transaction(self, end: str) -> None:
        """Note how a transaction ended; the first of a request is that of its use case."""
        entry = self._here()
        entry.transaction = entry.transaction or (end, entry.clock_ms())

    @contextmanager
    def _note_run(self, handler: str, event: object) -> Iterator[None]:
        entry, error = self._here(), None
        began = entry.clock_ms()
        try:
            yield
        except BaseException as raised:
            error = f"{type(raised).__name__}: {raised}"
            raise
        finally:
            took = entry.clock_ms() - began
            entry.runs.append(Run(handler, type(event).__name__, began, took, error))

    def _here(self) -> Entry:
        return self.entry(current_context().correlation_id or "outside of any request")


journal = Journal()


class JournalMiddleware:
    """ASGI middleware: gives each request its id, and notes when its response was out."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one connection; only requests that bring an id are noted."""
        request_id = dict(scope.get("headers", ())).get(b"x-request-id", b"").decode()
        if not request_id:
            await self._app(scope, receive, send)
            return
        entry = journal.entry(request_id)

        async def send_noting(message: Any) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                entry.response_sent_ms = entry.clock_ms()

        with context(correlation_id=request_id):
            try:
                await self._app(scope, receive, send_noting)
            finally:
                entry.finished.set()
