"""Health: what a probe asks of a relay over HTTP, answered without a framework."""

from __future__ import annotations

import asyncio
import json
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from typedbus.outbox.relay import Relay

_PATIENCE: Final = 5.0
"""How many seconds a probe may take to say what it wants."""
_LONGEST: Final = 8192
_REASONS: Final = {
    200: "OK",
    404: "Not Found",
    405: "Method Not Allowed",
    503: "Service Unavailable",
}


@asynccontextmanager
async def serving(relay: Relay, host: str, port: int) -> AsyncIterator[tuple[str, int]]:
    """Answer probes as long as the block is open; gives the address, if *port* is 0 for any.

    `GET /healthz` is 200 while the relay does what it can, standing by included, else 503. The body
    is its status as JSON. A relay whose event loop is blocked does not answer at all.
    """

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                await _answer(relay, reader, writer)
        except (TimeoutError, OSError, ValueError):
            pass  # who asks badly gets no answer
        finally:
            writer.close()

    server = await asyncio.start_server(answer, host, port, limit=_LONGEST)
    async with server:
        address = server.sockets[0].getsockname()
        yield address[0], address[1]


async def _answer(relay: Relay, reader: StreamReader, writer: StreamWriter) -> None:
    line = (await reader.readline()).decode("latin-1")
    method, _, rest = line.partition(" ")
    path = rest.partition(" ")[0].partition("?")[0]
    while (await reader.readline()).strip():
        pass  # headers, of which none matters
    status = relay.status()
    body = json.dumps({"healthy": status.healthy, **status._asdict()}).encode() + b"\n"
    if path not in ("/healthz", "/"):
        code, body = 404, b'{"error": "only /healthz is here"}\n'
    elif method not in ("GET", "HEAD"):
        code, body = 405, b'{"error": "only GET is answered"}\n'
    else:
        code = 200 if status.healthy else 503
    head = (
        f"HTTP/1.1 {code} {_REASONS[code]}\r\n"
        f"Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"Connection: close\r\n\r\n"
    )
    writer.write(head.encode() + (b"" if method == "HEAD" else body))
    await writer.drain()
