from django.db import models

from typedbus import Bus, Event


class User(models.Model):
    email = models.CharField(max_length=100)


class UserCreated(Event):
    user: User


class UserRenamed(Event):
    name: str


def greet(event: UserCreated) -> None:
    event.user.email.upper()


def rename(event: UserRenamed) -> None:
    User.objects.filter(email=event.name)
    User.objects.filter(name=event.name)
    # [misc]


bus = Bus()


def main() -> None:
    bus.subscribe(UserCreated, greet)
    bus.subscribe(UserRenamed, rename)
    bus.subscribe(UserCreated, rename)
    # Handler "rename" accepts "UserRenamed", not "UserCreated"; subscribe it to "UserRenamed", or let it accept "UserCreated"  [event-mismatch]
    bus.publish(UserCreated(user=User(email="a@b.c")))
    bus.publish(UserCreated(user=User(name="a")))
    # [misc]
