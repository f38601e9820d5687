"""What happens to users."""

from fastsoyadmin.events import DomainEvent


class UserEvent(DomainEvent):
    """Something that happened to a user."""


class UserRegistered(UserEvent):
    """Somebody got an account."""

    user_id: int
    name: str
    email: str


class UserLoggedIn(UserEvent):
    """Somebody gave the right password."""

    user_id: int
