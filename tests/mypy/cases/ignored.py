"""`# type: ignore` with our codes, and with the codes that they are part of."""

from typing import Any

from shop import OrderPlaced, UserCreated, bus, created_later, on_order
from typedbus import Bus, Publisher


def create(events: Publisher[UserCreated]) -> None: ...


bus.subscribe(UserCreated, on_order)  # type: ignore[event-mismatch]  # mypy alone: [arg-type] [unused-ignore]
bus.subscribe(UserCreated, on_order)  # type: ignore
bus.subscribe(UserCreated, created_later)  # type: ignore[event-async]  # mypy alone: [arg-type] [unused-ignore]
bus.subscribe("created", on_order)  # type: ignore[event-name]  # mypy alone: [arg-type] [unused-ignore]
bus.subscribe(int, print)  # type: ignore[event-outside]  # mypy alone: [unused-ignore]
bus.publish("created")  # type: ignore[event-name]  # mypy alone: [arg-type] [unused-ignore]
bus.publish(UserCreated)  # type: ignore[event-class]  # mypy alone: [arg-type] [unused-ignore]
bus.publish(1)  # type: ignore[event-outside]  # mypy alone: [arg-type] [unused-ignore]
create(Bus(OrderPlaced))  # type: ignore[event-mismatch]  # mypy alone: [arg-type] [unused-ignore]
bus.subscribe(
    UserCreated,
    on_order,  # type: ignore[event-mismatch]  # mypy alone: [arg-type] [unused-ignore]
)


@bus.on(UserCreated)  # type: ignore[event-mismatch]  # mypy alone: [arg-type] [unused-ignore]
def on_created(event: OrderPlaced) -> None: ...
@bus.on(UserCreated)  # type: ignore[event-untyped]  # mypy alone: [unused-ignore]
def on_any(event: Any) -> None: ...


# What is not there cannot be ignored, and mypy names the narrower code.
bus.subscribe(OrderPlaced, on_order)  # type: ignore[event-mismatch]
# [unused-ignore]
bus.subscribe(UserCreated, on_order)  # type: ignore[arg-type]
# [unused-ignore]
bus.publish("created")  # type: ignore[arg-type]
# [unused-ignore]
bus.subscribe(UserCreated, on_any)  # type: ignore[event-untyped, event-mismatch]
# [unused-ignore]
