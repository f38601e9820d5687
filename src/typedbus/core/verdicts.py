"""What a durable handler may raise to say what is to become of its event."""

from __future__ import annotations

from datetime import datetime, timedelta


class Verdict(Exception):  # noqa: N818 - a handler's answer, not an error
    """What a handler raises to decide about its event; nothing that it wrote is kept."""


class Retry(Verdict):
    """Try again, after *after* if given, else as `retry=` says; it counts as a failed try."""

    def __init__(self, after: timedelta | None = None, reason: str = "") -> None:
        super().__init__(after, reason)
        self.after = after
        self.reason = reason

    def __str__(self) -> str:
        return self.reason or "the handler asked to be called again"


class NotYet(Verdict):
    """Try again not before *until*, a time with a zone; it does not count as a try."""

    def __init__(self, until: datetime, reason: str = "") -> None:
        super().__init__(until, reason)
        if until.tzinfo is None:
            raise ValueError(f"until={until!r} has no zone: pass an aware datetime.")
        self.until = until
        self.reason = reason

    def __str__(self) -> str:
        return self.reason or f"the handler asked to wait until {self.until.isoformat()}"


class Discard(Verdict):
    """Forget this event for this handler: it counts as done, and *reason* is logged."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason


class Dead(Verdict):
    """Trying again cannot help: put it away as a dead letter, now."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason
