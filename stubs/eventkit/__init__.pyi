from collections.abc import Callable
from typing import Any, Self

class Event:
    def __init__(self, name: str = "", _with_error_done_events: bool = True) -> None: ...
    def connect(
        self,
        # It is called with whatever is emitted.
        listener: Callable[..., Any],
        error: Callable[[Event, Exception], object] | None = None,
        done: Callable[[Event], object] | None = None,
        keep_ref: bool = False,
    ) -> Self: ...
    __iadd__ = connect
    def emit(self, *args: object) -> None: ...
    def __len__(self) -> int: ...
