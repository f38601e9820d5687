"""Failure in, decision out: what happens when a handler raises."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final, Literal, NamedTuple, Protocol, TypeAlias

from typedbus.core.callables import name_of
from typedbus.core.errors import HandlersFailedError, PolicyError
from typedbus.core.events import name_of_class


class Decision(Enum):
    """What an error policy answers."""

    COLLECT = "collect"
    """Go on; raise it in one `HandlersFailedError` when every handler has run."""
    RAISE = "raise"
    """Stop here and raise it, as a plain call would."""
    LOG = "log"
    """Go on; log it with its traceback to the logger "typedbus"."""
    IGNORE = "ignore"
    """Go on and say nothing: the policy has dealt with it."""


class Subscribed(Protocol):
    """What a failure tells of the subscription it happened in."""

    @property
    def name(self) -> str:
        """The handler's name, such as "shop.mail.send_welcome"."""
        ...

    @property
    def event_type(self) -> type:
        """The class that the handler subscribed to."""
        ...

    @property
    def policy(self) -> Policy | None:
        """The error policy of this subscription alone."""
        ...

    @property
    def bus_policy(self) -> Policy | None:
        """The error policy of the bus."""
        ...


class Failure(NamedTuple):
    """A handler raised: which one, on what, and what it raised."""

    event: object
    """The event that was being handled."""
    error: Exception
    """What the handler raised."""
    subscription: Subscribed
    """Whose handler raised."""

    def __str__(self) -> str:
        subscription, event_type = self.subscription, name_of_class(type(self.event))
        to = name_of_class(subscription.event_type)
        subscribed = "" if to == event_type else f" (subscribed to {to})"
        return f"{subscription.name}{subscribed} failed on {event_type}"


Policy: TypeAlias = Callable[[Failure], Decision]
OnError: TypeAlias = Literal["collect", "raise", "log"] | Policy


def _collect(failure: Failure) -> Decision:
    return Decision.COLLECT


_NAMED: Final[dict[object, Policy]] = {
    "collect": _collect,
    "raise": lambda failure: Decision.RAISE,
    "log": lambda failure: Decision.LOG,
}


def policy_for(on_error: OnError) -> Policy:
    """Return the policy that *on_error* names or is."""
    policy = on_error if callable(on_error) else _NAMED.get(on_error)
    if policy is None:
        raise PolicyError("on_error", repr(on_error))
    return policy


class Failures:
    """What went wrong in one delivery, and what the policies decided to raise of it."""

    __slots__ = ("_collected", "_default")

    def __init__(self, default: Policy | None) -> None:
        """Judge by *default*, or by the policy of the bus, where a subscription has none."""
        self._default = default
        self._collected: list[Failure] = []

    def judge(self, failure: Failure) -> bool:
        """Ask the policy about *failure*, keep what it collects; return whether to stop here."""
        match self._decide(failure):
            case Decision.COLLECT:
                self._collected.append(failure)
            case Decision.LOG:
                _log(failure)
            case Decision.IGNORE:
                pass
            case Decision.RAISE:
                self._collected.append(failure)
                return True
        return False

    def settle(self, *, stopped: bool = False) -> None:
        """Raise what was collected: alone and plain where the policy said to stop at once."""
        if not self._collected:
            return
        if stopped and len(self._collected) == 1:
            raise self._collected[0].error
        raise group_of(self._collected)

    def mention_in(self, stop: BaseException, when: str = "before that") -> None:
        """Note on *stop*, which ends the delivery, what failed besides and is not raised now."""
        for failure in self._collected:
            stop.add_note(f"{when}, {failure}: {failure.error!r}")

    def _decide(self, failure: Failure) -> Decision:
        subscription = failure.subscription
        policy = subscription.policy or self._default or subscription.bus_policy or _collect
        try:
            decision: object = policy(failure)
        except Exception as error:  # noqa: BLE001 - a policy that raises must not hide the failure
            self._collected.append(failure._replace(error=error))
            return Decision.COLLECT
        if not isinstance(decision, Decision):
            mistake = PolicyError(name_of(policy), repr(decision))
            self._collected.append(failure._replace(error=mistake))
            return Decision.COLLECT
        return decision


def group_of(failures: list[Failure]) -> HandlersFailedError:
    """Return one error for *failures*; each error in it gets a note that says whose it is.

    The event itself is not written out: a payload has no business in a traceback.
    """
    for failure in failures:
        failure.error.add_note(str(failure))
    told = "; ".join(f"{failure}: {failure.error!r}" for failure in failures)
    return HandlersFailedError(told, [failure.error for failure in failures])


def _log(failure: Failure) -> None:
    # Imported here: most programs have logging by then, `import typedbus` need not pay for it.
    from logging import getLogger

    getLogger("typedbus").error("%s", failure, exc_info=failure.error)
