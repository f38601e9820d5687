from typedbus import Bus, Event


class UserCreated(Event):
    email: str


class UserRenamed(UserCreated):
    name: str


bus = Bus()
