"""Shops whose messages go over a real broker, with real workers where a test needs them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from uuid import uuid4

import pytest
from kombu import Queue

from tests.adapters.celery.shop import Setting, Shop
from tests.adapters.celery.workers import WorkerProcess
from tests.servers.valkey import Valkey

Url: TypeAlias = str
MakeShop: TypeAlias = Callable[..., Shop]


@pytest.fixture(scope="session")
def valkey_here(valkey: Valkey) -> Url:
    """Where the Valkey of this run is; its keys have a prefix of each shop."""
    return valkey.url


@pytest.fixture(scope="module", params=["valkey", "rabbitmq"])
def broker(request: pytest.FixtureRequest) -> Url:
    """The URL of a broker: each test runs on both."""
    fixture = {"valkey": "valkey_here", "rabbitmq": "rabbitmq_url"}[request.param]
    return str(request.getfixturevalue(fixture))


class Served(NamedTuple):
    shop: Shop
    worker: WorkerProcess


@pytest.fixture(scope="module")
def served(
    broker: Url, valkey_here: Url, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """A shop whose worker runs, with a result backend."""
    folder = tmp_path_factory.mktemp("shop")
    setting = Setting(
        broker, f"typedbus-{uuid4().hex[:8]}", str(folder / "notes"), backend=valkey_here
    )
    shop = Shop(setting)
    with WorkerProcess(setting, folder / "worker.log", pool="prefork") as worker:
        yield Served(shop, worker)
    leave(shop)


@pytest.fixture
def make_shop(tmp_path: Path) -> Iterator[MakeShop]:
    """Makes shops without a worker, each with queues of its own."""
    made: list[Shop] = []

    def make(
        broker: Url,
        *,
        visibility: float = 3600,
        timeout: float = 3,
        prefix: str = "",
        **options: Any,
    ) -> Shop:
        # Any: options of the delivery that the test is about.
        prefix = prefix or f"typedbus-{uuid4().hex[:8]}"
        notes = str(tmp_path / prefix)
        setting = Setting(broker, prefix, notes, visibility=visibility, timeout=timeout)
        made.append(Shop(setting, **options))
        return made[-1]

    yield make
    for shop in made:
        leave(shop)


def leave(shop: Shop) -> None:
    """Leave no connection, and no queue on the RabbitMQ of the machine."""
    shop.tasks.close()
    shop.app.close()
    if shop.setting.is_lasting:
        with shop.app.connection_for_write() as connection:
            for kind in ("tasks", "dead"):
                Queue(f"{shop.setting.prefix}-{kind}", channel=connection.channel()).delete()
