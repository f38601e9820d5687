"""The endpoints of users, and `CurrentUser` for those of other modules."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from fastsoyadmin.events import bus
from fastsoyadmin.system.users.services import (
    LogIn,
    NameTakenError,
    RegisterUser,
    WrongPasswordError,
    is_there_anybody,
    user_of,
)

router = APIRouter(prefix="/system", tags=["users"])
register, log_in = RegisterUser(bus), LogIn(bus)
Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


class NewUser(BaseModel):
    name: str
    email: str
    password: str


class Credentials(BaseModel):
    name: str
    password: str


async def current_user(bearer: Bearer) -> int:
    """Return the number of the user whose token came with the request, or answer 401."""
    user_id = await user_of(bearer.credentials) if bearer else None
    if user_id is None:
        raise HTTPException(401, "Log in first: POST /system/login")
    return user_id


CurrentUser = Annotated[int, Depends(current_user)]


@router.post("/users", status_code=201)
async def post_user(body: NewUser, bearer: Bearer) -> dict[str, int]:
    """Open an account; the first one needs no log-in, for there is nobody who could."""
    if await is_there_anybody():
        await current_user(bearer)
    try:
        return {"user_id": await register.execute(body.name, body.email, body.password)}
    except NameTakenError as error:
        raise HTTPException(409, f"There is a user {body.name!r}: choose another name") from error


@router.post("/login")
async def post_login(body: Credentials) -> dict[str, str]:
    """Give out a token."""
    try:
        return {"token": await log_in.execute(body.name, body.password)}
    except WrongPasswordError as error:
        raise HTTPException(401, "The name or the password is wrong") from error
