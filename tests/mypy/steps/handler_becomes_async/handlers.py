from handler_becomes_async.events import UserCreated


def greet(event: UserCreated) -> None: ...
