"""Requests that write one row through Django's ORM."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.billing import (
    BillingEvent,
    InvoiceApproved,
    Requests,
    approved,
    celery_app,
    email,
    invalidate_cache,
)
from typedbus import Bus
from typedbus.adapters.celery import CeleryDelivery


def requests(url: str, file: Path | None) -> Requests:
    """Return the requests; Celery's broker is at *url*, the rows in *file* or in memory.

    Sets Django up, for this process.
    """
    from django.db import transaction

    database = _set_up(file)
    app = celery_app(url)
    mail = app.task(name="by_hand.email")(email)

    def invalidate(invoice_id: int) -> None:
        transaction.on_commit(
            partial(invalidate_cache, approved(invoice_id)), database, robust=True
        )

    def invalidate_and_mail(invoice_id: int) -> None:
        invalidate(invoice_id)
        payload = {"invoice_id": invoice_id, "customer": "Ada", "total": "1500.00"}
        transaction.on_commit(partial(mail.delay, payload), database, robust=True)

    return Requests(
        alone=_request(database, lambda invoice_id: None),
        commit_by_hand=_request(database, invalidate),
        commit=_request(database, _publishing(_bus(database))),
        celery_by_hand=_request(database, invalidate_and_mail),
        celery=_request(database, _publishing(_bus(database, CeleryDelivery(app)))),
    )


def _set_up(file: Path | None) -> str:
    """Return the alias of the database in *file*, or of the one in memory."""
    import django
    from django.conf import settings
    from django.db import connections

    alias = "file" if file else "default"
    if not settings.configured:
        memory = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        settings.configure(
            INSTALLED_APPS=["django.contrib.contenttypes", "typedbus.adapters.django"],
            DATABASES={"default": memory, "file": {**memory}},
            DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        )
        django.setup()
    from django.contrib.contenttypes.models import ContentType

    connection = connections[alias]
    connection.close()
    connection.settings_dict["NAME"] = str(file or ":memory:")
    with connection.schema_editor() as editor:
        editor.create_model(ContentType)
    return alias


def _request(database: str, publish: Callable[[int], None]) -> Callable[[], None]:
    from django.contrib.contenttypes.models import ContentType
    from django.db import transaction

    rows = ContentType.objects.using(database)
    numbers = iter(range(1 << 60))

    def request() -> None:
        with transaction.atomic(database):
            row = rows.create(app_label=f"{id(request)}", model=f"{next(numbers)}")
            publish(row.pk)

    return request


def _publishing(bus: Bus[BillingEvent]) -> Callable[[int], None]:
    return lambda invoice_id: bus.publish(approved(invoice_id))


def _bus(database: str, tasks: CeleryDelivery | None = None) -> Bus[BillingEvent]:
    from typedbus.adapters.django import after_commit

    bus = Bus(BillingEvent)
    bus.on(InvoiceApproved, via=after_commit(using=database))(invalidate_cache)
    if tasks is not None:
        bus.on(InvoiceApproved, via=tasks.deliver("benchmark.email"))(email)
    return bus
