from only_the_caller_is_edited.inner.events import OrderPlaced, UserCreated
from typedbus import Publisher


def place(bus: Publisher[UserCreated]) -> None: ...


def greet(event: OrderPlaced) -> None: ...
