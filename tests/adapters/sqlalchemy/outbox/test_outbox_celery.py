"""Handing over to Celery, tracked: real workers on Valkey, killed and forgetful."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.adapters.celery import launch
from tests.adapters.sqlalchemy.outbox.celery_kiosk import (
    BROKER,
    DATABASE,
    FAILS_ONCE,
    HANGS_ONCE,
    QUEUE,
    CeleryKiosk,
)
from tests.adapters.sqlalchemy.outbox.kiosk import Sale, Sold

ROOT = Path(__file__).parents[4]
RELAY = """
import sys
from tests.adapters.sqlalchemy.outbox.celery_kiosk import CeleryKiosk
CeleryKiosk(*sys.argv[1:]).outbox.run_relay()
"""


class Workers:
    """Celery workers, each in a process group of its own."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._environment = environment
        self._log = log
        self._processes = list[subprocess.Popen[bytes]]()

    def start(self) -> None:
        """Start one more."""
        number = len(self._processes)
        log = self._log.with_suffix(f".{number}")
        with log.open("wb") as file:
            process = subprocess.Popen(
                [
                    *(sys.executable, launch.__file__),
                    *("-A", "tests.adapters.sqlalchemy.outbox.celery_kiosk", "worker"),
                    *("-l", "INFO", "-P", "solo", "--without-gossip", "--without-mingle"),
                    *("--without-heartbeat", "-n", f"w{number}@{self._environment[QUEUE]}"),
                ],
                cwd=ROOT,
                env={**os.environ, **self._environment, "PYTHONPATH": f"{ROOT}/src"},
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes.append(process)
        until(lambda: " ready." in log.read_text("utf-8") or process.poll() is not None)
        assert process.poll() is None, log.read_text("utf-8")

    def kill(self) -> None:
        """Kill all of them, as a machine that goes down does."""
        for process in self._processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def until(condition: Callable[[], bool], within: float = 40) -> None:
    """Return when *condition* holds."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture
def kiosk(postgres_url: str, valkey_url: str) -> Iterator[CeleryKiosk]:
    """A kiosk on PostgreSQL, its broker on Valkey."""
    kiosk = CeleryKiosk(postgres_url, valkey_url, f"kiosk{uuid4().hex[:8]}")
    kiosk.make_tables()
    try:
        yield kiosk
    finally:
        kiosk.close()


@pytest.fixture
def workers(
    kiosk: CeleryKiosk, postgres_url: str, valkey_url: str, tmp_path: Path
) -> Iterator[Workers]:
    """Its workers, none yet."""
    queue = kiosk.app.conf.task_default_queue
    workers = Workers(
        {DATABASE: postgres_url, BROKER: valkey_url, QUEUE: queue}, tmp_path / "worker"
    )
    try:
        yield workers
    finally:
        workers.kill()


@contextmanager
def relay(kiosk: CeleryKiosk) -> Iterator[None]:
    """Run a relay in a process of its own."""
    bind = kiosk.engine.url.render_as_string(hide_password=False)
    broker, queue = kiosk.app.conf.broker_url, kiosk.app.conf.task_default_queue
    process = subprocess.Popen(
        [
            *(sys.executable, "-c"),
            RELAY,
            *(bind, broker, queue),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}/src:{ROOT}"},
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def sell(kiosk: CeleryKiosk, *numbers: int, key: str) -> None:
    """Publish in a transaction of its own."""
    with kiosk.sessions.begin():
        for number in numbers:
            kiosk.bus.publish(Sold(number=number, text=key))


def sales(kiosk: CeleryKiosk) -> list[int]:
    """Return what was billed, in the order of the rows' writing."""
    with kiosk.engine.connect() as connection:
        return list(connection.scalars(select(Sale.id).where(Sale.id > 0).order_by(Sale.id)))


def begun(kiosk: CeleryKiosk, number: int) -> bool:
    """Say whether a worker has begun with *number*."""
    with kiosk.engine.connect() as connection:
        return connection.scalar(select(Sale.id).where(Sale.id == -number)) is not None


def owed(kiosk: CeleryKiosk) -> int:
    """Return how much is owed."""
    tables = kiosk.outbox.tables
    with kiosk.engine.connect() as connection:
        return sum(
            len(connection.execute(select(table.c.id)).all())
            for table in (tables.pending, tables.delivery)
        )


def test_two_workers_bill_each_sale_once(kiosk: CeleryKiosk, workers: Workers) -> None:
    """One that fails at first is tried again by the outbox."""
    workers.start()
    workers.start()
    with relay(kiosk):
        for first, key in ((10, "a"), (20, "b"), (30, "c")):
            sell(kiosk, first, first + 1, key=key)
        sell(kiosk, FAILS_ONCE, 3, key="d")
        until(lambda: len(sales(kiosk)) == 8 and owed(kiosk) == 0)

    assert kiosk.tasks.dead_letters() == []


def test_what_a_killed_worker_had_is_sent_again(kiosk: CeleryKiosk, workers: Workers) -> None:
    """`kill -9` in the middle of a handler: after `resend_after` another worker does it, once."""
    workers.start()
    with relay(kiosk):
        sell(kiosk, HANGS_ONCE, 7, key="a")
        until(lambda: begun(kiosk, HANGS_ONCE))
        workers.kill()
        workers.start()
        until(lambda: owed(kiosk) == 0)

    assert sales(kiosk) == [7, HANGS_ONCE]


def test_what_a_broker_forgot_is_sent_again(kiosk: CeleryKiosk, workers: Workers) -> None:
    """The obligation is in the outbox, not in the queue."""
    with relay(kiosk):
        sell(kiosk, 1, 2, key="a")
        with kiosk.app.connection_for_write() as connection:
            channel = connection.default_channel
            queue = kiosk.app.conf.task_default_queue
            until(lambda: channel._size(queue) > 0)  # type: ignore[attr-defined]  # noqa: SLF001 - of Valkey
            channel._purge(queue)  # type: ignore[attr-defined]  # noqa: SLF001 - as a broker that forgets
        workers.start()
        until(lambda: owed(kiosk) == 0)

    assert sales(kiosk) == [1, 2]
