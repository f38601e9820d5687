"""A language server as an editor runs it: a process of its own, spoken to over stdio."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, Any, Final, NamedTuple, TypeAlias

# JSON of the protocol's making: nothing here says more of its shape.
Json: TypeAlias = Any

# Only a server that hangs is waited for as long as this.
_PATIENCE: Final = 60.0
_ERROR: Final = 1


class Error(NamedTuple):
    """What an editor underlines in red."""

    line: int
    marked: str
    """The text above the red line."""
    code: str


class SilentError(Exception):
    """A server ended, or hangs, where it was to say something."""

    def __init__(self, awaited: str, log: str, /) -> None:
        super().__init__(awaited, log)
        self.awaited = awaited
        self.log = log

    def __str__(self) -> str:
        return f"No {self.awaited} came from the language server; its last words:\n{self.log}"


class Editor:
    """An editor with one file open, and a server that looks at it."""

    def __init__(self, server: "_Server", file: Path) -> None:
        self._server = server
        self._file = file
        self._text = file.read_text(encoding="utf-8")
        self._version = 1
        self._shown: list[Json] = []
        opened = {"languageId": "python", "text": self._text, **self._versioned()}
        server.notify("textDocument/didOpen", {"textDocument": opened})

    def edit(self, text: str) -> None:
        """Replace what is in the editor; the file stays as it is."""
        self._text = text
        self._version += 1
        self._server.notify(
            "textDocument/didChange",
            {"textDocument": self._versioned(), "contentChanges": [{"text": text}]},
        )

    def save(self) -> None:
        """Write what is in the editor to the file."""
        self._file.write_text(self._text, encoding="utf-8")
        self._server.notify("textDocument/didSave", {"textDocument": self._versioned()})

    def errors(self) -> list[Error]:
        """Return what the server says next about the text as it is now."""
        self._shown = self._next_diagnostics()
        return [
            Error(
                each["range"]["start"]["line"] + 1,
                self._text[self._slice(each["range"])],
                each.get("code", each["message"]),
            )
            for each in self._shown
            if each["severity"] == _ERROR
        ]

    def take_quick_fixes(self) -> None:
        """Let the server mend what it said last, one thing after the other from the end."""
        text = self._text
        for diagnostic in reversed(self._shown):
            asked = {
                "textDocument": self._versioned(),
                "range": diagnostic["range"],
                "context": {"diagnostics": [diagnostic]},
            }
            for action in self._server.request("textDocument/codeAction", asked):
                for edit in action["edit"]["changes"][self._file.as_uri()]:
                    place = self._slice(edit["range"])
                    text = text[: place.start] + edit["newText"] + text[place.stop :]
        self.edit(text)

    def _next_diagnostics(self) -> list[Json]:
        while True:
            said = self._server.next_notification("textDocument/publishDiagnostics")
            if said["uri"] == self._file.as_uri() and said["version"] == self._version:
                diagnostics: list[Json] = said["diagnostics"]
                return diagnostics

    def _slice(self, marked: Json) -> slice:
        return slice(self._offset(marked["start"]), self._offset(marked["end"]))

    def _offset(self, position: Mapping[str, int]) -> int:
        above = self._text.splitlines(keepends=True)[: position["line"]]
        return sum(map(len, above)) + position["character"]

    def _versioned(self) -> Json:
        return {"uri": self._file.as_uri(), "version": self._version}


@contextmanager
def opened(file: Path, *command: str, settings: Json = None) -> Iterator[Editor]:
    """Open *file* in an editor that runs `python -m` *command* as the server of its folder."""
    with _started(file.parent, *command) as server:
        folder = {"uri": file.parent.as_uri(), "name": file.parent.name}
        server.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder["uri"],
                "workspaceFolders": [folder],
                "capabilities": {},  # none: then a server asks nothing back
            },
        )
        server.notify("initialized", {})
        if settings is not None:
            server.notify("workspace/didChangeConfiguration", {"settings": settings})
        yield Editor(server, file)


@contextmanager
def _started(folder: Path, *command: str) -> Iterator["_Server"]:
    """Run a server in *folder*; it is gone when the block is left, whatever happened in it."""
    # Servers look for tools, and for the environment, by the first Python on the path.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    log = folder / "server.log"
    with (
        log.open("wb") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=folder,
            env={**os.environ, "PATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,  # so that what it started in turn can be ended with it
        ) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        server = _Server(process.stdin, process.stdout, log)
        try:
            yield server
            server.request("shutdown")
            server.notify("exit")
            assert process.wait(_PATIENCE) == 0
        finally:
            with suppress(ProcessLookupError):  # it has ended
                os.killpg(process.pid, signal.SIGKILL)


class _Server:
    """The two ends of a conversation, in the base protocol: a length, a blank line, JSON."""

    def __init__(self, stdin: IO[bytes], stdout: IO[bytes], log: Path) -> None:
        self._stdin = stdin
        self._log = log
        self._requests = 0
        self._said = SimpleQueue[Json]()
        Thread(target=self._listen, args=(stdout,), daemon=True).start()

    def notify(self, method: str, params: Json = None) -> None:
        """Say something that has no answer."""
        self._send({"method": method}, params)

    def request(self, method: str, params: Json = None) -> Json:
        """Ask for *method*, and return the answer."""
        self._requests += 1
        self._send({"id": self._requests, "method": method}, params)
        while (said := self._next(f"answer to {method}")).get("id") != self._requests:
            pass
        return said["result"]

    def next_notification(self, method: str) -> Json:
        """Wait for *method*, and return what it says."""
        while (said := self._next(method)).get("method") != method:
            pass
        return said["params"]

    def _send(self, message: Json, params: Json) -> None:
        given = {} if params is None else {"params": params}
        body = json.dumps({"jsonrpc": "2.0", **message, **given}).encode()
        self._stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._stdin.flush()

    def _next(self, awaited: str) -> Json:
        try:
            said = self._said.get(timeout=_PATIENCE)
        except Empty:
            said = None
        if said is None:
            raise SilentError(awaited, self._log.read_text(encoding="utf-8")[-2000:])
        return said

    def _listen(self, stdout: IO[bytes]) -> None:
        while headers := dict(_headers(stdout)):
            self._said.put(json.loads(stdout.read(int(headers[b"content-length"]))))
        self._said.put(None)


def _headers(stdout: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    while line := stdout.readline().strip():
        name, _, value = line.partition(b":")
        yield name.lower(), value
