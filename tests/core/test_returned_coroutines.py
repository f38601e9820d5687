"""A Bus finds a coroutine that a handler returns, however the handler comes to return it.

The bus looks at results only where a function's code does not say that there are none, so each
shape of `return` stands here once, those included that nobody should write.
"""

# mypy: disable-error-code="truthy-bool, redundant-expr"

from collections.abc import Callable, Coroutine
from contextlib import suppress

import pytest

from tests.core.shop import UserCreated
from typedbus import Bus, HandlersFailedError, errors


async def work() -> None:
    """Be what nobody awaits."""


def _after_a_none(event: UserCreated) -> object:
    if event.user_id < 0:
        return None
    return work()


def _behind_or(event: UserCreated) -> object:
    return None or work()


def _behind_and(event: UserCreated) -> object:
    return event and work()


def _before_and_none(event: UserCreated) -> object:
    waiting = work()
    return (event.user_id < 0 and None) or waiting


def _conditional(event: UserCreated) -> object:
    return work() if event.user_id else None


def _from_try(event: UserCreated) -> object:
    try:
        return work()
    finally:
        event.user_id.bit_length()


def _from_except(event: UserCreated) -> object:
    try:
        raise ValueError
    except ValueError:
        return work()


def _from_with(event: UserCreated) -> object:
    with suppress(ValueError):
        return work()
    return None


def _from_a_loop(event: UserCreated) -> object:
    for _ in range(3):
        return work()
    return None


def _from_match(event: UserCreated) -> object:
    match event.user_id:
        case 0:
            return None
        case _:
            return work()


def _from_a_variable(event: UserCreated) -> object:
    result = None
    result = result or work()
    return result


class Object:
    def __call__(self, event: UserCreated) -> Coroutine[None, None, None]:
        return work()

    def method(self, event: UserCreated) -> Coroutine[None, None, None]:
        return work()


@pytest.mark.parametrize(
    "handler",
    [
        _after_a_none,
        _behind_or,
        _behind_and,
        _before_and_none,
        _conditional,
        _from_try,
        _from_except,
        _from_with,
        _from_a_loop,
        _from_match,
        _from_a_variable,
        pytest.param(lambda event: work(), id="lambda"),
        pytest.param(Object(), id="object"),
        pytest.param(Object().method, id="method"),
    ],
)
def test_a_coroutine_that_a_handler_returns_is_found(
    handler: Callable[[UserCreated], None],
) -> None:
    """It is an error that names the handler, and no coroutine is left behind unawaited."""
    bus = Bus()
    bus.subscribe(UserCreated, handler)

    with pytest.raises(HandlersFailedError) as caught:
        bus.publish(UserCreated(user_id=1, email="ada@example.org"))

    assert [type(error) for error in caught.value.exceptions] == [errors.AsyncHandlerError]


def _explicit_none(event: UserCreated) -> None:
    if event.user_id:
        return None
    return


def _both_none(event: UserCreated) -> None:
    return None if event.user_id else None


@pytest.mark.parametrize("handler", [_explicit_none, _both_none, [].append, print])
def test_a_handler_that_returns_nothing_is_no_failure(
    handler: Callable[[UserCreated], None],
) -> None:
    """Whether its code says so or not."""
    bus = Bus()
    bus.subscribe(UserCreated, handler)

    bus.publish(UserCreated(user_id=1, email="ada@example.org"))
