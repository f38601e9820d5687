from typedbus import Event


class UserEvent(Event):
    user: int


class UserCreated(Event):
    email: str
