"""A real ASGI server: its requests run their handlers, whatever threads and loops it has."""

import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest
import uvicorn

from tests.adapters.django.inside.asgi import application

PATIENCE = 20
"""Seconds until a test that hangs fails; none waits for it to pass."""

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def port() -> Iterator[int]:
    """Return where a uvicorn serves the project, in a thread."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, ws="none", lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield int(listening.getsockname()[1])
    server.should_exit = True
    thread.join(PATIENCE)
    assert not thread.is_alive()
    listening.close()


@pytest.mark.parametrize(
    ("view", "noted"),
    [
        ("sync_view", ["approved", "mail 1, written [1]", "push 1", "response 200"]),
        ("failing_view", ["approved", "response 500"]),
        ("async_view", ["mail 1, written [1]", "push 1", "approved", "response 200"]),
        (
            "async_view_of_a_use_case",
            ["approved", "mail 1, written [1]", "push 1", "response 200"],
        ),
    ],
)
def test_a_server_runs_the_handlers_of_a_request(
    port: int, log: list[str], view: str, noted: list[str]
) -> None:
    """As the test client does, but with threads and an event loop of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    connection.request("GET", f"/{view}")
    connection.getresponse().read()

    assert log == noted
    connection.close()
