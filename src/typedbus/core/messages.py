"""An event on its way to another process: the envelope as a body and headers, and back.

The headers are those of CloudEvents 1.0 in binary mode (`ce-id`, `ce-type`, ...) with its
documented extensions, and those of W3C Trace Context under their own names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple

from typedbus.core.codec import decode, encode, parse, write
from typedbus.core.envelope import Envelope
from typedbus.core.errors import MessageError
from typedbus.core.names import class_named, wire_name_of

if TYPE_CHECKING:
    from datetime import datetime

# https://www.w3.org/TR/trace-context/ and https://www.w3.org/TR/baggage/
_TRACING: Final = frozenset({"traceparent", "tracestate", "baggage"})
_OTHER: Final = "tb-"
"""What stands before a header of the user's, to tell it from those that a broker adds."""


_ALWAYS: Final = 7
"""How many headers `pack` writes whatever the envelope."""
_NOTHING: Final[Mapping[str, str]] = {}


class Message(NamedTuple):
    """An envelope as it travels."""

    body: str
    """The event as JSON."""
    headers: Mapping[str, str]
    """All else."""

    @property
    def size(self) -> int:
        """How many bytes it takes, as UTF-8."""
        texts = (self.body, *self.headers, *self.headers.values())
        # Python knows of each text whether it is ASCII: most are, and need no encoding.
        return sum(len(text) if text.isascii() else len(text.encode()) for text in texts)


def pack(envelope: Envelope[object]) -> Message:
    """Return *envelope* as it travels.

    Raises `WireNameError` for an event whose class has no wire name, and `EncodeError` for one
    that JSON cannot hold.
    """
    cls = type(envelope.event)
    wire_name = wire_name_of(cls)
    headers = {
        "ce-specversion": "1.0",
        "ce-id": envelope.id,
        "ce-type": wire_name.name,
        "ce-source": f"/{cls.__module__.partition('.')[0]}",
        "ce-time": envelope.published_at.isoformat(),
        "ce-dataversion": str(wire_name.version),
        "ce-correlationid": envelope.correlation_id,
    }
    if envelope.causation_id is not None:
        headers["ce-causationid"] = envelope.causation_id
    if envelope.tenant is not None:
        headers["ce-tenant"] = envelope.tenant
    for name, value in envelope.headers.items():
        headers[name if name in _TRACING else _OTHER + name] = value
    return Message(encode(envelope.event).decode(), headers)


def unpack(message: Message) -> Envelope[object]:
    """Return the envelope that *message* was made of.

    Raises `MessageError` for headers that are none of ours, `UnknownWireNameError` where no class
    of this process has the event's name, and `DecodeError` for a body that its class refuses.
    """
    return _envelope(_event(message.body, message.headers), message.headers)


def kept_envelope(event: object, headers: str) -> Envelope[object]:
    """Return the envelope of *event*, whose headers were kept as a JSON object.

    Raises `MessageError` for headers that are none of ours.
    """
    return _envelope(event, parse_headers(headers))


def _event(body: str, headers: Mapping[str, str]) -> object:
    return decode(class_named(_text(headers, "ce-type")), body)


def _envelope(event: object, headers: Mapping[str, str]) -> Envelope[object]:
    return Envelope(
        event=event,
        id=_text(headers, "ce-id"),
        published_at=_time(headers),
        correlation_id=_text(headers, "ce-correlationid"),
        causation_id=headers.get("ce-causationid"),
        tenant=headers.get("ce-tenant"),
        headers=_others(headers),
    )


def _others(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Return the headers of the user's, and those of a trace."""
    if len(headers) == _ALWAYS + ("ce-causationid" in headers) + ("ce-tenant" in headers):
        return _NOTHING
    return {
        name.removeprefix(_OTHER): value
        for name, value in headers.items()
        if name in _TRACING or name.startswith(_OTHER)
    }


def kept_headers(headers: Mapping[str, str]) -> str:
    """Return *headers* as a JSON object, to be kept."""
    return write(headers)


def parse_headers(headers: str) -> dict[str, str]:
    """Return *headers*, which were kept as a JSON object; raises `MessageError`."""
    try:
        found = parse(headers)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise _not_ours("headers", headers)
    return found


def _text(headers: Mapping[str, str], name: str) -> str:
    found: object = headers.get(name)
    if not isinstance(found, str) or not found:
        raise _not_ours(name, found)
    return found


def _time(headers: Mapping[str, str]) -> datetime:
    from datetime import datetime  # imported by whoever reads, not by `import typedbus`

    text = _text(headers, "ce-time")
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise _not_ours("ce-time", text) from None
    if found.tzinfo is None:
        raise _not_ours("ce-time", text)
    return found


def _not_ours(name: str, found: object) -> MessageError:
    return MessageError(
        f"read a message with the header {name}={found!r}",
        "no envelope was packed so",
        "see who sent it: typedbus did not, or not this version",
    )
