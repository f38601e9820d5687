"""Whatever fields an event has, it comes back equal or is refused by name."""

import json
from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.codec_kinds import FIELDS, KINDS, Amount, Colour, Make, Size
from tests.properties.odd_values import ODD
from typedbus.core.codec import decode, encode
from typedbus.core.errors import DecodeError, EncodeError

ZONES: Final = st.none() | st.integers(-1439, 1439).map(lambda n: timezone(timedelta(minutes=n)))
TEXT: Final = st.text(st.characters(exclude_categories=["Cs"]))
AMOUNTS: Final = st.builds(
    Amount,
    value=st.decimals(allow_nan=False, allow_infinity=False),
    currency=st.sampled_from(["EUR", "USD"]),
)
VALUES: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "number": st.integers() | st.integers(2**63, 2**200),
    "blob": st.binary(),
    "total": st.decimals(allow_nan=False, allow_infinity=False),
    "id": st.uuids(),
    "at": st.datetimes(timezones=ZONES),
    "day": st.dates(),
    "clock": st.times(),
    "lasted": st.timedeltas(),
    "share": st.floats(allow_nan=False, allow_infinity=False),
    "colour": st.sampled_from(Colour),
    "colours": st.frozensets(st.sampled_from(Colour)),
    "words": st.lists(TEXT).map(tuple),
    "pair": st.tuples(st.integers(), TEXT),
    "by_id": st.dictionaries(st.uuids(), AMOUNTS, max_size=3),
    "by_number": st.dictionaries(st.integers(), TEXT, max_size=3),
    "by_size": st.dictionaries(st.sampled_from(Size), st.integers()),
    "either": st.integers() | TEXT | st.none(),
    "amount": st.none() | AMOUNTS,
}
each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


def test_each_field_has_its_values() -> None:
    """No field of the kinds is left out here."""
    assert list(VALUES) == list(FIELDS)


@each_kind
@settings(max_examples=settings().max_examples // 2)
@given(arguments=st.fixed_dictionaries(dict(VALUES)))
def test_what_goes_in_comes_out(make: Make, arguments: dict[str, Any]) -> None:
    """An event of values that fit comes back equal, from JSON that any parser takes."""
    event = make(**arguments)

    written = encode(event)

    assert decode(type(event), written) == event
    json.loads(written, parse_constant=pytest.fail)


def made_of(make: Any, arguments: dict[str, Any]) -> object:
    """Return an event that nobody validated, as if it had been changed since it was made."""
    if hasattr(make, "model_construct"):
        return make.model_construct(**arguments)
    if not hasattr(make, "__pydantic_validator__"):
        return make(**arguments)
    made: object = object.__new__(make)
    vars(made).update(arguments)
    return made


@each_kind
@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_what_does_not_fit_comes_back_or_is_refused(make: Make, data: st.DataObject) -> None:
    """A field that holds whatever there is makes no event change unseen, and no other error."""
    arguments = {name: data.draw(values) for name, values in VALUES.items()}
    name = data.draw(st.sampled_from(list(FIELDS)))
    arguments[name] = data.draw(ODD)
    event = made_of(make, arguments)

    try:
        written = encode(event)
    except EncodeError as refused:
        written, problem = b"", refused.problem
    else:
        problem = ""

    assert name in problem or (written and decode(type(event), written) == event)


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@each_kind
@settings(max_examples=settings().max_examples // 2)
@given(data=st.data())
def test_whatever_is_read_is_an_event_or_a_decode_error(make: Any, data: st.DataObject) -> None:
    """Stored data of which one field was changed is read as an event that is written alike."""
    event = make(**{name: data.draw(values) for name, values in VALUES.items()})
    changed = json.loads(encode(event))
    changed[data.draw(st.sampled_from(list(FIELDS)))] = data.draw(JSON)

    try:
        read = decode(type(event), json.dumps(changed))
    except DecodeError:
        return

    assert decode(type(event), encode(read)) == read
