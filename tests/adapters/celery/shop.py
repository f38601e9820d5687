"""A shop whose handlers run in Celery workers, as the publisher and the worker both see it."""

import json
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import redis
from celery import Celery

from typedbus import Bus, Event, current_context, current_envelope, event
from typedbus.adapters.celery import CeleryDelivery
from typedbus.core.retries import Backoff


class ShopEvent(Event): ...


@event(name="shop.invoice.approved", version=1, aliases=["shop.invoice.signed"])
class InvoiceApproved(ShopEvent):
    invoice: str


@event(name="shop.email.sent", version=1)
class EmailSent(ShopEvent):
    invoice: str


@event(name="shop.payment.taken", version=1)
class PaymentTaken(ShopEvent):
    how: str


class NotPayableError(Exception):
    """Trying again cannot help."""


NOWHERE = "typedbus-nowhere"
"""The prefix of a shop whose broker is none."""


@dataclass(frozen=True)
class Setting:
    """What the publisher and the worker of one test agree on."""

    broker: str
    prefix: str
    """What keeps the queues of one test apart from those of another."""
    notes: str
    """The file that handlers write what they see into."""
    backend: str | None = None
    visibility: float = 3600
    timeout: float = 3

    @property
    def is_lasting(self) -> bool:
        """Whether the broker outlives the tests: the RabbitMQ of the machine does."""
        return self.broker.startswith("amqp") and self.prefix != NOWHERE

    @property
    def environment(self) -> dict[str, str]:
        """The variables that tell a worker program of it."""
        return {"SHOP": json.dumps(asdict(self))}

    @classmethod
    def told(cls) -> "Setting":
        """Return what the environment of this process tells."""
        return cls(**json.loads(os.environ["SHOP"]))

    def app(self) -> Celery:
        """Return an application that is set up so."""
        app = Celery("shop", broker=self.broker, backend=self.backend, set_as_current=False)
        app.conf.task_default_queue = f"{self.prefix}-tasks"
        app.conf.worker_hijack_root_logger = False
        app.conf.broker_connection_retry_on_startup = True
        if self.broker.startswith("redis"):
            app.conf.broker_transport_options = {
                "global_keyprefix": self.prefix,
                "visibility_timeout": self.visibility,
                "unacked_restore_interval": 0.05,
            }
        return app

    def delivery(self, app: Celery, **options: Any) -> CeleryDelivery:
        """Return the delivery through *app*, with a queue of its own for dead letters."""
        # Any: whatever the test is about.
        options = {"timeout": timedelta(seconds=self.timeout), **options}
        return CeleryDelivery(app, dead_letters=f"{self.prefix}-dead", **options)


class Notes:
    """A file that handlers in several processes write what they see into."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)

    def write(self, handler: str, **seen: object) -> None:
        """Add a line; whole, whoever else writes."""
        line = json.dumps({"handler": handler, "pid": os.getpid(), **seen}) + "\n"
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line)

    def read(self, handler: str, event_id: str = "") -> list[dict[str, Any]]:
        """Return what *handler* saw, of one event or of all."""
        # Any: a line is whatever the handler wrote.
        if not self._path.exists():
            return []
        lines = map(json.loads, self._path.read_text("utf-8").splitlines())
        return [
            line for line in lines if line["handler"] == handler and event_id in ("", line["id"])
        ]


def context_here() -> Mapping[str, str | None]:
    """Return what travelled with the event that is being handled here."""
    envelope = current_envelope()
    return {
        "id": envelope.id,
        "correlation": envelope.correlation_id,
        "causation": envelope.causation_id,
        "tenant": current_context().tenant,
        "trace": envelope.headers.get("traceparent"),
    }


def silence(broker: str, span: timedelta) -> None:
    """Let a Valkey answer nobody who wants to change anything, for *span*."""
    with redis.Redis.from_url(broker) as client:
        client.execute_command("CLIENT", "PAUSE", round(span.total_seconds() * 1000), "WRITE")


SOON = Backoff(tries=3, first=timedelta(milliseconds=20))


class Shop:
    """The bus of the shop, with the handlers that run in a worker."""

    def __init__(self, setting: Setting, **options: Any) -> None:
        # Any: whatever the test is about.
        self.setting = setting
        self.notes = Notes(setting.notes)
        self.app = setting.app()
        self.tasks = setting.delivery(self.app, **options)
        self.bus = Bus(ShopEvent)
        self._subscribe()

    @property
    def mended(self) -> Path:
        """The file that is there once the handler that fails is mended."""
        return Path(f"{self.setting.notes}.mended")

    def _subscribe(self) -> None:
        tasks, bus, notes = self.tasks, self.bus, self.notes

        @bus.on(InvoiceApproved, via=tasks.deliver("accounting.email", retry=SOON))
        def email(event: InvoiceApproved) -> None:
            task = self.app.current_task
            headers = None if task is None else task.request.headers
            lost = (headers or {}).get("typedbus-lost")
            notes.write("email", invoice=event.invoice, lost=lost, **context_here())
            bus.publish(EmailSent(invoice=event.invoice))

        @bus.on(EmailSent, via=tasks.deliver("accounting.archive", retry=SOON))
        async def archive(event: EmailSent) -> None:
            notes.write("archive", invoice=event.invoice, **context_here())

        @bus.on(PaymentTaken, via=tasks.deliver("ledger.count"))
        def count(event: PaymentTaken) -> None:
            notes.write("count", how=event.how, **context_here())

        @bus.on(
            PaymentTaken,
            via=tasks.deliver("ledger.book", retry=SOON, give_up_on=(NotPayableError,)),
        )
        def book(event: PaymentTaken) -> None:
            notes.write("book", how=event.how, **context_here())
            tries = len(notes.read("book", current_envelope().id))
            match event.how:
                case "fails twice" if tries < 3:
                    raise ValueError("the ledger is open elsewhere")
                case "fails until mended" if not self.mended.exists():
                    raise ValueError("the ledger is torn")
                case "is not payable":
                    raise NotPayableError("no such account")
                case "kills its process once" if tries < 2:
                    os.kill(os.getpid(), signal.SIGKILL)
                case "takes long once" if tries < 2:
                    time.sleep(60)
                case "silences the broker once" if tries < 2:
                    silence(self.setting.broker, timedelta(seconds=1.5))
                    raise ValueError("the broker is silent now")
                case _:
                    pass
            notes.write("booked", how=event.how, **context_here())
