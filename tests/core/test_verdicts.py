"""What a durable handler raises to decide about its event."""

import copy
import pickle
from datetime import UTC, datetime, timedelta

import pytest

from typedbus import Dead, Discard, NotYet, Retry, TypedBusError
from typedbus.core.verdicts import Verdict

TOMORROW = datetime(2026, 1, 2, tzinfo=UTC)
VERDICTS = {
    "Retry": (Retry(), "the handler asked to be called again"),
    "Retry, told when": (Retry(timedelta(minutes=5), "the bank is shut"), "the bank is shut"),
    "NotYet": (NotYet(TOMORROW), "the handler asked to wait until 2026-01-02T00:00:00+00:00"),
    "NotYet, told why": (NotYet(TOMORROW, "a holiday"), "a holiday"),
    "Discard": (Discard("cancelled by phone"), "cancelled by phone"),
    "Dead": (Dead("no such customer"), "no such customer"),
}
each_verdict = pytest.mark.parametrize(("verdict", "said"), VERDICTS.values(), ids=VERDICTS.keys())


@each_verdict
def test_a_verdict_says_its_reason(verdict: Verdict, said: str) -> None:
    """What is stored beside the event is a sentence, also where no reason was given."""
    assert str(verdict) == said


@each_verdict
def test_a_verdict_survives_pickling_and_copying(verdict: Verdict, said: str) -> None:
    """It may be raised in another process, and told here."""
    pickled = pickle.loads(pickle.dumps(verdict))
    copied = copy.copy(verdict)

    for duplicate in (pickled, copied):
        assert type(duplicate) is type(verdict)
        assert vars(duplicate) == vars(verdict)
        assert str(duplicate) == said


@each_verdict
def test_a_verdict_is_an_answer_and_no_error_of_typedbus(verdict: Verdict, said: str) -> None:
    """`except TypedBusError` in a handler does not swallow what the handler wants to say."""
    assert isinstance(verdict, Exception), said
    assert not isinstance(verdict, TypedBusError)


def test_a_time_without_a_zone_is_refused_where_it_is_written() -> None:
    """It would be taken for the time of whatever machine the relay runs on."""
    with pytest.raises(ValueError, match="has no zone: pass an aware datetime"):
        NotYet(datetime(2026, 1, 2))  # noqa: DTZ001 - the mistake under test
