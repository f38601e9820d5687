"""The context of the publisher is there when an after-commit handler runs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session

from tests.adapters.sqlalchemy.shop import InvoiceSent, Order, OrderPlaced, Shop
from typedbus import AsyncBus, context, current_context, current_envelope, tenant_scope
from typedbus.adapters.sqlalchemy import after_commit, introduce


def test_handlers_see_the_context_of_the_publisher(shop: Shop) -> None:
    """Correlation, tenant and trace; by the commit it was left."""
    seen = list[object]()

    @shop.bus.on(OrderPlaced, via=after_commit)
    def handle(event: OrderPlaced) -> None:
        envelope = current_envelope()
        seen.append((envelope.correlation_id, envelope.tenant, envelope.headers["traceparent"]))
        seen.append(current_context().tenant)

    def work(session: Session) -> None:
        session.begin()
        headers = {"traceparent": "00-1"}
        with context(correlation_id="request-1", headers=headers), tenant_scope("acme"):
            shop.bus.publish(OrderPlaced(order_id=1))
        session.commit()

    shop.work(work)

    assert seen == [("request-1", "acme", "00-1"), "acme"]


def test_what_a_handler_publishes_is_caused_by_its_event(shop: Shop) -> None:
    """A chain of causes with one correlation id."""
    ids = dict[str, tuple[str, str | None, str]]()

    def keep(what: str) -> None:
        envelope = current_envelope()
        ids[what] = (envelope.id, envelope.causation_id, envelope.correlation_id)

    @shop.bus.on(OrderPlaced, via=after_commit)
    def invoice(event: OrderPlaced) -> None:
        keep("placed")
        shop.bus.publish(InvoiceSent(order_id=event.order_id))

    @shop.bus.on(InvoiceSent, via=after_commit)
    def file_invoice(event: InvoiceSent) -> None:
        keep("sent")

    def work(session: Session) -> None:
        shop.place(session, 1)
        session.commit()

    shop.work(work)

    placed, sent = ids["placed"], ids["sent"]
    assert sent == (sent[0], placed[0], placed[0])


@pytest.mark.parametrize("order_id", [1, 2, 3])
def test_a_request_delivers_what_its_session_committed(sync_shop: Shop, order_id: int) -> None:
    """FastAPI with an async session dependency: committed before the response, or not at all."""
    bus, log = AsyncBus(), sync_shop.log
    engine = create_async_engine(sync_shop.database.async_url)
    sessions = introduce(async_sessionmaker(engine))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await engine.dispose()

    async def opened() -> AsyncIterator[AsyncSession]:
        async with sessions.begin() as session:
            yield session

    @bus.on(OrderPlaced, via=after_commit)
    async def handle(event: OrderPlaced) -> None:
        async with sessions() as session:
            order = await session.get_one(Order, event.order_id)
            log.append(f"handled {order.id} for {current_context().tenant}")

    app = FastAPI(lifespan=lifespan)

    @app.post("/orders/{order_id}")
    async def place_order(
        order_id: int, session: Annotated[AsyncSession, Depends(opened, scope="function")]
    ) -> None:
        session.add(Order(id=order_id))
        with tenant_scope("acme"):
            await bus.publish(OrderPlaced(order_id=order_id))
        log.append("published")
        if order_id == 2:
            raise RuntimeError
        if order_id == 3:
            session.add(Order(id=1))

    with sync_shop.sessions.begin() as session:
        session.add(Order(id=10)) if order_id != 3 else session.add(Order(id=1))
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.post(f"/orders/{order_id}")

    if order_id == 1:
        assert answer.status_code == 200
        assert log == ["published", "handled 1 for acme"]
    else:
        assert answer.status_code == 500
        assert log == ["published"]
