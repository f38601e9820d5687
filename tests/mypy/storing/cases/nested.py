"""Fields of the classes that an event holds: reported at the event's own field."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from logging import Logger
from typing import Any, Generic, NamedTuple, NewType, TypeVar

from pydantic import SecretStr

from prices import (
    Box,
    CodedPrice,
    CoinsByName,
    Currency,
    DearPrice,
    HandwrittenPrice,
    Logged,
    Offer,
    Parcel,
    Price,
    Scaled,
    WithKey,
)
from typedbus import Event, event

T = TypeVar("T")
Token = NewType("Token", SecretStr)


class Pair(NamedTuple):
    left: int
    right: Price


@dataclass
class Deeper(Generic[T]):
    here: T
    inner: "Deeper[list[T]] | None" = None


@event(name="nested.priced")
class Priced(Event):
    price: Price
    # Event "Priced" leaves the process as JSON, and its field "price.currency" has type "Currency", a class that pydantic does not know; make it a dataclass, an Event or a model  [event-json]
    offers: Mapping[str, list[Offer | None]]
    # Event "Priced" leaves the process as JSON, and its field "offers.price.currency" has type "Currency", a class that pydantic does not know; make it a dataclass, an Event or a model  [event-json]
    pair: Pair
    # Event "Priced" leaves the process as JSON, and its field "pair.right.currency" has type "Currency", a class that pydantic does not know; make it a dataclass, an Event or a model  [event-json]
    scaled: Scaled
    # Event "Priced" leaves the process as JSON, and its field "scaled.factor" is an InitVar, which is not stored; make it a field, or give it a default  [event-json]
    coins: CoinsByName
    # Event "Priced" leaves the process as JSON, and its field "coins" has type "Currency", a class that pydantic does not know; make it a dataclass, an Event or a model  [event-json]
    token: Token
    # Event "Priced" leaves the process as JSON, and its field "token" has type "SecretStr", which is written as asterisks; keep what finds the secret  [event-json]
    # What is written and read by hand, in another module:
    coded: CodedPrice
    handwritten: HandwrittenPrice
    dear: DearPrice


@event(name="nested.boxed")
class Boxed(Event, Generic[T]):
    right: Box[datetime]
    wrong: Box[Price]
    # Event "Boxed" leaves the process as JSON, and its field "wrong.what.currency" has type "Currency", a class that pydantic does not know; make it a dataclass, an Event or a model  [event-json]
    parcel: Parcel[Logger]
    # Event "Boxed" leaves the process as JSON, and its field "parcel.what" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    open: Box[T]
    endless: Deeper[int]
    endless_and_wrong: Deeper[Logger]
    # Event "Boxed" leaves the process as JSON, and its field "endless_and_wrong.here" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    # fmt: off
    of_two: (
        # Event "Boxed" leaves the process as JSON, and its field "of_two.what" has type "Callable[[], Any]", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
        Box[int]
        | Box[Callable[[], Any]]
    )
    # fmt: on


@event(name="nested.inherits")
class Inherits(Logged):
    # Event "Inherits" leaves the process as JSON, and its field "log" has type "Logger", which pydantic cannot write; keep what identifies it, or what is in it  [event-json]
    number: int


@event(name="nested.inherits.again")
class InheritsAgain(Inherits):
    # The base that has a wire name was told.
    more: int


@event(name="nested.mends")
class Mends(Logged):
    log: str  # type: ignore[assignment]


@event(name="nested.keyed")
class Keyed(WithKey[int]):
    number: int


@event(name="nested.keyed.wrong")
class KeyedWrong(WithKey[Currency]):
    # Event "KeyedWrong" leaves the process as JSON, and its field "key" has type "Currency", a class that pydantic does not know; make it a dataclass, an Event or a model  [event-json]
    number: int


@event(name="nested.ignored")
class Ignored(Event):
    log: Logger  # type: ignore[event-json]
