"""The way to the broker: connections of our own, which answer within a bound or are given up."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from kombu import Producer
from kombu.exceptions import LimitExceeded, OperationalError
from kombu.pools import ProducerPool

if TYPE_CHECKING:
    from celery import Celery
    from kombu import Connection

_AMQP: Final = frozenset({"amqp", "amqps", "pyamqp", "pyamqps"})
_REDIS: Final = frozenset({"redis", "rediss", "sentinel", "valkey", "valkeys"})


class BrokerFailedError(Exception):
    """The broker did not take or give a message; the cause is what Kombu raised."""


class Broker:
    """Lends producers that are connected to the broker of *app*, from a pool for each process.

    The connections are not those of the app, whose configuration stays as it is: they wait
    *timeout* for each answer, and RabbitMQ confirms what they publish, so that a message it
    refuses is an error and not silence.
    """

    def __init__(self, app: Celery, timeout: timedelta) -> None:
        self._app = app
        self._seconds = timeout.total_seconds()
        self._lock = Lock()
        self._pid = 0
        self._pool: ProducerPool | None = None

    @property
    def publishing(self) -> dict[str, Any]:
        """What a publish is told: one more try, at once, on a new connection; then it fails.

        A connection that was lost while nobody used it shows only when it is used again.
        """
        # Any: options of several types, which Kombu takes as keywords.
        return {
            "retry": True,
            "retry_policy": {
                "max_retries": 1,
                "interval_start": 0,
                "interval_step": 0,
                "interval_max": 0,
            },
            "timeout": self._seconds,
            "confirm_timeout": self._seconds,
        }

    @contextmanager
    def producer(self) -> Iterator[Producer]:
        """Lend a producer; raises `BrokerFailedError` for what the broker is to blame for."""
        pool = self._pool_of_this_process()
        blaming = _blaming(pool.connections.connection)
        with blaming, pool.acquire(block=True, timeout=self._seconds) as producer:
            yield producer

    @contextmanager
    def own_producer(self) -> Iterator[Producer]:
        """Make a producer on a connection that nobody else has; raises as `producer` does."""
        with self._connection() as connection, _blaming(connection):
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
            yield Producer(connection, auto_declare=False)

    def close(self) -> None:
        """Close what this process has opened; whoever comes next opens it again."""
        with self._lock:
            pool, self._pool = self._pool, None
            if pool is not None and self._pid == os.getpid():
                pool.connections.force_close_all()

    def _pool_of_this_process(self) -> ProducerPool:
        if self._pool is not None and self._pid == os.getpid():
            return self._pool
        with self._lock:
            # A connection that came over a fork is the parent's. It is let go of, not closed:
            # closing would say goodbye to the broker in the parent's name.
            if self._pool is None or self._pid != os.getpid():
                limit = self._app.conf.broker_pool_limit or 10
                self._pool = ProducerPool(self._connection().Pool(limit), limit=limit)
                self._pid = os.getpid()
            return self._pool

    def _connection(self) -> Connection:
        seconds = self._seconds
        known = self._app.connection_for_write()
        options: dict[str, object] = {}
        match known.transport_cls:
            case str(transport) if transport in _AMQP:
                options = {
                    "confirm_publish": True,
                    "read_timeout": seconds,
                    "write_timeout": seconds,
                }
            case str(transport) if transport in _REDIS:
                options = {"socket_timeout": seconds, "socket_connect_timeout": seconds}
            case _:
                pass  # in memory, or one whose options we do not know
        return self._app.connection_for_write(connect_timeout=seconds, transport_options=options)


@contextmanager
def _blaming(connection: Connection) -> Iterator[None]:
    errors = (*connection.connection_errors, *connection.channel_errors)
    # Kombu counts a KeyError as an error of Redis; it may as well be the name of a queue.
    theirs: list[type[BaseException]] = [error for error in errors if error is not KeyError]
    to_blame: tuple[type[BaseException], ...] = (OperationalError, LimitExceeded, OSError, *theirs)
    try:
        yield
    except to_blame as error:
        raise BrokerFailedError(f"{connection.as_uri()}: {error!r}") from error
