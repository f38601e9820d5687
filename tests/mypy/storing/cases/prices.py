"""What the events of the other files hold: in a module of its own, none of it an event."""

from collections.abc import Iterator
from dataclasses import InitVar, dataclass
from logging import Logger
from typing import Annotated, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, PlainSerializer, PlainValidator, field_serializer
from pydantic import field_validator as checks
from typing_extensions import TypedDict

from typedbus import Event

T = TypeVar("T")


class Currency:
    """A class that pydantic does not know."""

    code: str


def code_of(currency: Currency) -> str:
    return currency.code


def currency_of(code: str) -> Currency:
    return Currency()


CurrencyCode = Annotated[Currency, PlainValidator(currency_of), PlainSerializer(code_of)]
Code: TypeAlias = CurrencyCode
Coins: TypeAlias = list[Currency]
CoinsByName: TypeAlias = dict[str, Coins]


@dataclass(frozen=True)
class Price:
    cents: int
    currency: Currency


@dataclass(frozen=True)
class Offer:
    price: Price
    rest: "tuple[Offer, ...]" = ()


@dataclass(frozen=True)
class CodedPrice:
    cents: int
    currency: CurrencyCode
    other: Code | None = None
    third: "Annotated[Currency, PlainValidator(currency_of), PlainSerializer(code_of)] | None" = None


class HandwrittenPrice(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)
    currency: Currency

    @field_serializer("currency")
    def write(self, currency: Currency) -> str:
        return currency.code

    _read = checks("currency", mode="plain")(currency_of)


class DearPrice(HandwrittenPrice):
    second: Currency


@dataclass(frozen=True)
class Scaled:
    cents: int
    factor: InitVar[int]


class Parcel(TypedDict, Generic[T]):
    what: T


@dataclass(frozen=True)
class Box(Generic[T]):
    what: T
    label: str = ""


class Logged(Event):
    """A base of events that holds what cannot be stored."""

    log: Logger


class WithKey(Event, Generic[T]):
    key: T


def prices() -> Iterator[int]:
    yield 1
