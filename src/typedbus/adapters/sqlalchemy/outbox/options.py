"""What `durable` may be told, and what it refuses at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, Final

from typedbus.adapters.sqlalchemy.outbox.tables import LONGEST_NAME
from typedbus.core.errors import HandlerNameError
from typedbus.core.retries import Backoff
from typedbus.outbox.handlers import Carrier, OnDead, Options
from typedbus.outbox.operators import EVERY_HANDLER

_ON_DEAD: Final = ("block", "skip", "park")


def options_of(
    name: str,
    *,
    key: Callable[[Any], object] | None,  # Any: of the event class of the handler
    retry: Backoff | None,
    on_dead: OnDead | None,
    give_up_on: tuple[type[Exception], ...],
    timeout: timedelta | None,
    aliases: Sequence[str],
    to: Carrier | None,
    resend_after: timedelta,
) -> Options:
    """Return the options; raise `ValueError` or `TypeError` for what cannot be meant."""
    if isinstance(aliases, str):
        raise TypeError(f"aliases={aliases!r}: pass a tuple of names, ({aliases!r},).")
    for each in (name, *aliases):
        _check_name(each)
    if name in aliases:
        raise ValueError(f"aliases={tuple(aliases)!r}: {name!r} is its name, not a former one.")
    _check_key(key, on_dead)
    if retry is not None and retry.tries < 1:
        raise ValueError(f"retry={retry!r}: a handler is called once at least.")
    _check_give_up_on(give_up_on)
    _check_duration("timeout", timeout)
    _check_duration("resend_after", resend_after)
    if to is not None and not (hasattr(to, "deliver") and hasattr(to, "send")):
        raise TypeError(f"to={to!r}: pass what brings events to workers, a CeleryDelivery.")
    return Options(
        key=key,
        retry=Backoff() if retry is None else retry,
        on_dead=on_dead or ("skip" if key is None else "block"),
        give_up_on=give_up_on,
        timeout=timeout,
        to=to,
        resend_after=resend_after,
        aliases=tuple(aliases),
    )


def _check_name(name: object) -> None:
    if not isinstance(name, str) or not re.fullmatch(r"[^\s]+", name) or len(name) > LONGEST_NAME:
        raise HandlerNameError(
            f"call a durable handler {name!r}",
            f"a name is a string without white space, of {LONGEST_NAME} characters at most",
            'write one such as "billing.invoice"',
        )
    if name == EVERY_HANDLER:
        raise HandlerNameError(
            f"call a durable handler {name!r}",
            "it stands for all of them where an operator pauses one",
            'write one such as "billing.invoice"',
        )


def _check_key(key: object, on_dead: object) -> None:
    if key is not None and not callable(key):
        raise TypeError(f"key={key!r}: pass a function from event to key, lambda e: e.order_id.")
    if on_dead is not None and on_dead not in _ON_DEAD:
        raise ValueError(f"on_dead={on_dead!r}: it must be 'block', 'skip' or 'park'.")
    if key is None and on_dead in ("block", "park"):
        raise ValueError(
            f"on_dead={on_dead!r} is about later events of the same key, and there is no key: "
            f"pass key=lambda e: ..., or leave on_dead out."
        )


def _check_give_up_on(classes: object) -> None:
    if not isinstance(classes, tuple) or not all(
        isinstance(each, type) and issubclass(each, Exception) for each in classes
    ):
        raise TypeError(f"give_up_on={classes!r}: pass a tuple of exception classes, (KeyError,).")


def _check_duration(name: str, given: object) -> None:
    if given is None and name == "timeout":
        return
    if not isinstance(given, timedelta):
        raise TypeError(f"{name}={given!r}: pass a timedelta.")
    if given <= timedelta(0):
        raise ValueError(f"{name}={given!r}: it must be more than nothing.")
