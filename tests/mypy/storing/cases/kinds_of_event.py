"""Events of every kind, each with a field that is lost: reported at the field."""

import enum
from abc import ABC, abstractmethod
from dataclasses import InitVar, dataclass, field
from logging import Logger, getLogger
from typing import ClassVar, Generic, NamedTuple, Protocol, TypeVar

import attrs
import msgspec
import pydantic
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import CoreSchema, core_schema
from typing_extensions import TypedDict

import typedbus
from typedbus import Event
from typedbus import event as named

T = TypeVar("T")


@named(name="kinds.event")
class OfEvent(Event):
    number: int
    log: Logger
    # Event "OfEvent" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    made: ClassVar[Logger] = getLogger()
    plain = getLogger()

    def __post_init__(self) -> None:
        self.late: Logger

    @property
    def own(self) -> Logger:
        return self.log


@typedbus.event(name="kinds.dataclass")
@dataclass(frozen=True)
class OfDataclass:
    log: Logger
    # Event "OfDataclass" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    factor: InitVar[int]
    # Event "OfDataclass" leaves the process as JSON, and its field "factor" is an InitVar, which is not stored; make it a field, or give it a default  [event-json]
    number: int = 0
    other: Logger | None = field(default=None)
    # Event "OfDataclass" leaves the process as JSON, and its field "other" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    maybe: InitVar[int] = 1


@dataclass(frozen=True)
@typedbus.event(name="kinds.below")
class NamedBelow:
    log: Logger
    # Event "NamedBelow" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    factor: InitVar[int]
    # Event "NamedBelow" leaves the process as JSON, and its field "factor" is an InitVar, which is not stored; make it a field, or give it a default  [event-json]


@named(name="kinds.model")
class OfModel(BaseModel, frozen=True):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    log: Logger = Field(default_factory=getLogger)
    # Event "OfModel" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    _hidden: Logger


@named(name="kinds.pydantic-dataclass")
@pydantic.dataclasses.dataclass(frozen=True, config=ConfigDict(arbitrary_types_allowed=True))
class OfPydanticDataclass:
    log: Logger
    # Event "OfPydanticDataclass" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]


@named(name="kinds.named-tuple")
class OfNamedTuple(NamedTuple):
    number: int
    log: Logger
    # Event "OfNamedTuple" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]


@named(name="kinds.typed-dict")
class OfTypedDict(TypedDict):
    # The TypedDict "OfTypedDict" has no instances of its own, so it cannot be an event class; make it a dataclass or an Event  [event-class]
    log: Logger


# pydantic has no say in what classes of attrs and msgspec become.
@named(name="kinds.attrs")
@attrs.frozen
class OfAttrs:
    log: Logger


@named(name="kinds.msgspec")
class OfMsgspec(msgspec.Struct):
    log: Logger


@named(name="kinds.plain")
class OfNothing:
    # Event "OfNothing" leaves the process as JSON, and is a class that pydantic does not know; make it a dataclass, an Event or a model  [event-json]
    log: Logger


@named(name="kinds.protocol")
class OfProtocol(Protocol):
    # Event "OfProtocol" leaves the process as JSON, and is a class that pydantic does not know; make it a dataclass, an Event or a model  [event-json]
    log: Logger


@named(name="kinds.text")
class OfText(str):
    # Event "OfText" leaves the process as JSON, and is a class that pydantic does not know; use its base, or a NewType of the base  [event-json]
    log: Logger


@named(name="kinds.enum")
class OfEnum(enum.Enum):
    FIRST = getLogger()


@named(name="kinds.own-schema")
class OfOwnSchema:
    log: Logger

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        return core_schema.any_schema()


@named(name="kinds.own-schema-of-a-dataclass")
class EventWithSchema(Event):
    log: Logger

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        return core_schema.any_schema()


@named(name="kinds.handwritten")
class Handwritten(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    log: Logger

    @pydantic.model_serializer
    def write(self) -> str:
        return self.log.name

    @pydantic.model_validator(mode="before")
    @classmethod
    def read(cls, given: object) -> object:
        return {"log": getLogger(str(given))}


@named(name="kinds.abstract")
class OfAbstract(Event, ABC):
    log: Logger
    # Event "OfAbstract" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]

    @abstractmethod
    def size(self) -> int: ...


@named(name="kinds.generic")
class OfGeneric(Event, Generic[T]):
    what: T
    logs: dict[str, T | Logger]
    # Event "OfGeneric" leaves the process as JSON, and its field "logs" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]


class Outer:
    @named(name="kinds.inner")
    class Inner(Event):
        log: Logger
        # Event "Inner" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]


if not isinstance(Outer, str):

    @named(name="kinds.conditional")
    class Conditional(Event):
        log: Logger
        # Event "Conditional" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]


def make() -> type[Event]:
    @named(name="kinds.local")
    class Local(Event):
        log: Logger
        # Event "Local" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]

    return Local


class Unnamed(Event):
    """It stays in the process, where it may hold what it likes."""

    log: Logger
