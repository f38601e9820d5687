import attrs

from typedbus import Bus


@attrs.frozen
class UserCreated:
    email: str


@attrs.define
class OrderPlaced:
    order: int = attrs.field(converter=int)


def greet(event: UserCreated) -> None: ...


bus = Bus(object)
bus.subscribe(UserCreated, greet)
bus.subscribe(OrderPlaced, greet)
# Handler "greet" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.publish(OrderPlaced("1"))
bus.publish(UserCreated(email=1))
# [arg-type]
bus.publish(UserCreated)
# The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
UserCreated(email="a@b.c").email = "d@e.f"
# [misc]
