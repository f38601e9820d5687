from typedbus import Event


class UserCreated(Event):
    email: str


class UserRenamed(UserCreated):
    name: str


class OrderPlaced(Event):
    order: int
