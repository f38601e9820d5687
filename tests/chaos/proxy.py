"""A door between a process and its database, which can be slow, shut, or lie about a commit."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeAlias, TypeVar

from tests.chaos.streams import MySQLStream, PostgresStream, Statement

T = TypeVar("T")
Fate: TypeAlias = Literal["pass", "lose the reply", "lose it"]
"""Of a COMMIT: it goes on; the server commits and nobody hears of it; the server never gets it."""

_CHUNK: Final = 65536
_COMMIT: Final = re.compile(rb"\s*COMMIT\b", re.IGNORECASE)
_BEGIN: Final = re.compile(rb"\s*(BEGIN|START|ROLLBACK(?!\s+TO))\b", re.IGNORECASE)


class Trap:
    """Catches the COMMIT of a transaction that ran a statement which *pattern* matches."""

    def __init__(self, pattern: str, fate: Fate | None) -> None:
        self._pattern = re.compile(pattern.encode(), re.IGNORECASE | re.DOTALL)
        self._caught = threading.Event()
        self._sprung = threading.Event()
        self._fate: Future[Fate] = Future()
        if fate is not None:
            self._fate.set_result(fate)

    def wait(self, patience: float = 30) -> None:
        """Return once a COMMIT is caught; raises `TimeoutError`."""
        if not self._caught.wait(patience):
            raise TimeoutError(f"no COMMIT after {self._pattern.pattern!r} came by")

    def spring(self, fate: Fate, patience: float = 10) -> None:
        """Let the COMMIT that is caught meet *fate*; return when it has.

        A server that lost its patience meanwhile has ended the connection: then nothing happens.
        """
        if self._fate.set_running_or_notify_cancel():
            self._fate.set_result(fate)
            self.wait_until_sprung(patience)

    def wait_until_sprung(self, patience: float = 30) -> None:
        """Return once what was caught has met its fate; raises `TimeoutError`."""
        if not self._sprung.wait(patience):
            raise TimeoutError("what was caught is not over")

    def matches(self, statements: bytes) -> bool:
        """Say whether the COMMIT after *statements* is the one."""
        return not self._caught.is_set() and bool(self._pattern.search(statements))

    async def hold(self) -> Fate:
        """Hold the COMMIT until its fate is known."""
        self._caught.set()
        return await asyncio.wrap_future(self._fate)

    def over(self) -> None:
        """Say that the fate has come."""
        self._sprung.set()


class Proxy:
    """Passes connections on to a database, as long as nobody says otherwise.

    *upstream* is the path of a PostgreSQL socket, or a host and port. It runs in a thread.
    """

    def __init__(self, upstream: Path | tuple[str, int], stream: type[Statement]) -> None:
        self._upstream = upstream
        self._stream = stream
        self._links: set[_Link] = set()
        self._trap: Trap | None = None
        self.delay = 0.0
        """Seconds that each piece takes to the server."""
        self.refuses = False
        """Whether new connections are cut at once."""
        self._silent = asyncio.Event()
        self._silent.set()
        self._loop = asyncio.new_event_loop()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: Final[int] = self._socket.getsockname()[1]
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def trap(self, pattern: str, fate: Fate | None = None) -> Trap:
        """Catch the next COMMIT after a statement like *pattern*; without a *fate* it waits."""
        trap = Trap(pattern, fate)
        self._trap = trap
        return trap

    def cut(self) -> int:
        """Break every connection, without a word; return how many there were."""
        return self._call(self._cut)

    def hush(self) -> None:
        """Let nothing through in either direction, while every connection seems to stand."""
        self._call(self._silent.clear)

    def speak(self) -> None:
        """Let through what came meanwhile, and what comes."""
        self._call(self._silent.set)

    def close(self) -> None:
        """Break every connection and close the door."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _call(self, function: Callable[[], T]) -> T:
        async def called() -> T:
            return function()

        return asyncio.run_coroutine_threadsafe(called(), self._loop).result(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, sock=self._socket)
        )
        self._loop.run_forever()

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
        self._silent.set()
        self._cut()
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others, timeout=5)  # each ends now that its connections have

    def _cut(self) -> int:
        links = list(self._links)
        for link in links:
            link.break_off()
        return len(links)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            writer.transport.abort()
            return
        try:
            upstream = await self._connect()
        except OSError:
            writer.transport.abort()
            return
        link = _Link((reader, writer), upstream, self._stream(), self)
        self._links.add(link)
        try:
            await link.run()
        finally:
            self._links.discard(link)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self._upstream, Path):
            return await asyncio.open_unix_connection(str(self._upstream))
        return await asyncio.open_connection(*self._upstream)

    async def passage(self) -> None:
        """Return when a piece may pass."""
        if self.delay:
            await asyncio.sleep(self.delay)
        await self._silent.wait()

    def trap_for(self, statements: bytes) -> Trap | None:
        """Return the trap that waits for the COMMIT after *statements*, if one does."""
        if self._trap is None or not self._trap.matches(statements):
            return None
        trap, self._trap = self._trap, None
        return trap


Ends: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Link:
    """One connection of a client, and the one to the server that stands for it."""

    def __init__(self, client: Ends, server: Ends, stream: Statement, proxy: Proxy) -> None:
        self._client, self._server, self._stream, self._proxy = client, server, stream, proxy
        self._said = b""
        self._losing: Trap | None = None

    async def run(self) -> None:
        """Pass on what either side says, until one of them is gone."""
        directions: list[Coroutine[Any, Any, None]] = [self._forth(), self._back()]  # Any: unused
        tasks = [asyncio.ensure_future(each) for each in directions]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self.break_off()

    def break_off(self) -> None:
        """Reset both connections."""
        for _, writer in (self._client, self._server):
            writer.transport.abort()

    async def _forth(self) -> None:
        reader, writer = self._client[0], self._server[1]
        while data := await _read(reader):
            for message, statement in self._stream.feed(data):
                if not await self._may_pass(statement):
                    return
                await self._proxy.passage()
                writer.write(message)
            with suppress(ConnectionError):
                await writer.drain()

    async def _may_pass(self, statement: bytes) -> bool:
        if _BEGIN.match(statement):
            self._said = b""
        if not _COMMIT.match(statement):
            self._said += statement + b"\n" if statement else b""
            return True
        said, self._said = self._said, b""
        trap = self._proxy.trap_for(said)
        fate = "pass" if trap is None else await trap.hold()
        if trap is not None and fate == "lose the reply":
            self._losing = trap  # told when the server has answered
        elif trap is not None:
            trap.over()
        return fate != "lose it"

    async def _back(self) -> None:
        reader, writer = self._server[0], self._client[1]
        while data := await _read(reader):
            if self._losing is not None:
                self.break_off()
                self._losing.over()
                return
            await self._proxy.passage()
            writer.write(data)
            with suppress(ConnectionError):
                await writer.drain()


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.read(_CHUNK)
    except ConnectionError:
        return b""


def postgres_proxy(folder: str, port: int) -> Proxy:
    """Return a door to the PostgreSQL whose socket lies in *folder*."""
    return Proxy(Path(folder) / f".s.PGSQL.{port}", PostgresStream)


def mariadb_proxy(host: str, port: int) -> Proxy:
    """Return a door to a MariaDB."""
    return Proxy((host, port), MySQLStream)
