from typedbus import Bus, Event


class UserCreated(Event):
    email: str


class Topic:
    def subscribe(self, name: str) -> str:
        return name

    def publish(self, name: str) -> str:
        return name


def greet(event: int) -> None: ...


def stamp_of(event: UserCreated) -> int:
    return event.stamp


def length_of(topic: Topic) -> int:
    topic.subscribe("user.created")
    # [arg-type]
    return topic.publish(topic)


bus = Bus()
bus.subscribe(UserCreated, greet)
# Handler "greet" accepts "int", not "UserCreated"; subscribe it to "int", or let it accept "UserCreated"  [event-mismatch]
bus.publish("user.created")
# No string names an event: "user.created" is no event; did you mean "UserCreated(...)"?  [event-name]
