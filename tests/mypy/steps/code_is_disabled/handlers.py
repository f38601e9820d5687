from typing import Any

from typedbus import Event


class UserCreated(Event):
    email: str


def greet(event: UserCreated) -> None: ...


def thank(event: UserCreated) -> None: ...
