from collections.abc import Callable
from typing import TypeAlias

from handler_accepts_another.events import OrderPlaced, UserCreated, UserRenamed

Greeter: TypeAlias = Callable[[UserCreated], None]


def greet(event: UserCreated) -> None: ...


class Mailer:
    greeter: Greeter

    def greet(self, event: UserCreated) -> None: ...

    @classmethod
    def for_all(cls, event: UserCreated) -> None: ...


def greeter_for(language: str) -> Greeter:
    raise NotImplementedError


handlers = [greet]
