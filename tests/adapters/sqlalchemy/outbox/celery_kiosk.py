"""The program of a Celery worker that an outbox hands over to, and of who publishes for it."""

from __future__ import annotations

import os
import time
from datetime import timedelta

from celery import Celery
from sqlalchemy import MetaData, create_engine
from sqlalchemy.orm import sessionmaker

from tests.adapters.sqlalchemy.outbox.kiosk import Base, Sale, Sold
from typedbus import Backoff, Bus
from typedbus.adapters.celery import CeleryDelivery
from typedbus.adapters.sqlalchemy import Outbox, transaction
from typedbus.core.deliveries import DeliveryFor

DATABASE, BROKER, QUEUE = "KIOSK_DATABASE", "KIOSK_BROKER", "KIOSK_QUEUE"
FAILS_ONCE, HANGS_ONCE = 500, 900


class CeleryKiosk:
    """A kiosk whose sales are billed in Celery workers."""

    def __init__(self, database: str, broker: str, queue: str) -> None:
        self.engine = create_engine(database)
        self.sessions = sessionmaker(self.engine)
        self.outbox = Outbox(self.sessions, MetaData())
        self.bus = Bus()
        self.app = Celery("kiosk", broker=broker)
        self.app.conf.update(
            task_default_queue=queue,
            worker_hijack_root_logger=False,
            broker_connection_retry_on_startup=True,
            worker_prefetch_multiplier=1,
        )
        self.tasks = CeleryDelivery(self.app, dead_letters=f"{queue}.dead")
        durable: DeliveryFor[Sold] = self.outbox.durable(
            "billing",
            key=lambda e: e.text,
            to=self.tasks,
            retry=Backoff(tries=3, first=timedelta(milliseconds=10)),
            resend_after=timedelta(seconds=2),
        )
        self.bus.subscribe(Sold, durable(self.bill))

    def make_tables(self) -> None:
        """Make the tables anew."""
        self.outbox.tables.metadata.drop_all(self.engine)
        Base.metadata.drop_all(self.engine)
        self.outbox.create_tables()
        Base.metadata.create_all(self.engine)

    def bill(self, event: Sold) -> None:
        """Write what was sold; some numbers fail, or hang, at their first call."""
        with self.sessions.begin() as session:
            first = session.get(Sale, -event.number) is None
            if first:
                session.add(Sale(-event.number))
        if first and event.number >= HANGS_ONCE:
            time.sleep(60)
        with transaction(self.sessions) as session:
            session.add(Sale(event.number))
            session.flush()
            if first and event.number >= FAILS_ONCE:
                raise LookupError("no printer")

    def close(self) -> None:
        """Close all connections."""
        self.tasks.close()
        self.app.close()
        self.engine.dispose()


if DATABASE in os.environ:
    app = CeleryKiosk(os.environ[DATABASE], os.environ[BROKER], os.environ[QUEUE]).app
