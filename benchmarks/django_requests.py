"""Requests that write one row through Django's ORM."""

from collections.abc import Callable
from functools import partial

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


def requests(url: str) -> Requests:
    """Return the requests; Celery's broker is at *url*. Sets Django up, for this process."""
    from django.db import transaction

    _set_up()
    app = celery_app(url)
    mail = app.task(name="by_hand.email")(email)

    def invalidate(invoice_id: int) -> None:
        transaction.on_commit(partial(invalidate_cache, approved(invoice_id)), robust=True)

    def invalidate_and_mail(invoice_id: int) -> None:
        invalidate(invoice_id)
        payload = {"invoice_id": invoice_id, "customer": "Ada", "total": "1500.00"}
        transaction.on_commit(partial(mail.delay, payload), robust=True)

    return Requests(
        alone=_request(lambda invoice_id: None),
        commit_by_hand=_request(invalidate),
        commit=_request(_publishing(_bus())),
        celery_by_hand=_request(invalidate_and_mail),
        celery=_request(_publishing(_bus(CeleryDelivery(app)))),
    )


def _set_up() -> None:
    import django
    from django.conf import settings
    from django.db import connection

    if not settings.configured:
        settings.configure(
            INSTALLED_APPS=["django.contrib.contenttypes", "typedbus.adapters.django"],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        )
        django.setup()
    from django.contrib.contenttypes.models import ContentType

    if ContentType._meta.db_table not in connection.introspection.table_names():  # noqa: SLF001 - Django's documented Meta API
        with connection.schema_editor() as editor:
            editor.create_model(ContentType)


def _request(publish: Callable[[int], None]) -> Callable[[], None]:
    from django.contrib.contenttypes.models import ContentType
    from django.db import transaction

    numbers = iter(range(1 << 60))

    def request() -> None:
        with transaction.atomic():
            row = ContentType.objects.create(app_label=f"{id(request)}", model=f"{next(numbers)}")
            publish(row.pk)

    return request


def _publishing(bus: Bus[BillingEvent]) -> Callable[[int], None]:
    return lambda invoice_id: bus.publish(approved(invoice_id))


def _bus(tasks: CeleryDelivery | None = None) -> Bus[BillingEvent]:
    from typedbus.adapters.django import after_commit

    bus = Bus(BillingEvent)
    bus.on(InvoiceApproved, via=after_commit)(invalidate_cache)
    if tasks is not None:
        bus.on(InvoiceApproved, via=tasks.deliver("benchmark.email"))(email)
    return bus
