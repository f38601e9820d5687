"""Where code runs: one thread and, in an event loop, one task."""

from __future__ import annotations

from asyncio import Task, _get_running_loop, current_task
from threading import get_ident
from typing import Any, TypeAlias

Flow: TypeAlias = "tuple[int, Task[Any] | None]"  # of tasks, whatever they return
"""The thread, and the asyncio task if there is one: what may use a session at a time."""


def flow_here() -> Flow:
    """Return the thread and the task that run here."""
    # `get_running_loop` raises where there is none, which costs ten times as much.
    return get_ident(), None if _get_running_loop() is None else current_task()
