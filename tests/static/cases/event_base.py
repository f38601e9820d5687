"""`Event`: frozen and keyword-only by inheritance, in every checker."""

from dataclasses import field, replace
from typing import ClassVar, assert_type

from shop import ShopEvent, UserCreated, UserEvent
from typedbus import Event


class Tagged(Event):
    tags: tuple[str, ...] = ()
    headers: dict[str, str] = field(default_factory=dict[str, str])
    topic: ClassVar[str] = "tags"


class Renamed(Tagged):
    # A required field after one with a default: fine, as fields are keyword-only.
    name: str


class Thawed(Renamed, frozen=False): ...  # error: all


# construction
Event()
ShopEvent()
UserEvent(user_id=1)
UserEvent(user_id=1, shop="second")
UserCreated(email="a@b.c", user_id=1, shop="second")
Renamed(name="a", tags=("b",), headers={"c": "d"})
UserEvent(1)  # error: all
UserCreated(1, "a@b.c")  # error: all
UserEvent()  # error: all mypy[call-arg]
UserEvent(user_id="1")  # error: all mypy[arg-type]
UserEvent(user_id=1, name="a")  # error: all mypy[call-arg]
Renamed(name="a", topic="b")  # error: all
Event(shop="main")  # error: all

# fields
event = UserCreated(user_id=1, email="a@b.c")
assert_type(event, UserCreated)
assert_type(event.user_id, int)
assert_type(event.email, str)
assert_type(event.shop, str)
assert_type(Renamed(name="a").headers, dict[str, str])
assert_type(Renamed.topic, str)
assert_type(replace(event, email="c@d.e"), UserCreated)
event.email = "c@d.e"  # error: all mypy[misc]
event.shop = "second"  # error: all mypy[misc]
del event.email  # error: pyright ty pyrefly; mypy: FrozenInstanceError at run time
event.nope  # error: all mypy[attr-defined]

# the hash and the order of a dataclass
assert_type({event: 1}, dict[UserCreated, int])
print(event == UserCreated(user_id=1, email="a@b.c"))
print(event < event)  # error: all mypy[operator]


# patterns
def describe(given: ShopEvent) -> str:
    match given:
        case UserCreated(user_id=number, email=email):
            assert_type(number, int)
            return email + str(number)
        case UserEvent():
            return str(given.user_id)
        case _:
            return given.shop
