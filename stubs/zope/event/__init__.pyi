from collections.abc import Callable

subscribers: list[Callable[[object], object]]

def notify(event: object) -> None: ...
