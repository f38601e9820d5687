"""Queues that bring events to handlers, each set as its documentation says it is fastest."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import asdict
from threading import Thread
from typing import Any

from sqlalchemy import make_url

from benchmarks.outbox.contenders import Contender
from benchmarks.outbox.counted import Counted
from benchmarks.outbox.databases import POSTGRESQL
from benchmarks.outbox.orders import orders

CELERY = "Valkey"
_NAME = "benchmark"
_PGQUEUER_BATCH = 500
_AT_A_TIME = 500


def contenders() -> list[Contender]:
    """Return the queues, whether they are installed or not."""
    return [
        Contender(
            name=f"pgqueuer, batches of {_PGQUEUER_BATCH}",
            kind=POSTGRESQL,
            events=8_000,
            prepare=lambda url: asyncio.run(_prepare_pgqueuer(url)),
            fill=lambda url, number: asyncio.run(_fill_pgqueuer(url, number)),
            work=_work_pgqueuer,
            owed="SELECT count(*) FROM pgqueuer",
            distribution="pgqueuer",
        ),
        Contender(
            name="procrastinate, ten at a time",
            kind=POSTGRESQL,
            events=400,
            prepare=lambda url: asyncio.run(_prepare_procrastinate(url)),
            fill=lambda url, number: asyncio.run(_fill_procrastinate(url, number)),
            work=lambda url, counted: asyncio.run(_work_procrastinate(url, counted)),
            owed="SELECT count(*) FROM procrastinate_jobs",
            distribution="procrastinate",
        ),
        Contender(
            name="Celery, solo",
            kind=CELERY,
            events=800,
            prepare=lambda url: None,
            fill=_fill_celery,
            work=_work_celery,
            distribution="celery",
        ),
    ]


async def _pgqueuer_connection(url: str) -> Any:
    import asyncpg  # type: ignore[import-untyped]  # it has no types

    parts = make_url(url)
    return await asyncpg.connect(
        host=str(parts.query["host"]),
        port=int(str(parts.query["port"])),
        user=parts.username,
        database=parts.database,
    )


async def _prepare_pgqueuer(url: str) -> None:
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries

    connection = await _pgqueuer_connection(url)
    await Queries(AsyncpgDriver(connection)).install()
    await connection.close()


async def _fill_pgqueuer(url: str, number: int) -> None:
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.queries import Queries

    connection = await _pgqueuer_connection(url)
    queries = Queries(AsyncpgDriver(connection))
    bodies: list[bytes | None] = [_body(order).encode() for order in orders(number)]
    for at in range(0, number, _AT_A_TIME):
        some = bodies[at : at + _AT_A_TIME]
        await queries.enqueue([_NAME] * len(some), some, [0] * len(some))
    await connection.close()


def _work_pgqueuer(url: str, counted: Counted) -> None:
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_run_pgqueuer(url, counted))


async def _run_pgqueuer(url: str, counted: Counted) -> None:
    from pgqueuer import PgQueuer
    from pgqueuer.db import AsyncpgDriver
    from pgqueuer.models import Job
    from pgqueuer.types import QueueExecutionMode

    queuer = PgQueuer(AsyncpgDriver(await _pgqueuer_connection(url)))

    @queuer.entrypoint(_NAME)
    async def handle(job: Job) -> None:
        json.loads(job.payload or b"")
        counted.call()

    await queuer.qm.run(batch_size=_PGQUEUER_BATCH, mode=QueueExecutionMode.drain)


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's, which pgqueuer brings along and takes for its own runs."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _procrastinate(url: str, counted: Counted | None = None) -> tuple[Any, Any]:
    from procrastinate import App, PsycopgConnector

    parts = make_url(url)
    app = App(
        connector=PsycopgConnector(
            kwargs={
                "host": parts.query["host"],
                "port": parts.query["port"],
                "user": parts.username,
                "dbname": parts.database,
            },
        )
    )

    @app.task(name=_NAME)
    async def handle(**order: object) -> None:
        if counted:
            counted.call()

    return app, handle


async def _prepare_procrastinate(url: str) -> None:
    app, _ = _procrastinate(url)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


async def _fill_procrastinate(url: str, number: int) -> None:
    app, task = _procrastinate(url)
    async with app.open_async():
        await task.batch_defer_async(*(asdict(order) for order in orders(number)))


async def _work_procrastinate(url: str, counted: Counted) -> None:
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    app, _ = _procrastinate(url, counted)
    async with app.open_async():
        await app.run_worker_async(
            concurrency=10, wait=False, delete_jobs="always", install_signal_handlers=False
        )


def _celery(url: str) -> tuple[Any, Any]:
    from celery import Celery

    app = Celery(_NAME, broker=url, set_as_current=False)
    app.conf.update(
        task_ignore_result=True,
        worker_prefetch_multiplier=64,
        worker_hijack_root_logger=False,
    )

    @app.task(name=_NAME)
    def handle(**order: object) -> None:
        if calls := app.__dict__.get("counted"):
            calls.call()

    return app, handle


def _fill_celery(url: str, number: int) -> None:
    app, task = _celery(url)
    with app.producer_pool.acquire(block=True) as producer:
        for order in orders(number):
            task.apply_async(kwargs=asdict(order), producer=producer)
    app.close()


def _work_celery(url: str, counted: Counted) -> None:
    app, _ = _celery(url)
    app.__dict__["counted"] = counted
    worker = app.Worker(
        pool="solo",
        loglevel="ERROR",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        send_events=False,
    )
    # It ends its process when it is stopped, so it is left when this one has answered.
    Thread(target=worker.start, daemon=True).start()
    counted.over.wait()


def _body(order: Any) -> str:
    return json.dumps(asdict(order))
