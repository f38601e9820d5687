"""Classes of every kind, for the rows to hold."""

import enum
import uuid
from abc import ABC, abstractmethod
from collections.abc import Generator
from dataclasses import KW_ONLY, InitVar, dataclass, field
from datetime import date, datetime
from logging import Logger, getLogger
from typing import (
    Annotated,
    Any,
    ClassVar,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    Protocol,
    Self,
    TypeAlias,
    TypeVar,
)

import attrs
import msgspec
import pydantic
from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, RootModel
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypeAliasType, TypedDict

from typedbus import Event

T = TypeVar("T")
Bounded = TypeVar("Bounded", bound=Logger)
Chosen = TypeVar("Chosen", int, Logger)

LOGGER = getLogger("a value that nobody can write as JSON")


def function(number: int) -> None:
    """Something to call."""


def generator() -> Generator[int, None, None]:
    """Something to loop over."""
    yield 1


# Dataclasses and events.


@dataclass(frozen=True)
class Point:
    x: int
    seen: datetime | None = None


@dataclass(frozen=True)
class Width:
    metres: int


@dataclass(frozen=True)
class Mass:
    grams: int


@dataclass(frozen=True)
class Load:
    grams: int


@dataclass(frozen=True)
class Heavy(Mass):
    pass


@dataclass(frozen=True)
class Empty:
    pass


@dataclass(frozen=True)
class Void:
    pass


@dataclass(slots=True)
class Slotted:
    x: int


@dataclass
class Logging:
    to: Logger


@dataclass
class NestedLogging:
    inner: list[Logging | None]


@dataclass
class Underscored:
    _x: int
    _: KW_ONLY
    y: int = 1


@dataclass
class OfTheClass:
    x: int
    log: ClassVar[Logger] = LOGGER
    quiet = LOGGER


class NotDecorated(Width):
    to: Logger = LOGGER


@dataclass
class Inheriting(Logging):
    x: int = 1


@dataclass
class Overriding(Logging):
    to: int  # type: ignore[assignment]  # what a field becomes is what counts


@dataclass
class Counted:
    x: int
    y: int = field(init=False, default=0)


@dataclass
class Computed:
    x: int
    y: int = field(init=False)

    def __post_init__(self) -> None:
        self.y = self.x + 1


@dataclass
class ComputedLogger:
    x: int
    to: Logger = field(init=False, default=LOGGER)


@dataclass
class Scaled:
    x: int
    factor: InitVar[int]


@dataclass
class MaybeScaled:
    x: int
    factor: InitVar[int] = 1


@dataclass
class ScaledAgain(Scaled):
    y: int = 1


@dataclass
class Node:
    x: int
    next: "Node | None" = None


@dataclass
class LoggingNode:
    to: Logger
    next: "LoggingNode | None" = None


@dataclass
class Box(Generic[T]):
    what: T


@dataclass
class IntBox(Box[int]):
    pass


@dataclass
class LoggerBox(Box[Logger]):
    pass


@dataclass
class Deeper(Generic[T]):
    """Holds a longer form of itself, without end."""

    x: T
    inner: "Deeper[list[T]] | None" = None


@pydantic.dataclasses.dataclass(frozen=True)
class PydanticPoint:
    x: int


class Placed(Event):
    order: int


class PlacedAgain(Event):
    order: int


class Started(Event):
    kind: Literal["started"] = "started"
    by: int


class Stopped(Event):
    kind: Literal["stopped"] = "stopped"
    by: int


class Abstract(Event, ABC):
    x: int

    @abstractmethod
    def size(self) -> int: ...


class Concrete(Abstract):
    def size(self) -> int:
        return 1


# Models of pydantic.


class Model(BaseModel):
    x: int
    seen: datetime | None = None


class MassModel(BaseModel):
    grams: int


class LoggingModel(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    to: Logger


class ModelBox(BaseModel, Generic[T]):
    what: T


class Private(BaseModel):
    x: int
    _to: Logger


class Mixin:
    x: int


class LoggingMixin:
    to: Logger = LOGGER


class Mixed(Mixin, BaseModel):
    pass


class Numbers(RootModel[list[int]]):
    pass


class AbstractModel(BaseModel, ABC):
    x: int

    @abstractmethod
    def size(self) -> int: ...


class ConcreteModel(AbstractModel):
    def size(self) -> int:
        return 1


# Tuples and dictionaries with names.


class Pair(NamedTuple):
    x: int
    y: str = ""


class PairAgain(Pair):
    pass


class LoggingPair(NamedTuple):
    x: int
    to: Logger


class PairBox(NamedTuple, Generic[T]):
    what: T


class BareTuple(tuple[int, int]):
    __slots__ = ()


class Settings(TypedDict):
    x: int


class MassDict(TypedDict):
    grams: int


class LoggingSettings(Settings):
    to: Logger


class DictBox(TypedDict, Generic[T]):
    what: T


class Tree(TypedDict):
    kids: "list[Tree]"


# Enums.


class Word(enum.StrEnum):
    A = "a"


class MixedWord(str, enum.Enum):  # noqa: UP042 - this is how they were written
    A = "a"


class Number(enum.IntEnum):
    A = 1


class Letter(enum.Enum):
    A = "a"
    B = "b"


class Digit(enum.Enum):
    ONE = 1
    TWO = 2


class Auto(enum.Enum):
    A = enum.auto()


class Bits(enum.Flag):
    A = 1
    B = 2


class Planet(enum.Enum):
    EARTH = (5.9, 6.3)

    def __init__(self, mass: float, radius: float) -> None:
        self.mass = mass


class NewPlanet(enum.Enum):
    EARTH = ("earth", 6.3)

    def __new__(cls, name: str, radius: float) -> Self:
        made = object.__new__(cls)
        made._value_ = name
        return made


class Raw(enum.Enum):
    A = b"a"


class Day(enum.Enum):
    FIRST = date(2024, 1, 1)


# Classes of one's own.


class Plain:
    def __init__(self, x: int) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Plain) and other.x == self.x

    def __hash__(self) -> int:
        return hash(self.x)


class Meta(type):
    pass


class WithMeta(metaclass=Meta):
    pass


class HasX(Protocol):
    x: int


class Name(str):
    __slots__ = ()


class Moment(datetime):
    pass


class Key(uuid.UUID):
    pass


class Scores(dict[str, int]):
    pass


class Hooked:
    def __init__(self, x: int) -> None:
        self.x = x

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hooked) and other.x == self.x

    __hash__ = None  # type: ignore[assignment]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls,
            core_schema.int_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(lambda given: given.x),
        )


class HookedAgain(Hooked):
    pass


class MetaHook(type):
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        return core_schema.any_schema()


class HookedByMeta(int, metaclass=MetaHook):
    pass


@attrs.frozen
class Attrs:
    x: int


@attrs.define
class MutableAttrs:
    x: int


class Struct(msgspec.Struct):
    x: int


UserId = NewType("UserId", int)
Channel = NewType("Channel", Logger)
Spot = NewType("Spot", Pair)


# Serializers and validators of one's own.


def write_plain(given: Plain) -> int:
    """Write it by hand."""
    return given.x


Written = Annotated[Plain, PlainValidator(Plain), PlainSerializer(write_plain)]
WrittenToo: TypeAlias = Written
Loud = Annotated[Logger, "without anything that pydantic would heed"]
Recursive = TypeAliasType("Recursive", "dict[str, Recursive] | int")
RecursiveLogger = TypeAliasType("RecursiveLogger", "dict[str, RecursiveLogger] | Logger")
LoggerList: TypeAlias = list[Logger]
AliasBox: TypeAlias = list[T]


class HandwrittenModel(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    given: Plain

    @pydantic.field_serializer("given")
    def write(self, given: Plain) -> int:
        return given.x

    @pydantic.field_validator("given", mode="plain")
    @classmethod
    def read(cls, given: Any) -> Plain:
        return given if isinstance(given, Plain) else Plain(given)


class HandwrittenAgain(HandwrittenModel):
    y: int = 1


@dataclass
class HandwrittenFields:
    direct: Annotated[Plain, PlainValidator(Plain), PlainSerializer(write_plain)]
    alias: Written
    again: WrittenToo | None = None
    quoted: "Annotated[Plain, PlainValidator(Plain), PlainSerializer(write_plain)] | None" = None
