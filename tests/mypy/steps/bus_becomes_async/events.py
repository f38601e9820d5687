from typedbus import Event


class UserCreated(Event):
    email: str
