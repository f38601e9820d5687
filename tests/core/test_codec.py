"""Event ↔ JSON: what goes in comes out, for every kind of event class."""

import gc
import json
import subprocess
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Barrier, Thread
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

import msgspec
import pydantic
import pytest
from pydantic import BaseModel, ConfigDict, Field

from tests.core.codec_kinds import (
    ARGUMENTS,
    FIELDS,
    KINDS,
    AttrsNode,
    Held,
    HeldAttrs,
    HeldStruct,
    HoldsAll,
    Identified,
    IdentifiedAgain,
    IdentifiedLater,
    Make,
    ModelHolds,
    OtherStruct,
)
from typedbus import Event
from typedbus.core.codec import decode, encode

T = TypeVar("T")
each_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)


def there_and_back(event: T) -> T:
    """Return what comes back."""
    return decode(type(event), encode(event))


@each_kind
def test_what_goes_in_comes_out(make: Make) -> None:
    """An event of every kind comes back equal, and of its own class."""
    event = make(**ARGUMENTS)

    back = there_and_back(event)

    assert back == event
    assert type(back) is type(event)


@each_kind
def test_every_kind_is_written_alike(make: Make) -> None:
    """What is stored tells the fields by their names, and nothing of the kind of class."""
    event = make(**ARGUMENTS)

    written, of_event = (json.loads(encode(each)) for each in (event, KINDS["Event"](**ARGUMENTS)))

    # A set has no order to keep.
    assert set(written.pop("colours")) == set(of_event.pop("colours")) == {"red", 2}
    assert written == of_event
    assert list(written) == [name for name in FIELDS if name != "colours"]
    assert written["blob"] == "_wA="


@each_kind
def test_text_is_read_as_bytes_are(make: Make) -> None:
    """What a database gives back as text is read too."""
    event = make(**ARGUMENTS)

    assert decode(type(event), encode(event).decode()) == event


HELD = HeldAttrs(1, Held(number=2), Held(number=3))


@pytest.mark.parametrize(
    "event",
    [
        HoldsAll(
            structs=(HeldStruct(1, HELD), OtherStruct(1, HELD)),
            attrs={"a": HELD},
            held=Held(number=1),
        ),
        ModelHolds(attrs=HELD, struct=HeldStruct(1, HELD)),
        AttrsNode(1, AttrsNode(2)),
        HELD,
    ],
    ids=["in an Event", "in a model", "in itself", "in attrs"],
)
def test_kinds_hold_each_other(event: object) -> None:
    """An event may hold values of the other kinds, of attrs and msgspec too."""
    back = there_and_back(event)

    assert back == event


@pytest.mark.parametrize("make", [Identified, IdentifiedLater, IdentifiedAgain])
def test_a_computed_field_is_kept(make: Callable[[int], object]) -> None:
    """A field that the class sets itself comes back as it was: it is not computed anew."""
    event = make(1)

    back = there_and_back(event)

    assert back == event


class Renamed(BaseModel):
    model_config = ConfigDict(alias_generator=str.upper, serialize_by_alias=True)
    user: int = Field(alias="userId")
    mail: str = Field(validation_alias="m")
    name: str = Field(serialization_alias="n")

    @pydantic.computed_field
    def greeting(self) -> str:
        return f"Hello {self.name}"


def test_aliases_are_not_heeded() -> None:
    """A model is stored by the names of its fields, whatever it is called by elsewhere."""
    event = Renamed(userId=1, m="a@b.c", NAME="Ann")  # type: ignore[call-arg]  # by its aliases

    written = encode(event)

    assert json.loads(written) == {"user": 1, "mail": "a@b.c", "name": "Ann"}
    assert decode(Renamed, written) == event


class OfOddNames(BaseModel):
    type: int
    ref: int
    cls: int
    default: bytes
    metadata: bytes
    schema_: bytes
    serialization: bytes


def test_fields_may_be_called_anything() -> None:
    """No name of a field means something to the codec."""
    event = OfOddNames(
        type=1,
        ref=2,
        cls=3,
        default=b"\xff",
        metadata=b"\xff",
        schema_=b"\xff",
        serialization=b"\xff",
    )

    assert there_and_back(event) == event


class Created(BaseModel, Generic[T]):
    what: T


def test_a_generic_model_with_its_arguments_is_a_class() -> None:
    """Created[User] of pydantic is stored as any other class."""
    event = Created[Held](what=Held(number=1))

    assert there_and_back(event) == event


class OfOwnInit(BaseModel):
    x: int

    def __init__(self, number: int) -> None:
        super().__init__(x=number)


def test_an_init_of_its_own_is_not_asked() -> None:
    """A model comes back as it was, whatever its `__init__` takes."""
    event = OfOwnInit(1)

    assert there_and_back(event) == event


class Shortened(BaseModel):
    model_config = ConfigDict(
        ser_json_bytes="hex", ser_json_timedelta="float", ser_json_inf_nan="constants"
    )
    blob: bytes
    lasted: timedelta


def test_how_a_model_writes_json_elsewhere_does_not_matter() -> None:
    """There is one form of bytes and of durations in what is stored."""
    written = encode(Shortened(blob=b"\xff", lasted=timedelta(days=1)))

    assert written == b'{"blob":"_w==","lasted":"P1D"}'


class WithExtras(BaseModel):
    model_config = ConfigDict(extra="allow")
    x: int


def test_extras_that_a_model_allows_are_kept() -> None:
    """A model with extra="allow" comes back with them."""
    event = WithExtras(x=1, y=[2])  # type: ignore[call-arg]  # an extra

    assert there_and_back(event) == event


@dataclass(eq=False)
class Same:
    x: int | str
    held: "Same | None" = None


def test_a_class_without_equality_comes_back() -> None:
    """What `==` cannot tell is compared field by field."""
    back = there_and_back(Same(1, Same("a")))

    assert back.held is not None
    assert (back.x, back.held.x) == (1, "a")


class Met(Event):
    at: datetime
    about: int | str = ""  # a union: what holds one is compared with what comes back


def test_a_time_keeps_its_instant() -> None:
    """The name of a zone is lost, the instant and the offset are kept, also when clocks go back."""
    event = Met(at=datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Amsterdam")))

    back = there_and_back(event)

    assert back.at.isoformat() == "2024-10-27T02:30:00+01:00"
    assert back.at.timestamp() == event.at.timestamp()


def test_what_an_old_event_lacks_has_its_default() -> None:
    """A new field with a default, of a value or made by a factory, leaves old events readable."""

    class Placed(Event):
        order: int
        note: str = "none"
        tags: list[str] = field(default_factory=list)

    back = decode(Placed, b'{"order": 1}')

    assert back == Placed(order=1)


@pytest.mark.parametrize(
    "base", [BaseModel, Event, msgspec.Struct], ids=["model", "Event", "msgspec"]
)
def test_a_class_that_is_made_and_dropped_is_not_kept(base: Any) -> None:  # Any: of every kind
    """The codec holds nothing of a class that nobody else holds."""

    def use_a_new_class() -> "weakref.ref[type]":
        class Passing(base):  # type: ignore[misc]  # a base that is not known before
            x: int

        decode(Passing, encode(Passing(x=1)))
        return weakref.ref(Passing)

    used = use_a_new_class()
    gc.collect()

    assert used() is None


def test_a_class_made_from_another_has_its_own_codec() -> None:
    """What is copied with the attributes of a class, as slots=True does it, is not taken for it."""

    @dataclass
    class First:
        x: int

    encode(First(1))
    second = dataclass(slots=True)(First)

    assert type(there_and_back(second(1))) is second


def test_threads_may_write_a_new_class_at_once() -> None:
    """The first use of a class by several threads gives each its bytes."""

    class Fresh(Event):
        x: int

    barrier, written = Barrier(8), list[bytes]()

    def write() -> None:
        barrier.wait()
        written.append(encode(Fresh(x=1)))

    threads = [Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert written == [b'{"x":1}'] * 8


IMPORTS = """
import sys
from typedbus import Event
from typedbus.core.codec import decode, encode

class Placed(Event):
    order: int

print("pydantic" in sys.modules)
assert decode(Placed, encode(Placed(order=1))) == Placed(order=1)
print("pydantic" in sys.modules, {"attr", "attrs", "msgspec"} & sys.modules.keys())
"""


def test_nothing_is_imported_that_the_event_does_not_need() -> None:
    """Without an event not even pydantic is imported; attrs and msgspec need not be there."""
    command = [sys.executable, "-c", IMPORTS]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout == "False\nTrue set()\n"
