"""What travels with an event, and the context it is restored to.

Two things are kept beside the running code, in context variables: the *context* that somebody
opened (a request, a job) and the *publication* that is being handled. An envelope is written from
both when somebody asks for it, and not before: an inline publish costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar, Token
from functools import cache
from time import time_ns
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from typedbus.core.errors import NoEnvelopeError
from typedbus.core.ids import new_id

if TYPE_CHECKING:
    from datetime import datetime

E = TypeVar("E")
S = TypeVar("S")

_NOTHING: Final[Mapping[str, str]] = {}


class Context(NamedTuple):
    """What belongs to a whole request or job, and to every event published in it."""

    correlation_id: str | None = None
    """What ties everything together that one request caused; None until it is known."""
    tenant: str | None = None
    """Whose data it is, in a program that serves several."""
    headers: Mapping[str, str] = _NOTHING
    """Anything else that travels along, such as `traceparent` (W3C Trace Context)."""


class Envelope(NamedTuple, Generic[E]):
    """An event plus what travels with it over every hop."""

    event: E
    """The event itself."""
    id: str
    """This publication of it: a UUIDv7, the same for each of its handlers."""
    published_at: datetime
    """When it was published, in UTC."""
    correlation_id: str
    """What ties it to all that one request caused: of the context, or the first event's id."""
    causation_id: str | None
    """The id of the event whose handler published this one; None if no handler did."""
    tenant: str | None
    """Whose data it is, in a program that serves several."""
    headers: Mapping[str, str]
    """Anything else that travels along, such as `traceparent` (W3C Trace Context)."""

    def context(self) -> Context:
        """Return the context in which this event is handled."""
        return Context(self.correlation_id, self.tenant, self.headers)


class Publication:
    """One event being handled, and its envelope from the moment that somebody asks."""

    __slots__ = ("_cause", "_context", "_envelope", "_nanoseconds", "event")

    def __init__(
        self, event: object, cause: Publication | None, envelope: Envelope[object] | None = None
    ) -> None:
        self.event = event
        self._cause = cause
        self._context = _context.get()
        self._nanoseconds = time_ns()
        self._envelope = envelope

    @property
    def envelope(self) -> Envelope[object]:
        """The envelope; every time the same."""
        if self._envelope is None:
            self._envelope = self._write()
        return self._envelope

    @property
    def context(self) -> Context:
        """The context that it was published in."""
        context = self._context
        return context if isinstance(context, Context) else context.envelope.context()

    def _write(self) -> Envelope[object]:
        cause = self._cause.envelope if self._cause else None
        own_id = new_id()
        context = self.context
        known = context.correlation_id or (cause.correlation_id if cause else None)
        # By position, which takes half as long: one is made for each event that goes somewhere.
        return Envelope(
            self.event,
            own_id,
            _clock()(self._nanoseconds),
            known or own_id,
            cause.id if cause else None,
            context.tenant,
            context.headers,
        )


@cache
def _clock() -> Callable[[int], datetime]:
    from datetime import UTC, datetime  # imported by whoever asks, not by `import typedbus`

    return lambda nanoseconds: datetime.fromtimestamp(nanoseconds / 1e9, UTC)


class Arrived(Publication):
    """An event that came from elsewhere, being handled; its envelope is read if somebody asks."""

    __slots__ = ("_read", "_source")

    def __init__(
        self, event: object, source: S, read: Callable[[object, S], Envelope[object]]
    ) -> None:
        # Not what the class above does: nothing of it was published here, and a relay makes one
        # of these for each event.
        self.event = event
        self._source = source
        self._read = read
        self._envelope = None

    @property
    def context(self) -> Context:
        """The context in which it is handled."""
        return self.envelope.context()

    def _write(self) -> Envelope[object]:
        return self._read(self.event, self._source)


_NO_CONTEXT: Final = Context()
_context: ContextVar[Context | Arrived] = ContextVar("typedbus.context", default=_NO_CONTEXT)
_publication: ContextVar[Publication | None] = ContextVar("typedbus.publication", default=None)


def current_context() -> Context:
    """Return the context that events published here travel with."""
    found = _context.get()
    return found if isinstance(found, Context) else found.context


def current_envelope() -> Envelope[object]:
    """Return the envelope of the event that is being handled here.

    Every delivery that runs a handler later or elsewhere provides one, and so does every publish
    of a bus made with `envelopes=True`. Raises `NoEnvelopeError` where there is none.
    """
    publication = _publication.get()
    if publication is None:
        raise NoEnvelopeError
    return publication.envelope


def envelope_of(event: object) -> Envelope[object]:
    """Return the envelope of *event*: of its publication here, or a new one if there is none."""
    publication = _publication.get()
    if publication is None or publication.event is not event:
        publication = Publication(event, publication)
    return publication.envelope


@contextmanager
def context(
    *,
    correlation_id: str | None = None,
    tenant: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Iterator[Context]:
    """Let every event published inside travel with these; what is not given stays as it was.

    *headers* are added to those that are there.
    """
    outer = current_context()
    inner = Context(
        correlation_id=outer.correlation_id if correlation_id is None else correlation_id,
        tenant=outer.tenant if tenant is None else tenant,
        headers={**outer.headers, **headers} if headers else outer.headers,
    )
    token = _context.set(inner)
    try:
        yield inner
    finally:
        _context.reset(token)


def tenant_scope(tenant: str, /) -> AbstractContextManager[Context]:
    """Let every event that is published inside a `with` of this belong to *tenant*.

    Handlers see it in `current_context().tenant`, over every hop. A scope inside another one is
    that of its own tenant.
    """
    if not tenant:
        raise ValueError("a tenant without a name would be everybody's: pass the name of one.")
    return context(tenant=tenant)


@contextmanager
def restored(envelope: Envelope[object]) -> Iterator[None]:
    """Let a handler run inside as if its event, which came in *envelope*, were published here."""
    outer = _context.set(envelope.context())
    token = _publication.set(Publication(envelope.event, None, envelope))
    try:
        yield
    finally:
        _publication.reset(token)
        _context.reset(outer)


def arrives(event: object, source: S, read: Callable[[object, S], Envelope[object]]) -> None:
    """Let *event* be handled here as if it were published here, for as long as this context lives.

    *read* makes its envelope out of it and *source*, when somebody asks.
    """
    arrived = Arrived(event, source, read)
    _context.set(arrived)
    _publication.set(arrived)


def publish_begins(event: object) -> Token[Publication | None]:
    """Make *event* the one being handled, caused by the one that was, until `publish_ends`."""
    return _publication.set(Publication(event, _publication.get()))


def publish_ends(token: Token[Publication | None]) -> None:
    """Make what was being handled before `publish_begins` the one being handled again."""
    _publication.reset(token)
