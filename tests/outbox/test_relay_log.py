"""What a relay says in the log of calls that failed."""

import logging

import pytest

from tests.outbox.machines import Packed, by_key
from tests.outbox.relays import Place, run_once
from typedbus.core.retries import Backoff


def failing(place: Place, retry: Backoff) -> None:
    """Subscribe a handler that fails."""

    async def handle(event: Packed) -> None:
        raise ValueError("no way")

    place.bus.on(Packed, via=place.durable("h", key=by_key, retry=retry))(handle)


def test_a_failed_try_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """It names the handler, the event, which try it was, and when there is another."""
    place = Place()
    failing(place, Backoff(tries=6))
    place.publish(Packed(number=1))

    run_once(place)

    (record,) = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert "h on event 1 (relay.packed) failed, try 1 of 6, again in" in record.message
    assert "ValueError: no way" in record.message
    assert record.exc_info is not None


def test_a_dead_letter_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """It comes with the traceback: nobody tries it again."""
    place = Place()
    failing(place, Backoff(tries=1))
    place.publish(Packed(number=1))

    run_once(place)

    (record,) = [each for each in caplog.records if each.levelno == logging.ERROR]
    assert "h on event 1 (relay.packed) is a dead letter: ValueError: no way" in record.message
    assert record.exc_info is not None


def test_a_handler_that_always_fails_does_not_flood_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The first of its failures are told one by one, and not thousands of them."""
    place = Place()
    failing(place, Backoff(tries=6))
    place.publish(*(Packed(number=n, key=str(n)) for n in range(1000)))

    run_once(place)

    assert 5 < len(caplog.records) < 60
