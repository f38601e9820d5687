"""Processes that are fresh, and yet need not import everything anew."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from threading import Thread
from traceback import format_exc
from typing import Any, TypeVar

T = TypeVar("T")

PATIENCE = 300
"""Seconds after which a process that says nothing is given up."""


class FailedError(Exception):
    """A process of the benchmark failed; the text is its traceback."""


@cache
def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["benchmarks.outbox.drains", "benchmarks.outbox.listeners"])
    return context


def start(
    function: Callable[..., object], *arguments: object
) -> tuple[ForkServerProcess, Connection[Any, Any]]:
    """Call *function* in a new process, with what it may send to, and then *arguments*."""
    ours, theirs = _context().Pipe()
    process = _context().Process(target=_begin, args=(theirs, function, arguments), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def call(function: Callable[..., T], *arguments: object) -> T:
    """Return what *function* returns in a process of its own."""
    process, receiver = start(_answer, function, arguments)
    try:
        if not receiver.poll(PATIENCE):
            raise FailedError(f"{function.__name__}{arguments} has not ended in {PATIENCE} s")
        succeeded, answer = receiver.recv()
    finally:
        process.kill()
        process.join()
    if not succeeded:
        raise FailedError(answer)
    result: T = answer
    return result


def _begin(
    connection: Connection[Any, Any],
    function: Callable[..., object],
    arguments: tuple[object, ...],
) -> None:
    Thread(target=_end_with_the_benchmark, args=(connection,), daemon=True).start()
    function(connection, *arguments)


def _end_with_the_benchmark(connection: Connection[Any, Any]) -> None:
    """End this process when the other end of *connection* is closed, as when its process died."""
    try:
        connection.recv()
    except (EOFError, OSError):
        os._exit(1)


def _answer(
    sender: Connection[Any, Any],
    function: Callable[..., object],
    arguments: tuple[object, ...],
) -> None:
    _be_silent()
    try:
        answer = True, function(*arguments)
    except Exception:  # noqa: BLE001 - whatever it is, it is told where it can be seen
        answer = False, format_exc()
    sender.send(answer)


def _be_silent() -> None:
    """Print nothing: others print banners and warnings between the tables."""
    silence = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(silence, stream.fileno())
