from decorated_keeps_its_type.events import UserCreated, bus


@bus.on(UserCreated)
def greet(event: UserCreated, language: str = "en") -> None: ...
