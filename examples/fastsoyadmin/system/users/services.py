"""The use cases of users: register, log in."""

import secrets

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from fastsoyadmin.contracts.users import UserLoggedIn, UserRegistered
from fastsoyadmin.database import Sessions
from fastsoyadmin.system.users.passwords import digest_of, is_right, protect
from fastsoyadmin.system.users.tables import Login, User
from typedbus import AsyncPublisher
from typedbus.adapters.sqlalchemy import transaction


class NameTakenError(Exception):
    """Somebody else has this name."""


class WrongPasswordError(Exception):
    """There is no such user, or the password is another one."""


class RegisterUser:
    """Opens accounts."""

    def __init__(self, events: AsyncPublisher[UserRegistered]) -> None:
        self._events = events

    async def execute(self, name: str, email: str, password: str) -> int:
        """Open an account and return its number; raise `NameTakenError` for a known name."""
        async with transaction(Sessions) as session:
            user = User(name=name, email=email, password=protect(password))
            session.add(user)
            try:
                await session.flush()
            except IntegrityError as error:
                raise NameTakenError(name) from error
            await self._events.publish(UserRegistered(user_id=user.id, name=name, email=email))
        return user.id


class LogIn:
    """Gives out tokens."""

    def __init__(self, events: AsyncPublisher[UserLoggedIn]) -> None:
        self._events = events

    async def execute(self, name: str, password: str) -> str:
        """Return a new token; raise `WrongPasswordError` if there is nothing to give it for."""
        async with transaction(Sessions) as session:
            user = await session.scalar(select(User).where(User.name == name))
            if user is None or not is_right(password, user.password):
                raise WrongPasswordError(name)
            token = secrets.token_urlsafe()
            session.add(Login(digest=digest_of(token), user_id=user.id))
            await self._events.publish(UserLoggedIn(user_id=user.id))
        return token


async def is_there_anybody() -> bool:
    """Say whether there is any user."""
    async with transaction(Sessions) as session:
        return await session.scalar(select(User.id).limit(1)) is not None


async def user_of(token: str) -> int | None:
    """Return the number of the user who got *token*, if anybody did."""
    async with transaction(Sessions) as session:
        login = await session.get(Login, digest_of(token))
    return login.user_id if login else None
