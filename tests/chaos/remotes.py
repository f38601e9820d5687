"""Scenarios: handlers in Celery workers, which are killed, and a broker that forgets."""

from __future__ import annotations

from typing import Any, Final, Self

from tests.chaos.actors import Actor
from tests.chaos.checker import Promises
from tests.chaos.run import Run
from tests.chaos.usual import ORDERS, USUAL, keep_relays
from tests.servers.valkey import Valkey

_HANDLERS: Final = ("table", "remote")


def worker_killed_in_its_transaction(run: Run) -> Promises:
    """A worker is killed while its handler has written and not committed."""
    with _Broker() as broker:
        told: dict[str, Any] = {"handlers": _HANDLERS, "broker": broker.url}  # Any: what `Told` has
        keep_relays(run, 1, **told)
        first = _worker(run, "worker-1", **told, acts={"remote:inside:k1:3": "kill*1"})

        run.produce(ORDERS, **told)
        run.wait_for_end(first)
        run.did("kill", "worker-1")
        _worker(run, "worker-2", **told)
        run.drain()

    return USUAL


def broker_forgets_everything(run: Run) -> Promises:
    """The broker loses what it was given: what is owed is sent again."""
    with _Broker() as broker:
        told: dict[str, Any] = {"handlers": _HANDLERS, "broker": broker.url}  # Any: what `Told` has
        keep_relays(run, 1, **told)

        run.produce(ORDERS // 2, **told)
        run.wait_until(lambda: run.traces.states().get("sent", 0) > 0, "something was sent")
        broker.stop()
        run.did("stop", "broker")
        broker.start()
        _worker(run, "worker-1", **told)
        run.drain()

    return USUAL


class _Broker(Valkey):
    """A broker of this run."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _worker(run: Run, name: str, **told: Any) -> Actor:  # Any: what `Told` has
    return run.start("tests.chaos.working", [], run.told(name, **told))
