from typedbus import Event


class UserCreated(Event):
    email: str


class OrderPlaced(Event):
    order: int
