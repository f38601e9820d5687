"""Something between a client and PostgreSQL that gives its own process ids, as poolers do."""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

_KEY_DATA = b"K"
_READY = b"Z"


@contextmanager
def pooler_before(folder: str, port: str) -> Iterator[int]:
    """Give a port on which the PostgreSQL whose socket is in *folder* is reached through it.

    It serves one connection at a time.
    """
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=_serve, args=(server, f"{folder}/.s.PGSQL.{port}"))
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(server: socket.socket, path: str) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client, socket.socket(socket.AF_UNIX) as behind:
            behind.connect(path)
            upwards = Thread(target=_pass_on, args=(client, behind))
            upwards.start()
            _pass_on_with_another_pid(behind, client)
            upwards.join()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    while data := source.recv(65536):
        sink.sendall(data)
    sink.shutdown(socket.SHUT_WR)


def _pass_on_with_another_pid(behind: socket.socket, client: socket.socket) -> None:
    kind = b""
    while kind != _READY:
        kind, length = _read(behind, 1), _read(behind, 4)
        body = _read(behind, struct.unpack("!i", length)[0] - 4)
        if kind == _KEY_DATA:
            body = struct.pack("!i", 7) + body[4:]
        client.sendall(kind + length + body)
    _pass_on(behind, client)


def _read(source: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        data += source.recv(length - len(data))
    return data
