"""What cannot become JSON and come back, and what is no event: an error that says where."""

import math
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from logging import Logger, getLogger
from typing import Annotated, Any

import attrs
import msgspec
import pydantic
import pytest
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

from typedbus import Event
from typedbus.core.codec import decode, encode
from typedbus.core.errors import DecodeError, EncodeError


class Line(Event):
    price: Decimal
    note: str = ""


class Discounted(Line):
    percent: int = 0


class Positive(BaseModel):
    x: int = Field(default=1, gt=0)


@dataclass(frozen=True)
class Plainly:
    """Its types alone tell what comes back: what JSON is not made of shows in the values."""

    lines: tuple[Line, ...] = ()
    share: float | None = None
    total: Decimal = Decimal(0)
    number: int = 0
    numbers: tuple[dict[str, list[int]], ...] = ()
    text: str = ""
    texts: frozenset[str] = frozenset()
    at: datetime | None = None
    clock: time | None = None


@dataclass(frozen=True)
class Held(Plainly):
    """Its types do not tell: an event is read back and compared."""

    anything: Any = None
    some: Sequence[int] = field(default_factory=list)
    positive: Annotated[int, Field(gt=0)] = 1
    logger: Logger | None = None


LMT = timezone(timedelta(minutes=19, seconds=32))
MISFITS: dict[str, tuple[dict[str, object], str]] = {
    "not a number": ({"share": math.nan}, "share"),
    "infinite": ({"share": math.inf}, "share"),
    "infinite decimal": ({"total": Decimal("Infinity")}, "total"),
    "decimal that is no number": ({"total": Decimal("NaN")}, "total"),
    "number too long to be read": ({"number": 10**5000}, "number"),
    "wrong type": ({"number": "1"}, "number"),
    "None": ({"number": None}, "number"),
    "wrong type, deep inside": ({"numbers": ({}, {"a b": [1, "2"]})}, "numbers[1]['a b'][1]"),
    "wrong key": ({"numbers": ({1: [1]},)}, "numbers[0]"),
    "lone surrogate": ({"text": "\ud800"}, "text"),
    "lone surrogate in a set": ({"texts": frozenset({"\ud800"})}, "texts[0]"),
    "lone surrogate in a key": ({"numbers": ({"\ud800": [1]},)}, "numbers[0]"),
    "lone surrogate in an event": (
        {"lines": (Line(price=Decimal(1), note="\ud800"),)},
        "lines[0].note",
    ),
    "offset with seconds": ({"at": datetime(1900, 1, 1, tzinfo=LMT)}, "at"),
    "instance of a subclass": ({"lines": (Discounted(price=Decimal(1), percent=5),)}, "lines[0]"),
    "time with an offset with seconds": ({"clock": time(1, tzinfo=LMT)}, "clock"),
}
OF_HELD: dict[str, tuple[dict[str, object], str]] = {
    "infinite for Any": ({"anything": {"a": math.inf}}, "anything.a"),
    "date for Any": ({"anything": [date(2024, 1, 1)]}, "anything[0]"),
    "tuple for Sequence": ({"some": (1,)}, "some"),
    "breaks a constraint": ({"positive": 0}, "positive"),
    "no form at all": ({"logger": getLogger("a")}, "logger"),
}


@pytest.mark.parametrize(
    ("cls", "fields", "where"),
    [
        pytest.param(cls, *misfit, id=f"{cls.__name__}, {name}")
        for cls, misfits in {Plainly: MISFITS, Held: MISFITS | OF_HELD}.items()
        for name, misfit in misfits.items()
    ],
)
def test_what_would_not_come_back_is_refused(
    cls: type[Plainly], fields: dict[str, Any], where: str
) -> None:
    """Nothing changes or gets lost unseen: the error names the class and the field."""
    event = cls(**fields)

    with pytest.raises(EncodeError) as raised:
        encode(event)

    assert raised.value.act == f"write {__name__}.{cls.__name__} as JSON"
    assert raised.value.problem.startswith(f"{where}: ")


class Chain(Event):
    next: "Chain | None" = None


@pytest.mark.parametrize("depth", [230, 2000])
def test_what_is_too_deep_to_be_read_is_not_written(depth: int) -> None:
    """The parser has a bound; an event beyond it is refused, and the path to it is cut short."""
    event = Chain()
    for _ in range(depth):
        event = Chain(next=event)

    with pytest.raises(EncodeError) as raised:
        encode(event)

    assert len(raised.value.problem.partition(": ")[0]) < 80


@dataclass
class Scaled:
    x: int
    factor: InitVar[int]


@dataclass
class Growing:
    x: int

    def __post_init__(self) -> None:
        self.x += 1


def louder(text: str) -> str:
    """Convert what is converted already once more."""
    return text + "!"


@attrs.define
class Loud:
    text: str = attrs.field(converter=louder)


class Hiding(BaseModel):
    x: int
    secret: str = Field(default="", exclude=True)
    _private: int = 0


def hidden_in_private() -> Hiding:
    """Return a model that differs from another one only in what is private."""
    made = Hiding(x=1)
    made._private = 5  # noqa: SLF001 - ours
    return made


class WithExtras(BaseModel):
    model_config = ConfigDict(extra="allow")


class Unequal:
    """Raises when it is compared, as an array of numpy does."""

    def __eq__(self, other: object) -> bool:
        raise LookupError("not to be compared")

    __hash__ = None  # type: ignore[assignment]  # as an array

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            lambda given: cls(),
            core_schema.any_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda given: None),
        )


@dataclass
class Comparing:
    held: Unequal


CHANGED: dict[str, Callable[[], object]] = {
    "InitVar that no field keeps": lambda: Scaled(1, 2),
    "__post_init__ that is not repeatable": lambda: Growing(1),
    "converter that is not repeatable": lambda: Loud("a"),
    "excluded field": lambda: Hiding(x=1, secret="a"),
    "extra that is no JSON": lambda: WithExtras(day=date(2024, 1, 1)),  # type: ignore[call-arg]  # an extra
    "equality that raises": lambda: Comparing(Unequal()),
    "private attribute": hidden_in_private,
    "model that was not validated": lambda: Positive.model_construct(x=-1),
    "field that was never set": lambda: Held.__new__(Held),
    "model whose field was never set": lambda: Line.__new__(Line),
}


@pytest.mark.parametrize("make", CHANGED.values(), ids=CHANGED)
def test_a_class_that_comes_back_changed_is_refused(make: Callable[[], object]) -> None:
    """Whatever the class does when it is made, a changed event is never stored."""
    event = make()

    with pytest.raises(EncodeError):
        encode(event)


class Plain:
    pass


def of_local_classes() -> type:
    """Return a class whose annotations name what only a function knows."""

    @dataclass
    class Outer:
        inner: "Inner"

    @dataclass
    class Inner:
        x: int

    return Outer


def of_local_attrs() -> type:
    """Return the same, made by attrs."""

    @attrs.define
    class Outer:
        inner: "Inner"

    class Inner:
        x: int

    return Outer


@pydantic.dataclasses.dataclass
class Strict:
    x: int


@pytest.mark.parametrize(
    ("cls", "word"),
    [
        (Plain, "which fields"),
        (int, "which fields"),
        (of_local_classes(), "'Inner'"),
        (of_local_attrs(), "'Inner'"),
    ],
    ids=["no fields", "built-in", "unknown name", "unknown name in attrs"],
)
def test_a_class_without_a_schema_is_refused(cls: type, word: str) -> None:
    """Writing and reading it says what is missing."""
    with pytest.raises(EncodeError, match=word):
        encode(object.__new__(cls) if cls is not int else 1)
    with pytest.raises(DecodeError, match=word):
        decode(cls, b"{}")


class OfModel(BaseModel):
    x: int


class OfOldModel(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=False)
    x: int


@attrs.define
class OfAttrs:
    x: int


class OfStruct(msgspec.Struct):
    x: int


class OfTypedDict(TypedDict):
    x: int


class Outer(Event):
    model: OfModel | None = None
    validated: Strict | None = None
    attrs: OfAttrs | None = None
    struct: OfStruct | None = None
    record: OfTypedDict | None = None
    lines: tuple[Line, ...] = ()


INSIDE = ["model", "validated", "attrs", "struct", "record"]


@pytest.mark.parametrize("field", INSIDE)
@pytest.mark.parametrize(
    ("inner", "place"),
    [('{"x": 1, "y": 2}', ".y"), ("{}", ".x"), ('{"x": "1"}', ".x"), ('{"x": 1.0}', ".x")],
    ids=["unknown field", "missing field", "text for a number", "float for a number"],
)
def test_what_does_not_fit_is_refused_at_every_depth(field: str, inner: str, place: str) -> None:
    """A class that says nothing of extras and strictness is read strictly, of any kind."""
    data = f'{{"{field}": {inner}}}'

    with pytest.raises(DecodeError) as raised:
        decode(Outer, data)

    assert raised.value.problem.startswith(f"{field}{place}: ")


@pytest.mark.parametrize("cls", [OfModel, Strict, OfAttrs, OfStruct, Line])
def test_an_unknown_field_of_the_event_itself_is_refused(cls: type) -> None:
    """Also where nothing is around it."""
    with pytest.raises(DecodeError) as raised:
        decode(cls, b'{"x": 1, "price": "1", "unknown": 2}')

    assert "unknown: " in raised.value.problem


def test_a_model_may_choose_to_be_lenient() -> None:
    """What its own configuration says of extras and strictness stands."""
    assert decode(OfOldModel, b'{"x": "1", "y": 2}') == OfOldModel(x=1)


def test_the_first_problems_are_told_with_their_places() -> None:
    """Three of them, and how many more there are."""
    data = b'{"lines": [{"price": "a"}, {}, {"price": "1", "note": 1}], "z": 1, "model": 1}'

    with pytest.raises(DecodeError) as raised:
        decode(Outer, data)

    assert raised.value.act == f"read {__name__}.Outer from JSON"
    assert "lines[0].price: " in raised.value.problem
    assert raised.value.problem.endswith("; and 2 more")


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"null", b'"\xff"', b'{"share": NaN}', '{"x": 1}'], ids=repr
)
def test_what_is_no_event_is_refused(data: bytes | str) -> None:
    """Whatever stands there, it is one error."""
    with pytest.raises(DecodeError, match="Held"):
        decode(Held, data)


class Refusing(Event):
    x: int

    def __post_init__(self) -> None:
        if self.x > 1:
            raise LookupError("too large")


def test_what_a_class_raises_is_told() -> None:
    """An error of the class itself, of any type, is one of reading."""
    with pytest.raises(DecodeError, match="too large") as raised:
        decode(Refusing, b'{"x": 2}')

    assert isinstance(raised.value.__cause__, LookupError)


REMEDIES = {
    "missing": (b"{}", "a default"),
    "unknown": (b'{"price": "1", "z": 1}', "keep a field"),
    "other": (b'{"price": true}', "compare the class"),
}


@pytest.mark.parametrize(("data", "remedy"), REMEDIES.values(), ids=REMEDIES)
def test_the_sentence_ends_in_the_remedy(data: bytes, remedy: str) -> None:
    """It depends on what is wrong."""
    with pytest.raises(DecodeError) as raised:
        decode(Line, data)

    assert remedy in str(raised.value)
