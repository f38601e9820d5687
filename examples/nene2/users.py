"""Users: where they are kept, and the use case that creates one."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

from nene2.events import UserCreated
from typedbus import Publisher


@dataclass(frozen=True, slots=True)
class User:
    user_id: int
    name: str
    email: str


class EmailTakenError(Exception):
    """Somebody else has this e-mail address."""

    def __init__(self, email: str, /) -> None:
        super().__init__(email)
        self.email = email

    def __str__(self) -> str:
        return f"Cannot create a second user with {self.email!r}: choose another address."


class Users:
    """All users, in memory."""

    def __init__(self) -> None:
        self._by_email: dict[str, User] = {}
        self._lock = Lock()  # FastAPI runs `def` endpoints in several threads

    def __iter__(self) -> Iterator[User]:
        return iter(tuple(self._by_email.values()))

    def add(self, name: str, email: str) -> User:
        """Keep a new user and return it; raise `EmailTakenError` for an address that is known."""
        with self._lock:
            if email in self._by_email:
                raise EmailTakenError(email)
            user = User(len(self._by_email) + 1, name, email)
            self._by_email[email] = user
        return user


class CreateUser:
    """The use case: knows no HTTP, no bus and nobody who listens, only that it may publish."""

    def __init__(self, users: Users, events: Publisher[UserCreated]) -> None:
        self._users = users
        self._events = events

    def execute(self, name: str, email: str) -> User:
        """Create a user and publish `UserCreated`."""
        user = self._users.add(name, email)
        self._events.publish(UserCreated(user_id=user.user_id, email=user.email))
        return user
