from pydantic import BaseModel, ConfigDict

from typedbus import Bus


class UserCreated(BaseModel):
    # That this makes it read-only is known to pydantic's plugin alone.
    model_config = ConfigDict(frozen=True)

    email: str


class OrderPlaced(BaseModel):
    order: int


class ReadUser(BaseModel, from_attributes=True):
    email: str


def greet(event: UserCreated) -> None: ...


bus = Bus(BaseModel)
bus.subscribe(UserCreated, greet)
bus.subscribe(OrderPlaced, greet)
# Handler "greet" accepts "UserCreated", not "OrderPlaced"; subscribe it to "UserCreated", or let it accept "OrderPlaced"  [event-mismatch]
bus.publish(UserCreated(email="a@b.c"))
bus.publish(UserCreated)
# The class "UserCreated" is published instead of an instance; call it: UserCreated(...)  [event-class]
UserCreated(email=1)
# [arg-type]
UserCreated(email="a@b.c").email = "d@e.f"
# [misc]
ReadUser.from_orm(UserCreated(email="a@b.c"))
OrderPlaced.from_orm(UserCreated(email="a@b.c"))
# [pydantic-orm]
