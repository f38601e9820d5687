"""Event classes of every kind, with the same fields: what the codec must treat alike."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, make_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, Final, Literal, TypeAlias, get_type_hints
from uuid import UUID

import attrs
import msgspec
import pydantic
from pydantic import BaseModel, ConfigDict

from typedbus import Event

Make: TypeAlias = Callable[..., Any]  # Any: each kind is made by other rules


class Colour(enum.Enum):
    RED = "red"
    BLUE = 2


class Size(enum.Enum):
    SMALL = "s"
    LARGE = "l"


class Amount(Event):
    value: Decimal
    currency: Literal["EUR", "USD"] = "EUR"


class OfEvent(Event):
    number: int
    blob: bytes
    total: Decimal
    id: UUID
    at: datetime
    day: date
    clock: time
    lasted: timedelta
    share: float
    colour: Colour
    colours: frozenset[Colour]
    words: tuple[str, ...]
    pair: tuple[int, str]
    by_id: dict[UUID, Amount]
    by_number: dict[int, str]
    by_size: dict[Size, int]
    either: int | str | None
    amount: Amount | None = None


FIELDS: Final[Mapping[str, Any]] = get_type_hints(OfEvent)  # Any: types
KINDS: Final[Mapping[str, Make]] = {
    "Event": OfEvent,
    "dataclass": make_dataclass("OfDataclass", FIELDS.items()),
    "dataclass with slots": make_dataclass(
        "OfSlots", FIELDS.items(), frozen=True, slots=True, kw_only=True
    ),
    "model": pydantic.create_model("OfModel", **FIELDS),
    "pydantic dataclass": pydantic.dataclasses.dataclass(make_dataclass("Of", FIELDS.items())),
    "attrs": attrs.make_class(
        "OfAttrs", {name: attrs.field(type=FIELDS[name]) for name in FIELDS}, frozen=True
    ),
    "msgspec": msgspec.defstruct("OfStruct", FIELDS.items(), frozen=True),
}
ARGUMENTS: Final[Mapping[str, object]] = {
    "number": 2**70,
    "blob": b"\xff\x00",
    "total": Decimal("1.50"),
    "id": UUID(int=7),
    "at": datetime.fromisoformat("2024-05-06T07:08:09.000010+02:00"),
    "day": date(2024, 5, 6),
    "clock": time(1, 2, 3, 4),
    "lasted": timedelta(days=-1, microseconds=3),
    "share": 0.1,
    "colour": Colour.BLUE,
    "colours": frozenset(Colour),
    "words": ("ä", '"'),
    "pair": (1, "b"),
    "by_id": {UUID(int=8): Amount(value=Decimal(2))},
    "by_number": {-3: "c"},
    "by_size": {Size.SMALL: 1, Size.LARGE: 2},
    "either": "1",
    "amount": Amount(value=Decimal("0.1"), currency="USD"),
}


# Each holds events of other kinds.

_NUMBERS: Final = count(1)


class Held(BaseModel):
    number: int


@attrs.define
class HeldAttrs:
    number: int
    held: Held
    same: Held | None = None
    _hidden: bytes = b"\xfe"


class HeldStruct(msgspec.Struct, tag="one"):
    number: int
    held: HeldAttrs


class OtherStruct(msgspec.Struct, tag="other"):
    number: int
    held: HeldAttrs


class HoldsAll(Event):
    structs: tuple[HeldStruct | OtherStruct, ...]
    attrs: dict[str, HeldAttrs]
    held: Held


class ModelHolds(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    attrs: HeldAttrs
    struct: HeldStruct


@attrs.define
class AttrsNode:
    number: int
    next: "AttrsNode | None" = None


@dataclass
class Identified:
    """Has an id of its own, which nobody gives to it."""

    number: int
    id: UUID = field(init=False, default_factory=lambda: UUID(int=next(_NUMBERS)))


@dataclass(frozen=True, slots=True)
class IdentifiedLater:
    number: int
    id: UUID = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", UUID(int=next(_NUMBERS)))


@dataclass
class IdentifiedAgain(Identified):
    """Sets its id when it is made, over whatever is there."""

    def __post_init__(self) -> None:
        self.id = UUID(int=next(_NUMBERS))
