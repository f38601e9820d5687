"""The HTTP side: endpoints that know no handler, and two ways to run handlers later."""

from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from pydantic import BaseModel

from nene2.orders import CancelOrder, NoSuchOrderError, Order, PlaceOrder
from nene2.services import Services, create_services
from nene2.users import CreateUser, EmailTakenError, User
from typedbus.adapters.fastapi import (
    AfterResponseMiddleware,
    after_response,
    release_in_background,
)


class CreateUserBody(BaseModel):
    name: str
    email: str


class PlaceOrderBody(BaseModel):
    email: str
    total_amount: int


def create_app(services: Services | None = None) -> FastAPI:
    """Make the app; the middleware runs `after_response` handlers once the response is out."""
    app = FastAPI(title="nene2")
    app.add_middleware(AfterResponseMiddleware)
    app.include_router(endpoints(services or create_services(later=after_response)))
    return app


def create_app_without_middleware(services: Services | None = None) -> FastAPI:
    """Make the same app on FastAPI's own BackgroundTasks and nothing else."""
    app = FastAPI(title="nene2", dependencies=[Depends(release_in_background)])
    app.include_router(endpoints(services or create_services(later=after_response)))
    return app


def endpoints(services: Services) -> APIRouter:
    """Return the endpoints over *services*; each gets its use case from `Depends`."""
    router = APIRouter()

    def create_user_use_case() -> CreateUser:
        return CreateUser(services.users, services.bus)

    def place_order_use_case() -> PlaceOrder:
        return PlaceOrder(services.orders, services.bus)

    def cancel_order_use_case() -> CancelOrder:
        return CancelOrder(services.orders, services.bus)

    @router.post("/users", status_code=201)
    def create_user(
        body: CreateUserBody, use_case: Annotated[CreateUser, Depends(create_user_use_case)]
    ) -> User:
        try:
            return use_case.execute(body.name, body.email)
        except EmailTakenError as error:
            raise HTTPException(409, str(error)) from error

    @router.post("/orders", status_code=201)
    def place_order(
        body: PlaceOrderBody, use_case: Annotated[PlaceOrder, Depends(place_order_use_case)]
    ) -> Order:
        return use_case.execute(body.email, body.total_amount)

    @router.delete("/orders/{order_id}", status_code=204)
    def cancel_order(
        order_id: str, use_case: Annotated[CancelOrder, Depends(cancel_order_use_case)]
    ) -> None:
        try:
            use_case.execute(order_id)
        except NoSuchOrderError as error:
            raise HTTPException(404, str(error)) from error

    return router
