"""FastAPI and Starlette: handlers that run once the response is out.

Choose one of two forms. The middleware covers every endpoint, dependency and response. The
dependency `release_in_background` uses FastAPI's own BackgroundTasks and nothing else.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from typing import Final

from fastapi import BackgroundTasks
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from typedbus.core.collect import Collector
from typedbus.core.collect import Scope as CollectScope
from typedbus.core.policies import OnError, policy_for

after_response: Final = Collector("after response")
"""The delivery whose handlers run after the response was sent: `@bus.on(OrderPlaced, via=...)`.

In order, isolated from each other, never when the request failed. Async handlers are awaited, the
others run in the thread pool, each in the context of its publisher. Outside of a request (a
script, a worker, a websocket) handlers run at once, async ones only on an `AsyncBus`.
"""


def succeeded(status: int) -> bool:
    """Say whether a response with *status* lets the handlers run: anything below 400."""
    return status < 400


class AfterResponseMiddleware:
    """ASGI middleware that releases `after_response` handlers when the response is out.

    By then every dependency has exited, so its session is committed, and background tasks have
    run. When one of them, the endpoint or the sending raised, when the response answers an
    exception, or when its status says that the request failed, the handlers are dropped. A client
    that has gone away changes nothing.

    Args:
        app: The application; `app.add_middleware(AfterResponseMiddleware)` gives it. Add it last:
            a middleware of the class `BaseHTTPMiddleware` around it may still be sending.
        released_by: Whether a response with that status lets the handlers run.
        on_error: What happens when a handler fails that has no policy of its own.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        released_by: Callable[[int], bool] = succeeded,
        on_error: OnError = "log",
    ) -> None:
        self._app = app
        self._released_by = released_by
        self._on_error = on_error
        policy_for(on_error)  # a mistake shows here, not in the first request

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; a request is one scope of `after_response`."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        good = False
        handled_around = sys.exception()

        async def send_and_judge(message: Message) -> None:
            nonlocal good
            if message["type"] == "http.response.start":
                # Whoever answers an exception does it while handling that exception: a redirect
                # by HTTPException(303) is no success.
                answers_an_exception = sys.exception() is not handled_around
                good = not answers_an_exception and self._released_by(message["status"])
            await send(message)

        async with _collecting(self._on_error) as pending:
            await self._app(scope, receive, send_and_judge)
            if not good:
                pending.drop()


async def release_in_background(
    connection: HTTPConnection, background: BackgroundTasks
) -> AsyncIterator[None]:
    """Release `after_response` handlers as a BackgroundTask: a dependency, not a middleware.

    `FastAPI(dependencies=[Depends(release_in_background)])`. A session dependency must have
    `scope="function"` to be committed by then: FastAPI runs background tasks before the others
    exit. A response that the endpoint returns counts as success, whatever its status. Mounted
    applications have dependencies of their own.
    """
    if connection.scope["type"] != "http":
        yield  # a websocket has no response: handlers run at once
        return
    # Two scopes: what is published after the release of the inner one waits for the outer one.
    async with _collecting("log"), _collecting("log") as pending:
        # First of all: a background task that raises keeps those behind it from running.
        background.tasks.insert(0, BackgroundTask(pending.release))
        yield
        # Where the endpoint returned a response with a background of its own, FastAPI has thrown
        # ours away; leaving the scope makes up for it.


def _collecting(on_error: OnError) -> CollectScope:
    return after_response.scope(on_error=on_error, run_sync=run_in_threadpool)
