"""The shop on HTTP: endpoints translate, use cases act, handlers react."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import select

from shop import database
from shop.customers.registration import RegisterCustomer
from shop.database import Sessions, Statistic
from shop.events import bus
from shop.journal import JournalMiddleware, journal
from shop.orders.placing import PlaceOrder, UnknownCustomerError
from shop.stock.board import board
from shop.stock.handlers import OutOfStockError
from typedbus import discover
from typedbus.adapters.fastapi import AfterResponseMiddleware


class NewCustomer(BaseModel):
    """The body of POST /customers."""

    name: str
    email: str


class NewOrder(BaseModel):
    """The body of POST /orders."""

    customer_id: int
    product: str
    pieces: int


@asynccontextmanager
async def closing_the_database(app: FastAPI) -> AsyncIterator[None]:
    """Let go of the database when the shop shuts down."""
    yield
    database.close()


def create_app() -> FastAPI:
    """Create the shop: the tables, the handlers and the endpoints."""
    database.create()
    board.read_again()
    discover("shop")
    app = FastAPI(title="shop", lifespan=closing_the_database)
    app.add_middleware(AfterResponseMiddleware)
    app.add_middleware(JournalMiddleware)
    register_customer, place_order = RegisterCustomer(bus), PlaceOrder(bus)

    @app.post("/customers", status_code=201)
    def post_customer(body: NewCustomer) -> dict[str, int]:
        return {"customer_id": register_customer.execute(body.name, body.email)}

    @app.post("/orders", status_code=201)
    def post_order(body: NewOrder) -> dict[str, int]:
        return {"order_id": place_order.execute(body.customer_id, body.product, body.pieces)}

    @app.get("/statistics")
    def get_statistics() -> dict[str, int]:
        with Sessions() as session:
            rows = session.scalars(select(Statistic).order_by(Statistic.event))
            return {row.event: row.times for row in rows}

    @app.get("/board")
    def get_board() -> dict[str, int]:
        return board.pieces

    @app.get("/journal/{request_id}")
    async def get_journal(request_id: str) -> dict[str, Any]:
        entry = journal.entry(request_id)
        await asyncio.wait_for(entry.finished.wait(), timeout=10)
        return {
            "response_sent_ms": entry.response_sent_ms,
            "transaction": entry.transaction,
            "published": [asdict(each) for each in entry.published],
            "runs": [asdict(each) for each in entry.runs],
        }

    @app.exception_handler(OutOfStockError)
    def refuse_order(request: Request, error: OutOfStockError) -> JSONResponse:
        return JSONResponse({"refused": f"out of stock: {error}"}, status_code=409)

    @app.exception_handler(UnknownCustomerError)
    def refuse_customer(request: Request, error: UnknownCustomerError) -> JSONResponse:
        return JSONResponse({"refused": f"no customer {error}"}, status_code=404)

    return app
